package io.nsjob.testing;

import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Identity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

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
            return unshare.waitFor(10, TimeUnit.SECONDS) && unshare.exitValue() == 0 ? "" : "no user namespaces: " + said;
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
            if (facts.program("newuidmap").isEmpty() || facts.program("newgidmap").isEmpty()) {
                return "no newuidmap";
            }
            boolean ranges = !facts.subUids().of(self.uid(), facts.userName()).isEmpty()
                && !facts.subGids().of(self.uid(), facts.userName()).isEmpty();
            return ranges && facts.userName().isPresent() ? "" : "no subordinate ids for uid " + self.uid();
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
    };

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
