package io.nsjob.cli.explain;

import io.nsjob.JobSpec;
import io.nsjob.cli.JsonTree;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Between the form of Docker, which job specs take, and that of OCI, which knows no conditions about capabilities. */
final class OciSeccomp {
    private OciSeccomp() {}

    static String defaultList() {
        try (InputStream in = JobSpec.class.getResourceAsStream("/io/nsjob/seccomp-default.json")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Map<String, Object> of(String profile, boolean arm) {
        Object tree;
        try {
            tree = JsonTree.parse(profile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, Object> out = new LinkedHashMap<>();
        for (String field : List.of("defaultAction", "defaultErrnoRet", "architectures", "flags")) {
            Tree.at(tree, field).ifPresent(value -> out.put(field, value));
        }
        if (!out.containsKey("architectures")) {
            out.put("architectures", List.of(arm ? "SCMP_ARCH_AARCH64"
                : "SCMP_ARCH_X86_64"));
        }
        List<Object> calls = new ArrayList<>();
        for (Map<String, Object> rule : Tree.maps(tree, "syscalls")) {
            // What is for jobs with a capability is not for one without; what is without it, is.
            if (Tree.map(rule, "includes").isEmpty()) {
                Map<String, Object> call = new LinkedHashMap<>();
                for (String field : List.of("names", "action", "errnoRet", "args")) {
                    Tree.at(rule, field).ifPresent(value -> call.put(field, value));
                }
                calls.add(call);
            }
        }
        out.put("syscalls", calls);
        return out;
    }

    /** The same words, but for fields that the form of Docker has no place for. */
    static Map<String, Object> toDocker(Map<String, Object> seccomp) {
        Map<String, Object> out = new LinkedHashMap<>();
        for (String field : List.of("defaultAction", "defaultErrnoRet", "architectures", "syscalls")) {
            Tree.at(seccomp, field).ifPresent(value -> out.put(field, value));
        }
        return out;
    }
}
