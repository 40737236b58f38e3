package io.nsjob.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Trees of files that jobs are given, and whether they are as they were. */
final class Trees {
    private static final int SHORT = 4096;

    private Trees() {
    }

    static Path mode(Path path, String mode) throws IOException {
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    /** An image that has a shell and nothing of this machine, for jobs with other ids too. Needs {@code Feature.BUSYBOX}. */
    static Path busybox(Path parent) throws IOException {
        Path image = Files.createDirectory(mode(parent, "rwxr-xr-x").resolve("image"));
        for (String directory : List.of("bin", "etc", "proc", "dev", "tmp", "run", "sys", "root", "var", "home")) {
            Files.createDirectory(image.resolve(directory));
        }
        Files.copy(Path.of("/bin/busybox"), image.resolve("bin/busybox"), StandardCopyOption.COPY_ATTRIBUTES);
        for (String applet : List.of("sh", "cat", "chown", "grep", "hostname", "id", "ls", "mkdir", "pwd", "rm", "stat", "test", "[", "touch",
                "unshare")) {
            Files.createSymbolicLink(image.resolve("bin").resolve(applet), Path.of("busybox"));
        }
        Files.writeString(image.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
        Files.writeString(image.resolve("etc/hosts"), "127.0.0.1 image\n");
        Files.writeString(image.resolve("etc/image-release"), "busybox\n");
        return image;
    }

    /** Everything that stat(2) tells of a file but the time of the last access, and its content. */
    static Map<String, String> snapshot(Path... trees) throws IOException {
        Map<String, String> all = new TreeMap<>();
        for (Path tree : trees) {
            try (Stream<Path> files = Files.walk(tree)) {
                for (Path file : files.toList()) {
                    Map<String, Object> facts = Files.readAttributes(file, "unix:mode,ino,dev,nlink,uid,gid,ctime,lastModifiedTime,size",
                        LinkOption.NOFOLLOW_LINKS);
                    all.put(file.toString(), new TreeMap<>(facts) + " " + content(file));
                }
            }
        }
        return all;
    }

    private static String content(Path file) throws IOException {
        if (Files.isSymbolicLink(file)) {
            return Files.readSymbolicLink(file).toString();
        }
        if (!Files.isRegularFile(file)) {
            return "";
        }
        return Files.size(file) < SHORT ? Files.readString(file) : Integer.toString(Arrays.hashCode(Files.readAllBytes(file)));
    }
}
