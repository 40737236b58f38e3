package io.nsjob.cli.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Who runs the demo.
 *
 * @param uid effective
 * @param gid effective
 * @param privileged whether namespaces can be made without a user namespace above them
 */
record Caller(long uid, long gid, boolean privileged) {

    /**
     * This process.
     *
     * @param rootless whether to do as who is not root, also as root
     */
    static Caller current(boolean rootless) throws IOException {
        String status = Files.readString(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1);
        long uid = effective(status, "Uid:");
        return new Caller(uid, effective(status, "Gid:"), uid == 0 && !rootless);
    }

    private static long effective(String status, String field) {
        String line = status.lines().filter(text -> text.startsWith(field)).findFirst().orElseThrow();
        return Long.parseLong(line.split("\\s+")[2]);
    }

    /** Where programs of the administrator are, which users do not have in their PATH; and English, as output is compared. */
    Map<String, String> environment() {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        return Map.of("PATH", path + ":/usr/local/sbin:/usr/sbin:/sbin", "LC_ALL", "C.UTF-8");
    }
}
