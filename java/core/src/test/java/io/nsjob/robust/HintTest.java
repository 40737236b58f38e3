package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.IdMaps;
import io.nsjob.IdRange;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Outcome;
import io.nsjob.Profile;
import io.nsjob.SandboxException;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever goes wrong is told with its stage and error number, and with a hint that names the remedy. */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES})
class HintTest {
    private static final int EPERM = 1;
    private static final int ENOENT = 2;
    private static final int ENOEXEC = 8;
    private static final int EACCES = 13;
    private static final int ENOTDIR = 20;
    private static final int EINVAL = 22;
    private static final int ENOTTY = 25;
    private static final int ENOSPC = 28;

    private static final String[] NOTHING = {TestJobs.program("exit-n"), "0"};

    /**
     * A throw-away user namespace in which a command runs as root, and then the helper. A root caller's helper wants to drop
     * groups and to use blocks of ids, for neither of which there is room behind unshare -r: there all ids are mapped, from
     * outside.
     */
    private static String inUserNamespace(String setup) {
        String inside = setup + " && exec \"$HELPER\"";
        if (!Proc.isRoot()) {
            return "exec unshare -U -r sh -c '" + inside + "'";
        }
        return "outside=$(readlink /proc/$$/ns/user)\n"
            + "gate=$(mktemp -u) && mkfifo \"$gate\" && export gate || exit 99\n"
            + "( while [ \"$(readlink /proc/$$/ns/user)\" = \"$outside\" ]; do :; done\n"
            + "  echo 0 0 4294967295 >/proc/$$/gid_map && echo 0 0 4294967295 >/proc/$$/uid_map && echo go >\"$gate\" ) <&- >&- 2>&- &\n"
            // Executed again once it is mapped: a program that was started without an id has no capabilities.
            + "exec unshare -U sh -c 'read go <\"$gate\"; rm \"$gate\"; exec sh -c '\\''" + inside + "'\\'''";
    }

    private static SandboxException assertFails(String script, JobSpec.Builder spec, String stage, int errno, String... hints)
            throws Exception {
        try (World world = World.wrapped(script)) {
            SandboxException failure = assertFails(world, spec, stage, errno, hints);
            world.assertNothingLeft();
            return failure;
        }
    }

    private static SandboxException assertFails(World world, JobSpec.Builder spec, String stage, int errno, String... hints) {
        if (spec.build().command().isEmpty()) {
            spec.command(NOTHING);
        }
        SandboxException failure = assertThrows(SandboxException.class, () -> world.launcher().run(spec.build()));
        assertEquals(stage, failure.stage(), failure::toJson);
        assertEquals(errno, failure.errno(), failure::toJson);
        for (String hint : hints) {
            assertTrue(failure.hint().orElse("").contains(hint), failure::toJson);
        }
        return failure;
    }

    private static void assertInvalid(JobSpec.Builder spec, String... parts) throws Exception {
        try (World world = World.plain()) {
            InvalidSpecException invalid = assertThrows(InvalidSpecException.class,
                () -> world.launcher().run(spec.command(NOTHING).build()));
            for (String part : parts) {
                assertTrue(invalid.violations().stream().anyMatch(line -> line.contains(part)), invalid::toString);
            }
        }
    }

    @Test
    void userNamespacesAreOff() throws Exception {
        // Without maps: the helper alone is in the user namespace, and the ids that this JVM would choose are not mapped there.
        JobSpec.Builder spec = JobSpec.bare(NamespaceKind.USER).idMaps(IdMaps.of(IdMaps.Preset.NONE));
        String limit = "/proc/sys/user/max_user_namespaces";
        assertFails(inUserNamespace("echo 0 >" + limit), spec, "clone", ENOSPC,
            "user.max_user_namespaces is 0", "sysctl -w user.max_user_namespaces=");
        // The control: what stops it is the limit.
        try (World world = World.wrapped(inUserNamespace("echo 9 >" + limit))) {
            assertEquals(new Outcome.Exited(0), world.launcher().run(spec.build()).outcome());
        }
    }

    @Test
    void namespacesOfOtherKindsAreOff() throws Exception {
        for (String kind : List.of("net", "uts", "ipc", "mnt", "pid")) {
            assertFails("exec unshare -U -r sh -c 'echo 0 >/proc/sys/user/max_" + kind + "_namespaces && exec \"$HELPER\"'",
                JobSpec.bare(kind(kind)), "clone", ENOSPC, "user.max_" + kind + "_namespaces is 0",
                "sysctl -w user.max_" + kind + "_namespaces=");
        }
        assertFails("exec unshare -U -r sh -c 'echo 0 >/proc/sys/user/max_cgroup_namespaces && exec \"$HELPER\"'",
            JobSpec.bare(NamespaceKind.CGROUP), "cgroup-namespace", ENOSPC, "user.max_cgroup_namespaces is 0");
        assertFails("exec unshare -U -r sh -c 'echo 0 >/proc/sys/user/max_time_namespaces && exec \"$HELPER\"'",
            JobSpec.bare(NamespaceKind.TIME), "time-namespace", ENOSPC, "user.max_time_namespaces is 0");
    }

    private static NamespaceKind kind(String name) {
        return List.of(NamespaceKind.values()).stream().filter(kind -> kind.kernelName().equals(name)).findFirst().orElseThrow();
    }

    /** As in a container: part of /proc lies under a mount that the new user namespace cannot remove. */
    @Test
    void maskedProc() throws Exception {
        String mask = "for f in /proc/timer_list /proc/keys /proc/interrupts; do "
            + "[ ! -e $f ] || exec mount --bind /dev/null $f; done; exit 98";
        String outer = Proc.isRoot() ? "unshare -m --propagation private"
            : "unshare -U -m -c --keep-caps --propagation private";
        String script = "exec " + outer + " sh -c '( %s ) && exec \"$HELPER\"'";
        assertFails(String.format(script, mask), TestJobs.isolated(), "mount", EPERM, "mount too revealing", "\"proc\": false");
        // The controls: nothing but the mask stops it, and the remedy is one.
        try (World world = World.wrapped(String.format(script, "true"))) {
            assertEquals(new Outcome.Exited(0), world.launcher().run(TestJobs.isolated().command(NOTHING).build()).outcome());
        }
        try (World world = World.wrapped(String.format(script, mask))) {
            JobSpec spec = TestJobs.isolated().freshProc(false).command(NOTHING).build();
            assertEquals(new Outcome.Exited(0), world.launcher().run(spec).outcome());
        }
    }

    @Test
    void programsThatCannotBeExecuted() throws Exception {
        try (World world = World.plain()) {
            String plain = Files.writeString(world.directory().resolve("plain"), "text\n").toString();
            String garbage = world.program("garbage", "\u0001\u0002\u0003").toString();
            String orphaned = world.program("orphaned", "#!/no/such/interpreter\n").toString();
            for (Profile profile : List.of(Profile.ISOLATED, Profile.BARE)) {
                boolean own = profile == Profile.ISOLATED;
                String[] missing = own ? new String[] {"a root of its own", "--ro-bind DIR"} : new String[] {"no such program", "check the path"};
                assertFails(world, program(profile, "/no/such/program"), "exec", ENOENT, missing);
                assertFails(world, program(profile, "no-such-program"), "exec", ENOENT, "PATH", own ? "--ro-bind DIR" : "give its path");
                String directory = world.directory().toString();
                UnaryOperator<JobSpec.Builder> seen = spec -> own ? spec.bindReadOnly(directory) : spec;
                assertFails(world, seen.apply(program(profile, plain)), "exec", EACCES, "not executable", "mode");
                assertFails(world, seen.apply(program(profile, directory)), "exec", EACCES, own ? "not executable" : "it is a directory");
                assertFails(world, seen.apply(program(profile, garbage)), "exec", ENOEXEC, "#!");
                assertFails(world, seen.apply(program(profile, orphaned)), "exec", ENOENT, "interpreter");
            }
            // What is there for the caller is not there for a job with a root of its own, and the hint says what to do.
            assertFails(world, program(Profile.ISOLATED, plain), "exec", ENOENT, "a root of its own", "--ro-bind DIR");
            world.assertNothingLeft();
        }
    }

    private static JobSpec.Builder program(Profile profile, String program) {
        return JobSpec.builder(profile).command(program);
    }

    @Test
    void directoriesThatCannotBeEntered() throws Exception {
        try (World world = World.plain()) {
            Path closed = World.mode(Files.createDirectory(world.directory().resolve("closed")), "---------");
            Path file = Files.writeString(world.directory().resolve("file"), "");
            assertFails(world, TestJobs.isolated().cwd("/no/such/directory"), "cwd", ENOENT, "no such directory", "--cwd");
            assertFails(world, TestJobs.isolated().bindReadOnly(world.directory().toString()).cwd(closed.toString()), "cwd", EACCES, "cannot search", "--cwd");
            assertFails(world, TestJobs.isolated().bindReadOnly(world.directory().toString()).cwd(file.toString()), "cwd", ENOTDIR, "no such directory");
            assertFails(world, JobSpec.bare().cwd("/no/such/directory"), "cwd", ENOENT, "no such directory");
            world.assertNothingLeft();
        }
    }

    @Test
    void namespacesThatCannotBeJoined() throws Exception {
        try (World world = World.plain()) {
            JobSpec.Builder wrongKind = JobSpec.bare().namespace(NamespaceKind.NET, NamespaceMode.join("/proc/self/ns/uts"));
            assertFails(world, wrongKind, "open-namespaces", EINVAL, "/proc/PID/ns/");
            JobSpec.Builder noNamespace = JobSpec.bare().namespace(NamespaceKind.NET, NamespaceMode.join("/dev/null"));
            assertFails(world, noNamespace, "open-namespaces", ENOTTY, "/proc/PID/ns/");
            JobSpec.Builder gone = JobSpec.bare().namespace(NamespaceKind.NET, NamespaceMode.join("/proc/self/ns/none"));
            assertFails(world, gone, "open-namespaces", ENOENT, "removed");
            world.assertNothingLeft();
        }
    }

    /** The host's root is never mapped, and a user cannot map what is not the user's. */
    @Test
    void mapsThatAreRefused() throws Exception {
        for (IdRange range : List.of(new IdRange(0, 0, 1), new IdRange(1000, 0, 5))) {
            assertInvalid(JobSpec.bare(NamespaceKind.USER).idMaps(IdMaps.of(List.of(range), List.of(range))),
                "$.idMap.users[0].outside", Proc.isRoot() ? "host uid 0 is never mapped" : "/etc/subuid",
                Proc.isRoot() ? "preset \"root\"" : "usermod --add-subuids", "$.idMap.groups[0].outside");
        }
        if (Proc.isRoot()) {
            assertInvalid(JobSpec.bare(NamespaceKind.USER).idMaps(IdMaps.of(IdMaps.Preset.CURRENT)), "use \"root\"");
        } else {
            IdRange foreign = new IdRange(1, 700_000_000, 10);
            assertInvalid(JobSpec.bare(NamespaceKind.USER).idMaps(IdMaps.of(List.of(foreign), List.of(foreign))),
                "not in your ranges of /etc/subuid", "not in your ranges of /etc/subgid", "--add-subgids");
        }
    }

    /** As when the package is removed after Java has looked. Root writes maps itself and does not care. */
    @Test
    @RequiresFeature(Feature.SUBORDINATE_IDS)
    void newuidmapIsMissing() throws Exception {
        assertNeedsTools("mount -t tmpfs none /usr/bin", ENOENT, "cannot execute the tool", "apt-get install uidmap");
    }

    /** As when the ranges are taken away after Java has looked: now newgidmap, which comes first, refuses. */
    @Test
    @RequiresFeature(Feature.SUBORDINATE_IDS)
    void theRangeIsGone() throws Exception {
        assertNeedsTools("mount --bind /dev/null /etc/subgid", EPERM, "not allowed", "/etc/subuid", "/etc/subgid");
    }

    private static void assertNeedsTools(String spoil, int errno, String message, String... hints) throws Exception {
        JobSpec.Builder spec = JobSpec.bare(NamespaceKind.USER).idMaps(IdMaps.of(IdMaps.Preset.AUTO)).command(NOTHING);
        try (World world = World.plain()) {
            assertEquals(new Outcome.Exited(0), world.launcher().run(spec.build()).outcome());
        }
        String outer = Proc.isRoot() ? "" : "-U -c --keep-caps ";
        String script = "exec unshare " + outer + "-m --propagation private sh -c '" + spoil + " && exec \"$HELPER\"'";
        if (Proc.isRoot()) {
            try (World world = World.wrapped(script)) {
                assertEquals(new Outcome.Exited(0), world.launcher().run(spec.build()).outcome());
            }
        } else {
            // In that user namespace the tools could not write a map either, so what they say has to be looked at.
            SandboxException failure = assertFails(script, spec, "id-map", errno, hints);
            assertTrue(failure.getMessage().contains(message), failure::toJson);
        }
    }
}
