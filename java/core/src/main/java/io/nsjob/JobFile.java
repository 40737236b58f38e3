package io.nsjob;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** A small read-only file that a job finds in its root. */
public final class JobFile {
    private final String path;
    private final byte[] content;

    /**
     * A file.
     *
     * @param path absolute, as the job sees it
     * @param content its bytes
     */
    public JobFile(String path, byte[] content) {
        this.path = Objects.requireNonNull(path, "path");
        this.content = content.clone();
    }

    /**
     * A text file.
     *
     * @param path absolute, as the job sees it
     * @param content its text, written as UTF-8
     */
    public JobFile(String path, String content) {
        this(path, content.getBytes(StandardCharsets.UTF_8));
    }

    /** {@return where the job finds it} */
    public String path() {
        return path;
    }

    /** {@return a copy of its bytes} */
    public byte[] content() {
        return content.clone();
    }

    /** {@return how many bytes it has} */
    public int size() {
        return content.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JobFile file && path.equals(file.path) && Arrays.equals(content, file.content);
    }

    @Override
    public int hashCode() {
        return path.hashCode() * 31 + Arrays.hashCode(content);
    }

    @Override
    public String toString() {
        return path + " (" + content.length + " bytes)";
    }
}
