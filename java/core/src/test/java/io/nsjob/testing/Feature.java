package io.nsjob.testing;

import io.nsjob.IdRange;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What a test may need of the machine. Each is found out by doing, once. */
public enum Feature {
    /** The helper has been built. */
    HELPER {
        @Override
        String probe() {
            String named = System.getProperty("nsjob.helper", System.getenv().getOrDefault("NSJOB_HELPER", ""));
            return named.isEmpty() || Files.isExecutable(Path.of(named)) ? "" : "no helper at " + named + "; run make";
        }
    },
    /** The static programs that tests run as jobs have been built. */
    TEST_JOBS {
        @Override
        String probe() {
            Path program = TestJobs.path("exit-n");
            return Files.isExecutable(program) ? "" : "no test programs at " + program.getParent() + "; run make";
        }
    },
    /** This user may make user namespaces. */
    USER_NAMESPACES {
        @Override
        String probe() throws Exception {
            Process unshare = new ProcessBuilder("unshare", "-U", "true").redirectErrorStream(true).start();
            String said = new String(unshare.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return unshare.waitFor(60, TimeUnit.SECONDS) && unshare.exitValue() == 0 ? "" : "no user namespaces: " + said;
        }
    },
    /** A shell that runs in any root, from the package busybox-static. */
    BUSYBOX {
        @Override
        String probe() {
            return Files.isExecutable(Path.of("/bin/busybox")) ? "" : "no /bin/busybox; install busybox-static";
        }
    },
    /** The kernel has time namespaces. */
    TIME_NAMESPACES {
        @Override
        String probe() {
            return Files.exists(Path.of("/proc/self/ns/time")) ? "" : "the kernel has no time namespaces";
        }
    },
    /** Root, or a user with newuidmap and ranges of its own. */
    SUBORDINATE_IDS {
        @Override
        String probe() {
            HostFacts facts = HostFacts.real();
            Identity self = facts.identity();
            if (self.caller() == Identity.Caller.HOST_ROOT) {
                return "";
            }
            if (self.uidMap().stream().mapToLong(IdRange::count).sum() <= 1) {
                return "this user namespace has one id only";
            }
            if (facts.program("newuidmap").isEmpty() || facts.program("newgidmap").isEmpty()) {
                return "no newuidmap";
            }
            boolean ranges = !facts.subUids().of(self.uid(), facts.userName()).isEmpty()
                && !facts.subGids().of(self.uid(), facts.userName()).isEmpty();
            return ranges && facts.userName().isPresent() ? "" : "no subordinate ids for uid " + self.uid();
        }
    },
    /** A browser that draws without a screen. */
    CHROMIUM {
        @Override
        String probe() {
            return HostFacts.real().program("chromium").isPresent() ? "" : "no chromium; install the package of that name";
        }
    },
    /** Maven, and a local repository with what this repository's own build needs. */
    MAVEN {
        @Override
        String probe() {
            if (HostFacts.real().program("mvn").isEmpty()) {
                return "no mvn";
            }
            Path plugins = mavenRepository().resolve("org/apache/maven/plugins");
            return Files.isReadable(plugins) ? "" : "no plugins in " + plugins + ": build with Maven, or set -Dnsjob.mavenRepository";
        }
    },
    /** The kernel has Landlock, from ABI 2 on. */
    LANDLOCK {
        @Override
        String probe() throws Exception {
            try (Launcher launcher = Launcher.open()) {
                boolean has = launcher.run(JobSpec.isolated().command("true").build()).report().hardening().landlockAbi().orElse(0) > 0;
                return has ? "" : "this kernel has no Landlock, or not from ABI 2 on";
            }
        }
    },
    /** The processor is one whose kernel takes system calls by two doors. */
    X86_64(true) {
        @Override
        String probe() {
            return System.getProperty("os.arch").equals("amd64") ? "" : "only x86-64 has two doors";
        }
    },
    /** An interpreter of Python, as a program that some have. */
    PYTHON(true) {
        @Override
        String probe() {
            return installed("python3");
        }
    },
    /** Node.js, as a program that some have. */
    NODE(true) {
        @Override
        String probe() {
            return installed("node");
        }
    },
    /** A JDK that is newer than the oldest that is supported. */
    JDK_25(true) {
        @Override
        String probe() throws Exception {
            return jdk(25).isPresent() ? "" : "no JDK 25 below " + JDKS;
        }
    };

    private static final Path JDKS = Path.of("/usr/lib/jvm");

    private final boolean elsewhere;

    Feature() {
        this(false);
    }

    Feature(boolean elsewhere) {
        this.elsewhere = elsewhere;
    }

    /** Whether it is no matter of setting up a machine for tests: another one shows what this one cannot. */
    public boolean isElsewhere() {
        return elsewhere;
    }

    /** The home of a JDK of this version. */
    public static Optional<Path> jdk(int version) throws IOException {
        if (!Files.isDirectory(JDKS)) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(JDKS)) {
            return homes.filter(home -> home.getFileName().toString().contains("-" + version + "-")
                && Files.isExecutable(home.resolve("bin/java"))).findFirst();
        }
    }

    /** Where jobs of profile isolated find programs. */
    private static String installed(String program) {
        return Files.isExecutable(Path.of("/usr/bin", program)) ? "" : program + " is not installed in /usr/bin";
    }

    /** The local repository: the property nsjob.mavenRepository, or Maven's usual place. */
    public static Path mavenRepository() {
        String property = System.getProperty("nsjob.mavenRepository");
        return property != null ? Path.of(property) : Path.of(System.getProperty("user.home"), ".m2", "repository");
    }

    private String missing;

    abstract String probe() throws Exception;

    /** Why it is missing; empty when it is there. */
    public synchronized String missing() {
        if (missing == null) {
            try {
                missing = probe();
            } catch (Exception e) {
                missing = name() + ": " + e;
            }
        }
        return missing;
    }
}
