package io.nsjob.internal.plan;

import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.Profile;
import io.nsjob.Seccomp;
import io.nsjob.internal.seccomp.Architecture;
import io.nsjob.internal.seccomp.BpfProgram;
import io.nsjob.internal.seccomp.FilterCompiler;
import io.nsjob.internal.seccomp.FilterProfile;
import io.nsjob.internal.seccomp.LaunchCalls;
import io.nsjob.internal.wire.SeccompReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The job's system call filter, compiled once for each profile. */
public final class SeccompPlan {
    private static final String DEFAULT = "/io/nsjob/seccomp-default.json";
    /** Where nothing is filtered but what a writable mount with mapped ids demands. */
    private static final String EVERYTHING = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}";
    /** A service has a handful of profiles. Who makes them up as it goes pays for compiling, not with memory. */
    private static final int CACHED = 32;

    private static final Map<String, Compiled> CACHE = new LinkedHashMap<>(CACHED, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Compiled> eldest) {
            return size() > CACHED;
        }
    };

    private record Compiled(String filter, boolean log, List<String> violations, boolean allowsHelper) {
        Compiled(List<String> violations) {
            this("", false, violations, true);
        }
    }

    private SeccompPlan() {
    }

    /** What a spec asks for, its profile's default included. */
    static Seccomp choice(JobSpec spec) {
        return spec.seccomp().orElse(spec.profile() == Profile.BARE ? Seccomp.NONE : Seccomp.DEFAULT);
    }

    static boolean filtered(JobSpec spec) {
        return choice(spec) != Seccomp.NONE || SuidRules.hold(spec);
    }

    /** A filter needs it, or a capability; and who wants a filter does not want setuid programs. */
    static boolean noNewPrivileges(JobSpec spec) {
        return spec.noNewPrivileges().orElse(spec.profile() != Profile.BARE || filtered(spec));
    }

    /**
     * Compiles.
     *
     * @param spec what to run
     * @param helper whether the helper itself is to run under it
     * @param violations receives what is wrong
     * @return the plan's field; empty where there is no filter
     */
    static Optional<Map<String, Object>> of(JobSpec spec, boolean helper, List<String> violations) {
        if (!filtered(spec)) {
            return Optional.empty();
        }
        Compiled compiled = compiled(choice(spec) == Seccomp.NONE ? Optional.of(EVERYTHING) : choice(spec).profileJson(),
            capabilities(spec), SuidRules.hold(spec));
        violations.addAll(compiled.violations());
        if (helper && !compiled.allowsHelper()) {
            violations.add("$.seccomp: forbids execveat or ppoll, without which nothing can hold the sandbox");
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("filter", compiled.filter());
        tree.put("log", spec.seccompLog().orElse(compiled.log()));
        return Optional.of(tree);
    }

    /** In a user namespace of its own making a job has them all, and this is the one that counts there. */
    private static Set<String> capabilities(JobSpec spec) {
        Set<String> names = CapabilityPlan.named(spec);
        if (spec.profile() != Profile.BARE && NestingPlan.allowed(spec)) {
            names.add("SYS_ADMIN");
        }
        return names;
    }

    /** Whether no call of the job can ask for keys: only the list of this library is known to refuse them all. */
    static boolean closesKeyrings(JobSpec spec) {
        return choice(spec) == Seccomp.DEFAULT;
    }

    /**
     * Compiles a profile, and keeps the result for the first start.
     *
     * @param json a profile
     * @throws InvalidSpecException when it is wrong, too long, or no program could be started under it
     */
    public static void check(String json) {
        List<String> violations = Architecture.host().isEmpty() ? List.of()
            : compiled(Optional.of(json), Set.of(), false).violations();
        if (!violations.isEmpty()) {
            throw new InvalidSpecException(violations);
        }
    }

    private static Compiled compiled(Optional<String> profile, Set<String> capabilities, boolean withoutSuid) {
        String ready = profile.isEmpty() && capabilities.isEmpty() ? SeccompDefault.filter(withoutSuid) : "";
        if (!ready.isEmpty()) {
            return new Compiled(ready, false, List.of(), true);
        }
        String key = withoutSuid + String.join(",", new TreeSet<>(capabilities)) + "\n" + profile.orElse("");
        synchronized (CACHE) {
            Compiled known = CACHE.get(key);
            if (known == null) {
                known = compile(profile.isPresent() ? profile.get() : defaultProfile(), capabilities, withoutSuid);
                CACHE.put(key, known);
            }
            return known;
        }
    }

    private static Compiled compile(String json, Set<String> capabilities, boolean withoutSuid) {
        Optional<Architecture> architecture = Architecture.host();
        if (architecture.isEmpty()) {
            return new Compiled(List.of("$.seccomp: no table of system calls for " + System.getProperty("os.arch")
                + "; use \"none\""));
        }
        try {
            FilterProfile profile = SeccompReader.read(json, architecture.get(), capabilities);
            BpfProgram program = FilterCompiler.compile(withoutSuid ? SuidRules.before(profile) : profile, architecture.get());
            return new Compiled(Base64.getEncoder().encodeToString(program.bytes()), profile.log(),
                violations(program, architecture.get()), LaunchCalls.allowHelper(program, architecture.get()));
        } catch (InvalidSpecException e) {
            return new Compiled(e.violations());
        }
    }

    private static List<String> violations(BpfProgram program, Architecture architecture) {
        if (program.size() > BpfProgram.MAX_INSTRUCTIONS) {
            return List.of("$.seccomp: is " + program.size() + " instructions long; the kernel takes "
                + BpfProgram.MAX_INSTRUCTIONS);
        }
        List<String> forbidden = LaunchCalls.forbidden(program, architecture);
        return forbidden.isEmpty() ? List.of()
            : List.of("$.seccomp: forbids " + String.join(", ", forbidden) + ", without which no program can be started");
    }

    /**
     * The list of this library.
     *
     * @return a profile
     */
    public static String defaultProfile() {
        try (InputStream in = SeccompPlan.class.getResourceAsStream(DEFAULT)) {
            if (in == null) {
                throw new IllegalStateException("this jar lacks " + DEFAULT);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
