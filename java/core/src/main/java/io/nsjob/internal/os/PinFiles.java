package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Files that namespaces are pinned to, and notes of those that are being made: {@code BASE/pins/NAME}. The helper removes the
 * note once the job runs, so a note whose maker is gone tells of a pin that nobody waits for. A complete pin has none.
 */
public final class PinFiles {
    static final String DIRECTORY = "pins";

    /** Somebody may have pinned several namespaces over each other. */
    private static final int MOST_LAYERS = 64;
    private static final String DEVICE = "unix:dev";
    private static final String MADE = "made", FOUND = "found";

    private PinFiles() {
    }

    /**
     * Notes that a pin is going to be made.
     *
     * @param base a private directory, see {@link StateBase}
     * @param uid its owner
     * @param path what the namespace will be pinned to
     * @return the note, for the helper to remove
     * @throws IOException when a namespace is pinned there already or somebody is about to, or the note cannot be written
     */
    public static Path note(Path base, long uid, String path) throws IOException {
        Path directory = PrivateDirectory.require(base.resolve(DIRECTORY), uid);
        Path note = directory.resolve(name(path));
        if (!isHeld(note)) {
            undo(note);
        }
        refusePinned(path);
        long pid = ProcessHandle.current().pid();
        long startTime = ProcStat.startTime(Path.of("/proc/self/stat")).orElse(0);
        String whose = Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS) ? FOUND : MADE;
        String text = pid + " " + startTime + " " + JobFiles.pidNamespace() + " " + whose + "\n" + path;
        // Complete under its name, or not there: gc of another JVM may look at any moment.
        Path unfinished = directory.resolve("." + name(path) + "-" + pid + "-" + System.nanoTime());
        try {
            Files.writeString(unfinished, text);
            // Never over that of a launch which is alive: what that one pins would then be ours to take back.
            Files.createLink(note, unfinished);
        } catch (FileAlreadyExistsException e) {
            throw new IOException("another launch is about to pin a namespace there", e);
        } finally {
            Files.deleteIfExists(unfinished);
        }
        try {
            // Complete since we looked: then its note is gone, and ours would make a pin of somebody else's look half-made.
            refusePinned(path);
        } catch (IOException e) {
            Files.deleteIfExists(note);
            throw e;
        }
        return note;
    }

    private static void refusePinned(String path) throws IOException {
        if (isPinned(path)) {
            throw new IOException("a namespace is pinned there already: nsjob ns rm lets go of it");
        }
    }

    private static boolean isHeld(Path note) throws IOException {
        try {
            return !isAbandoned(Files.readString(note));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** One path, one note. */
    private static String name(String path) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(path.getBytes(StandardCharsets.UTF_8));
            return Entropy.hex(digest).substring(0, 32);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Takes a pin back whose launch failed, if the helper has not done so.
     *
     * @param note from {@link #note}
     */
    public static void undo(Path note) {
        try {
            String text = Files.readString(note);
            String path = text.substring(text.indexOf('\n') + 1);
            if (isPinned(path)) {
                unmount(path);
            }
            if (text.startsWith(MADE, text.indexOf('\n') - MADE.length())) {
                deleteEmpty(Path.of(path));
            }
            Files.deleteIfExists(note);
        } catch (NoSuchFileException e) {
            // The helper was here: nothing is left to do.
            return;
        } catch (IOException | LinkageError e) {
            Log.warning(PinFiles.class, "a namespace may still be pinned by a launch that failed", e);
        }
    }

    /**
     * Takes back what killed launches left half-made.
     *
     * @param bases private directories
     * @return the files that namespaces were to be pinned to
     */
    public static List<String> sweep(List<Path> bases) {
        List<String> removed = new ArrayList<>();
        for (Path base : bases) {
            for (Path note : Sweeper.list(base.resolve(DIRECTORY))) {
                try {
                    String text = Files.readString(note);
                    if (!note.getFileName().toString().startsWith(".") && isAbandoned(text)) {
                        undo(note);
                        removed.add(text.substring(text.indexOf('\n') + 1));
                    }
                } catch (IOException e) {
                    Log.debug(PinFiles.class, "a note that is gone", e);
                }
            }
        }
        return removed;
    }

    private static boolean isAbandoned(String text) {
        String[] fields = text.substring(0, Math.max(0, text.indexOf('\n'))).split(" ");
        if (fields.length != 4 || !fields[2].equals(Long.toString(JobFiles.pidNamespace()))) {
            return false;
        }
        OptionalLong now = ProcStat.startTime(Path.of("/proc", fields[0], "stat"));
        return now.isEmpty() || !fields[1].equals(Long.toString(now.getAsLong()));
    }

    /**
     * Lets go of a namespace.
     *
     * @param path of the file that it is pinned to
     * @throws IOException when there is none, or it cannot be let go of
     */
    public static void remove(Path path) throws IOException {
        Path parent = path.toAbsolutePath().normalize().getParent();
        if (parent == null) {
            throw new IOException("no namespace is pinned to " + path);
        }
        // Of the last part no link is followed: /proc/PID/ns/KIND is one, and no pin.
        Path place = parent.toRealPath().resolve(path.getFileName());
        if (!isPinned(place.toString())) {
            throw new IOException("no namespace is pinned to " + path);
        }
        unmount(place.toString());
        if (!deleteEmpty(place)) {
            throw new IOException(path + ": is unpinned, and left there, as it is no empty file");
        }
    }

    private static void unmount(String path) throws ErrnoException {
        for (int i = 0; i < MOST_LAYERS && isPinned(path); i++) {
            Libc.unmount(path, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW);
        }
    }

    private static boolean deleteEmpty(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        boolean ours = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && Files.size(path) == 0 && !isPinned(path.toString());
        return ours && Files.deleteIfExists(path);
    }

    /**
     * Whether a namespace is pinned to exactly this file, as it can be reached: the table of mounts also has those that others hide.
     *
     * @param path absolute; a link in its last part is not followed
     * @return whether it is of the kernel's filesystem of namespaces
     */
    public static boolean isPinned(String path) {
        try {
            // The filesystem has one device number for all; /proc/PID/ns/KIND itself is a link, and of proc.
            Object device = Files.getAttribute(Path.of("/proc/self/ns/mnt"), DEVICE);
            return device.equals(Files.getAttribute(Path.of(path), DEVICE, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
            return false;
        }
    }
}
