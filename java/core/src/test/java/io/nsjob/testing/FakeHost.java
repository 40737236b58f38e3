package io.nsjob.testing;

import io.nsjob.internal.os.HostFacts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** A machine made of files: /proc/self, /etc and /run below one directory. */
public final class FakeHost {
    private final Path root;

    /** Begins with a host root and nothing else. */
    public FakeHost(Path root) throws IOException {
        this.root = root;
        for (String directory : List.of("proc/self", "etc", "run", "bin")) {
            Files.createDirectories(root.resolve(directory));
        }
        ids(0, 0, "");
        maps("0 0 4294967295", "0 0 4294967295");
        put("proc/self/setgroups", "allow\n");
        put("proc/self/environ", "");
        put("etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n");
        put("etc/group", "root:x:0:\nadm:x:4:alice\ndocker:x:998:alice\nalice:x:1000:\n");
    }

    /** Writes a file. */
    public FakeHost put(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Who the caller is. The first uid and gid are others, as those of a setuid program would be. */
    public FakeHost ids(long uid, long gid, String groups) throws IOException {
        return put("proc/self/status", "Name:\tjava\nUid:\t77\t" + uid + "\t" + uid + "\t" + uid + "\nGid:\t77\t" + gid + "\t"
            + gid + "\t" + gid + "\nGroups:\t" + groups + " \n");
    }

    /** The maps of the caller's user namespace. */
    public FakeHost maps(String uid, String gid) throws IOException {
        return put("proc/self/uid_map", "         " + uid.replace(" ", "          ") + "\n")
            .put("proc/self/gid_map", "         " + gid.replace(" ", "          ") + "\n");
    }

    /** Adds newuidmap and newgidmap. */
    public FakeHost tools() throws IOException {
        for (String tool : List.of("newuidmap", "newgidmap")) {
            put("bin/" + tool, "");
            Files.setPosixFilePermissions(root.resolve("bin").resolve(tool), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return this;
    }

    /** Looks at this machine. */
    public HostFacts facts() {
        return new HostFacts(new HostFacts.Roots(root.resolve("proc"), root.resolve("etc"), root.resolve("run"),
            List.of(root.resolve("bin"))));
    }
}
