package io.nsjob.internal.plan;

import io.nsjob.JobSpec;
import io.nsjob.LandlockMode;
import io.nsjob.Profile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The job's Landlock ruleset: what its mounts say, said once more to another part of the kernel. */
final class LandlockPlan {
    private static final long EXECUTE = 1;
    private static final long WRITE_FILE = 1 << 1;
    private static final long READ_FILE = 1 << 2;
    private static final long READ_DIR = 1 << 3;
    private static final long TRUNCATE = 1 << 14;
    private static final long IOCTL_DEV = 1 << 15;
    /** Every right of ABI 5; the helper leaves out what the kernel does not know. */
    private static final long ALL = (1 << 16) - 1;
    private static final long READ = EXECUTE | READ_FILE | READ_DIR;
    /** Abstract unix sockets and signals, since ABI 6. */
    private static final long SCOPES = 3;
    /** ABI 1 refuses every rename from one directory to another. */
    private static final int MINIMUM_ABI = 2;
    private static final int SCOPES_ABI = 6;

    private LandlockPlan() {
    }

    static LandlockMode choice(JobSpec spec) {
        return spec.landlock().orElse(spec.profile() == Profile.BARE ? LandlockMode.OFF : LandlockMode.AUTO);
    }

    /** Under Landlock nobody mounts anything: who may mount is not put under it unasked. */
    private static boolean wanted(JobSpec spec) {
        return switch (choice(spec)) {
            case OFF -> false;
            case REQUIRED -> true;
            default -> SeccompPlan.noNewPrivileges(spec) && !NestingPlan.mayMount(spec);
        };
    }

    /**
     * Makes the ruleset.
     *
     * @param spec what to run
     * @param mounts the steps that make its file tree
     * @return the plan's field; empty where there is none
     */
    static Optional<Map<String, Object>> of(JobSpec spec, List<Map<String, Object>> mounts) {
        if (!wanted(spec)) {
            return Optional.empty();
        }
        // Where the whole tree of the host is there for writing, its owners and modes decide.
        boolean files = false;
        for (Map<String, Object> step : mounts) {
            files |= "pivot".equals(step.get("op"));
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("handled", files ? ALL : 0);
        tree.put("scoped", SCOPES);
        tree.put("minimumAbi", files ? MINIMUM_ABI : SCOPES_ABI);
        tree.put("required", choice(spec) == LandlockMode.REQUIRED);
        tree.put("rules", files ? rules(mounts) : List.of());
        return Optional.of(tree);
    }

    private static List<Map<String, Object>> rules(List<Map<String, Object>> mounts) {
        Map<String, Long> access = new LinkedHashMap<>();
        access.put("/", READ);
        for (Map<String, Object> step : mounts) {
            add(step, (String) step.get("target"), access);
        }
        List<Map<String, Object>> rules = new ArrayList<>();
        for (Map.Entry<String, Long> allowed : access.entrySet()) {
            Map<String, Object> rule = new LinkedHashMap<>();
            rule.put("path", allowed.getKey());
            rule.put("access", allowed.getValue());
            rules.add(rule);
        }
        return rules;
    }

    private static void add(Map<String, Object> step, String target, Map<String, Long> access) {
        boolean readOnly = !Boolean.FALSE.equals(step.get("readOnly"));
        switch ((String) step.get("op")) {
            case "rootOverlay" -> access.put("/", ALL);
            case "rootBind", "pivot" -> access.put("/", readOnly ? access.get("/") : ALL);
            case "tmpfs", "writable", "overlay", "mqueue" -> access.put(target, ALL);
            case "bind" -> {
                // What was there before is covered up.
                access.remove(target);
                if (!readOnly) {
                    access.put(target, ALL);
                }
            }
            // Programs name their threads there, and the like; its owners and modes decide.
            case "proc" -> access.put(target, READ | WRITE_FILE | TRUNCATE);
            case "dev" -> {
                access.put(target, READ | WRITE_FILE | TRUNCATE | IOCTL_DEV);
                access.put(target + "/shm", ALL);
                access.put(target + "/mqueue", ALL);
            }
            default -> { }
        }
    }
}
