package io.nsjob.internal.seccomp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A machine whose system calls are known by name. */
public enum Architecture {
    /** Also called amd64. */
    X86_64("x86_64", "amd64", 0xc000003e),
    /** Also called arm64. */
    AARCH64("aarch64", "arm64", 0xc00000b7);

    private final String kernelName;
    private final String goName;
    private final int audit;
    private Map<String, Integer> numbers;

    Architecture(String kernelName, String goName, int audit) {
        this.kernelName = kernelName;
        this.goName = goName;
        this.audit = audit;
    }

    /**
     * The machine that this JVM runs on.
     *
     * @return empty when there is no table for it
     */
    public static Optional<Architecture> host() {
        String name = System.getProperty("os.arch");
        for (Architecture architecture : values()) {
            if (architecture.isNamed(name)) {
                return Optional.of(architecture);
            }
        }
        return Optional.empty();
    }

    /**
     * Whether this is meant by a name, the kernel's or that of container profiles.
     *
     * @param name a name
     * @return whether
     */
    public boolean isNamed(String name) {
        return name.equals(kernelName) || name.equals(goName);
    }

    /** AUDIT_ARCH_*, which tells the filter through which door a call came. */
    int audit() {
        return audit;
    }

    /**
     * All system calls.
     *
     * @return numbers by name
     */
    public synchronized Map<String, Integer> numbers() {
        if (numbers == null) {
            numbers = Collections.unmodifiableMap(read("/io/nsjob/syscalls-" + kernelName + ".txt"));
        }
        return numbers;
    }

    private static Map<String, Integer> read(String resource) {
        Map<String, Integer> table = new TreeMap<>();
        try (InputStream in = Architecture.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("this jar lacks " + resource);
            }
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
                if (!line.startsWith("#")) {
                    int blank = line.indexOf(' ');
                    table.put(line.substring(0, blank), Integer.valueOf(line.substring(blank + 1)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return table;
    }
}
