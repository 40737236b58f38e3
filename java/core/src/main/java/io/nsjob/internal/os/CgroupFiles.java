package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.nio.ByteBuffer;

/** What is done to cgroups: the kernel's file system, or one made up by a test. */
public interface CgroupFiles {
    /** The kernel's. */
    CgroupFiles KERNEL = new Kernel();

    /**
     * Reads a file.
     *
     * @param file of a cgroup
     * @return its text without the end of the last line
     * @throws IOException when it is not there, or not for us
     */
    String read(Path file) throws IOException;

    /**
     * Writes to a file that is there.
     *
     * @param file of a cgroup
     * @param text in one piece
     * @throws IOException when the kernel refuses it
     */
    void write(Path file, String text) throws IOException;

    /**
     * Makes a cgroup.
     *
     * @param directory its parent exists
     * @throws IOException when it cannot be made
     */
    void make(Path directory) throws IOException;

    /**
     * Removes a cgroup without processes and children.
     *
     * @param directory the cgroup
     * @throws IOException when it is in use
     */
    void remove(Path directory) throws IOException;

    /**
     * Whether the caller may write a file.
     *
     * @param file of a cgroup
     * @return as access(2) says
     */
    boolean isWritable(Path file);

    /**
     * Whether a file is there.
     *
     * @param file of a cgroup
     * @return whether
     */
    boolean exists(Path file);

    /**
     * Who owns a file.
     *
     * @param file of a cgroup
     * @return a uid, or -1
     */
    long owner(Path file);

    /**
     * Whether systemd says that a cgroup was given away (the attribute {@code user.delegate}, systemd 251).
     *
     * @param directory the cgroup
     * @return whether
     */
    boolean isMarkedDelegated(Path directory);

    /** The kernel's file system. */
    final class Kernel implements CgroupFiles {
        private Kernel() {
        }

        @Override
        public String read(Path file) throws IOException {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).stripTrailing();
        }

        @Override
        public void write(Path file, String text) throws IOException {
            // Neither created nor truncated: cgroupfs knows neither.
            Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1), StandardOpenOption.WRITE);
        }

        @Override
        public void make(Path directory) throws IOException {
            Files.createDirectory(directory);
        }

        @Override
        public void remove(Path directory) throws IOException {
            Files.delete(directory);
        }

        @Override
        public boolean isWritable(Path file) {
            return Files.isWritable(file);
        }

        @Override
        public boolean exists(Path file) {
            return Files.exists(file);
        }

        @Override
        public long owner(Path file) {
            try {
                return ((Number) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS)).longValue();
            } catch (IOException e) {
                return -1;
            }
        }

        @Override
        public boolean isMarkedDelegated(Path directory) {
            try {
                UserDefinedFileAttributeView view = Files.getFileAttributeView(directory, UserDefinedFileAttributeView.class);
                ByteBuffer value = ByteBuffer.allocate(1);
                return view != null && view.list().contains("delegate") && view.read("delegate", value) == 1
                    && value.get(0) == '1';
            } catch (IOException | UnsupportedOperationException e) {
                return false;
            }
        }
    }
}
