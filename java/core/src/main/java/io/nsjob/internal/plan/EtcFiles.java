package io.nsjob.internal.plan;

import io.nsjob.internal.os.HostTree;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** The files of /etc that name the job's ids, its host and those it may ask for other names. */
final class EtcFiles {
    static final String HOSTS = "/etc/hosts";

    private static final String ROOT = "root:x:0:0:root:/:/bin/sh\n";
    private static final String NOBODY = "nobody:x:65534:65534:nobody:/:/bin/false\n";

    private final HostTree host;
    private final Map<String, String> files = new LinkedHashMap<>();

    EtcFiles(HostTree host) {
        this.host = host;
    }

    /** Files by their path. */
    Map<String, String> files() {
        return files;
    }

    /** The job's name, and nobody of the host. */
    void ownUsers(OptionalLong uid, OptionalLong gid, String home) {
        files.put("/etc/passwd", ROOT + (named(uid) ? user("job", uid, gid, home) : "") + NOBODY);
        files.put("/etc/group", "root:x:0:\n" + (named(gid) ? group("job", gid) : "") + "nogroup:x:65534:\n");
    }

    /** The host's users, whose files the job sees; first of all the job, at home where it may write. */
    void hostUsers(String name, OptionalLong uid, OptionalLong gid, String home) {
        if (uid.isEmpty()) {
            return;
        }
        host.text("/etc/passwd").ifPresent(text -> files.put("/etc/passwd", user(name, uid, gid, home) + without(text, name)));
        host.text("/etc/group").ifPresent(text -> files.put("/etc/group", group(name, OptionalLong.of(gid.orElse(uid.getAsLong())))
            + without(text, name)));
    }

    /** @param own whether the job is alone in its network: nobody can be asked for a name there */
    void network(String hostname, boolean own) {
        files.put(HOSTS, hosts(hostname, own ? "" : host.text(HOSTS).orElse("")));
        files.put("/etc/resolv.conf", own ? "" : host.text("/etc/resolv.conf").orElse(""));
        files.put("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
    }

    /** The file /etc/hosts: the job's own names, and then the rest. */
    static String hosts(String hostname, String rest) {
        return "127.0.0.1 localhost " + hostname + "\n::1 localhost " + hostname + "\n" + rest;
    }

    private static boolean named(OptionalLong id) {
        return id.isPresent() && id.getAsLong() != 0 && id.getAsLong() != 65534;
    }

    /** The host's files are of whatever character set, and stay bytes in the form of characters; paths here are UTF-8. */
    private static String user(String name, OptionalLong uid, OptionalLong gid, String home) {
        String bytes = new String(home.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        return name + ":x:" + uid.getAsLong() + ":" + gid.orElse(uid.getAsLong()) + ":job:" + bytes + ":/bin/sh\n";
    }

    private static String group(String name, OptionalLong gid) {
        return name + ":x:" + gid.getAsLong() + ":\n";
    }

    private static String without(String text, String name) {
        return text.lines().filter(line -> !line.startsWith(name + ":")).map(line -> line + "\n").collect(Collectors.joining());
    }
}
