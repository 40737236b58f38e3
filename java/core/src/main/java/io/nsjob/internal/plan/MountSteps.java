package io.nsjob.internal.plan;

import io.nsjob.Bind;
import io.nsjob.IdMapping;
import io.nsjob.Overlay;
import io.nsjob.Rootfs;
import io.nsjob.Tmpfs;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** Mount steps of a launch plan, with the fields that PROTOCOL.md lists for each. */
final class MountSteps {
    private static final int FOR_ALL = 01777;
    private static final long CLOSED_SIZE = 1L << 20;
    private static final long CLOSED_INODES = 1024;

    private final List<Map<String, Object>> steps = new ArrayList<>();

    List<Map<String, Object>> list() {
        return steps;
    }

    private Map<String, Object> add(String op) {
        Map<String, Object> step = new LinkedHashMap<>();
        step.put("op", op);
        steps.add(step);
        return step;
    }

    private Map<String, Object> at(String op, String target) {
        Map<String, Object> step = add(op);
        step.put("target", target);
        return step;
    }

    void propagation(String value) {
        Map<String, Object> step = at("propagation", "/");
        step.put("value", value);
        step.put("recursive", true);
    }

    /** A filesystem that has no options: proc, sysfs, mqueue. */
    void filesystem(String type, String target) {
        at(type, target);
    }

    void root(long size, long inodes) {
        Map<String, Object> step = add("root");
        step.put("size", size);
        step.put("inodes", inodes);
        step.put("mode", 0755);
    }

    /** A directory of the host's as the job's root, with all that is mounted below it; never with devices or set-user-id. */
    void rootBind(String source, boolean readOnly) {
        Map<String, Object> step = add("rootBind");
        step.put("source", source);
        step.put("recursive", true);
        step.put("readOnly", readOnly);
        step.put("noSuid", true);
        step.put("noDev", true);
    }

    /** An unpacked image as the job's root, its ids mapped where a map is given. */
    void rootfs(Rootfs rootfs, Optional<Map<String, Object>> idMap) {
        switch (rootfs.access()) {
            case READ_ONLY, WRITABLE -> {
                rootBind(rootfs.directory(), rootfs.access() == Rootfs.Access.READ_ONLY);
                PlanTree.put(steps.get(steps.size() - 1), "idMap", idMap);
            }
            default -> {
                layer("lower", rootfs.directory(), idMap);
                rootfs.upper().ifPresent(upper -> layer("upper", upper, idMap));
                Map<String, Object> step = add("rootOverlay");
                if (rootfs.upper().isEmpty()) {
                    step.put("size", rootfs.size());
                    step.put("inodes", rootfs.inodes());
                }
            }
        }
    }

    /** Directories on top of each other; a layer that is written to has its ids mapped, or there is none. */
    void overlay(Overlay overlay, BiFunction<String, IdMapping, Optional<Map<String, Object>>> maps) {
        overlay.lower().forEach(source -> layer("lower", source, maps.apply(source, IdMapping.TRY)));
        overlay.upper().ifPresent(upper -> layer("upper", upper, maps.apply(upper, IdMapping.REQUIRED)));
        Map<String, Object> step = at("overlay", overlay.target());
        if (overlay.upper().isEmpty()) {
            step.put("size", overlay.size());
            step.put("inodes", overlay.inodes());
        }
    }

    private void layer(String op, String source, Optional<Map<String, Object>> idMap) {
        Map<String, Object> step = add(op);
        step.put("source", source);
        PlanTree.put(step, "idMap", idMap);
    }

    void bind(Bind bind) {
        bind(bind, Optional.empty());
    }

    void bind(Bind bind, Optional<Map<String, Object>> idMap) {
        Map<String, Object> step = at("bind", bind.target());
        step.put("source", bind.source());
        step.put("recursive", true);
        step.put("readOnly", bind.readOnly());
        step.put("noSuid", true);
        step.put("noDev", true);
        step.put("noExec", false);
        step.put("optional", bind.optional());
        PlanTree.put(step, "idMap", idMap);
        if (bind.noSymfollow()) {
            step.put("noSymfollow", true);
        }
    }

    void tmpfs(Tmpfs tmpfs) {
        Map<String, Object> step = at("tmpfs", tmpfs.target());
        step.put("size", tmpfs.size());
        step.put("inodes", tmpfs.inodes());
        step.put("mode", FOR_ALL);
        step.put("noExec", false);
        if (tmpfs.noSymfollow()) {
            step.put("noSymfollow", true);
        }
    }

    /** A part of the root that stays writable, and shares its size. */
    void writable(String target) {
        Map<String, Object> step = at("writable", target);
        step.put("mode", FOR_ALL);
        step.put("noExec", false);
    }

    /** Empty, and only what is mounted below it is there: the job writes nothing into it. */
    void closedDirectory(String target) {
        Map<String, Object> step = at("tmpfs", target);
        step.put("size", CLOSED_SIZE);
        step.put("inodes", CLOSED_INODES);
        step.put("mode", 0755);
        step.put("noExec", true);
    }

    void dev(long shmSize, long shmInodes) {
        Map<String, Object> step = at("dev", "/dev");
        step.put("size", shmSize);
        step.put("inodes", shmInodes);
    }

    void directory(String target) {
        at("directory", target).put("mode", 0755);
    }

    void symlink(String target, String text) {
        at("symlink", target).put("text", text);
    }

    void file(String target, byte[] content) {
        Map<String, Object> step = at("file", target);
        step.put("mode", 0444);
        step.put("base64", Base64.getEncoder().encodeToString(content));
    }

    void paths(String op, List<String> paths) {
        add(op).put("paths", paths);
    }

    void pivot(boolean readOnly) {
        add("pivot").put("readOnly", readOnly);
    }
}
