package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** Directories that nobody else may write: what is run or trusted from there must be ours. */
public final class PrivateDirectory {
    private static final int WRITABLE_BY_OTHERS = 022;

    private PrivateDirectory() {
    }

    /**
     * Makes a directory with mode 0700, or checks one that is there. Its parent must exist.
     *
     * @param directory absolute
     * @param uid who must own it
     * @return the directory
     * @throws IOException when it cannot be made, is a link, somebody else's, or may be written by others
     */
    public static Path require(Path directory, long uid) throws IOException {
        try {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            // Checked below like one of ours: between the two calls it could have become anything.
        }
        String problem = problem(directory, uid);
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
        return directory;
    }

    /**
     * What keeps a directory from being private.
     *
     * @param directory that exists
     * @param uid who must own it
     * @return empty when nothing does
     * @throws IOException when it cannot be looked at
     */
    static String problem(Path directory, long uid) throws IOException {
        Map<String, Object> stat = Files.readAttributes(directory, "unix:isDirectory,uid,mode", LinkOption.NOFOLLOW_LINKS);
        if (!Boolean.TRUE.equals(stat.get("isDirectory"))) {
            return "not a directory";
        }
        if (((Number) stat.get("uid")).longValue() != uid) {
            return "owned by uid " + stat.get("uid");
        }
        int mode = (Integer) stat.get("mode");
        return (mode & WRITABLE_BY_OTHERS) == 0 ? "" : "others may write it (mode 0" + Integer.toOctalString(mode & 07777) + ")";
    }
}
