package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.Capabilities;
import io.nsjob.IdMaps;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.Seccomp;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The system call filter on real jobs: what it refuses, with the control that nothing else does, and what must go on working. */
@JobTest
class SeccompIT extends WithLauncher {
    private static final String EPERM = "1";
    private static final String ENOSYS = "38";
    private static final String EAFNOSUPPORT = "97";
    private static final String OK = "\"ok\"";
    private static final Set<String> NO_SUCH_CALL = Set.of("clone3", "io_uring_setup", "io_uring_enter", "io_uring_register",
        "listmount", "unknown", "x32");
    private static final Set<String> NO_SUCH_FAMILY = Set.of("vsock", "vsock-high", "alg", "packet", "netfilter", "tipc-pair");
    private static final Set<String> ALLOWED = Set.of("unix", "inet", "inet6", "route", "personality-query", "prlimit-self",
        "renice-self", "clone-plain");
    /**
     * Where the kernel's own answer to a job with all capabilities in its user namespace may be the filter's: it asks for those
     * of the host, or was built without the feature. DefaultProfileTest knows that the filter refuses them.
     */
    private static final Set<String> MAY_BE_THE_KERNEL = Set.of("kcmp", "acct", "syslog", "kexec_load", "init_module",
        "delete_module", "swapon", "open_by_handle_at", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup",
        "io_uring_enter", "io_uring_register", "listmount", "vsock", "vsock-high", "alg", "netfilter", "tipc-pair", "unknown", "x32", "int80");

    private static String expected(String name) {
        if (ALLOWED.contains(name)) {
            return OK;
        }
        if (name.equals("int80")) {
            return "\"signal 31\"";
        }
        return NO_SUCH_CALL.contains(name) ? ENOSYS : NO_SUCH_FAMILY.contains(name) ? EAFNOSUPPORT : EPERM;
    }

    private static void assertRefused(JsonObject answers) {
        Map<String, String> got = new TreeMap<>();
        Map<String, String> due = new TreeMap<>();
        for (Map.Entry<String, JsonElement> answer : answers.entrySet()) {
            got.put(answer.getKey(), answer.getValue().toString());
            due.put(answer.getKey(), expected(answer.getKey()));
        }
        assertEquals(due, got);
        assertTrue(got.size() > 60, got::toString);
    }

    /** Root in a user namespace of its own, with all capabilities: there the kernel itself refuses little. */
    private static JobSpec.Builder powerful(Seccomp seccomp) {
        return JobSpec.bare(NamespaceKind.USER, NamespaceKind.PID, NamespaceKind.MNT, NamespaceKind.NET)
            .idMaps(IdMaps.of(IdMaps.Preset.ROOT)).command(TestJobs.program("try-syscall")).seccomp(seccomp);
    }

    @Test
    void whatJobsNeverNeedIsRefusedAndOnlyByTheFilter() throws Exception {
        JsonObject filtered = Jobs.json(launcher.run(powerful(Seccomp.DEFAULT).build()));
        assertRefused(filtered);
        JsonObject free = Jobs.json(launcher.run(powerful(Seccomp.NONE).build()));
        for (String name : filtered.keySet()) {
            if (ALLOWED.contains(name)) {
                assertEquals(OK, free.get(name).toString(), name);
            } else if (!MAY_BE_THE_KERNEL.contains(name)) {
                assertNotEquals(filtered.get(name), free.get(name), name + ": refused without the filter too");
            }
        }
    }

    @Test
    void isolatedHasTheFilter() throws Exception {
        JobResult result = launcher.run(Jobs.isolated("try-syscall").build());
        assertRefused(Jobs.json(result));
        assertEquals(2, result.report().credentials().seccomp());
        assertTrue(result.report().credentials().noNewPrivileges());
        assertTrue(result.report().weakened().stream().noneMatch(line -> line.startsWith("system calls")));
        JobResult none = launcher.run(Jobs.isolated("try-syscall", "unshare").seccomp(Seccomp.NONE).build());
        assertEquals(OK, Jobs.json(none).get("unshare").toString());
        assertEquals(0, none.report().credentials().seccomp());
        assertTrue(none.report().weakened().contains("system calls: no seccomp filter"), none.report().weakened().toString());
    }

    @Test
    void bareHasNoneUnlessAsked() throws Exception {
        JobSpec.Builder bare = JobSpec.bare().command(TestJobs.program("try-syscall"), "unshare");
        JobResult none = launcher.run(bare.build());
        assertEquals(0, none.report().credentials().seccomp());
        assertEquals(OK, Jobs.json(none).get("unshare").toString());
        JobResult some = launcher.run(bare.seccomp(Seccomp.DEFAULT).build());
        assertEquals(EPERM, Jobs.json(some).get("unshare").toString());
        assertTrue(some.report().credentials().noNewPrivileges(), "a filter brings it along");
    }

    @Test
    @RequiresFeature(Feature.X86_64)
    void aCallThroughAForeignDoorEndsTheProcess() throws Exception {
        JsonObject answer = Jobs.json(launcher.run(Jobs.isolated("try-syscall", "int80").build()));
        assertEquals("\"signal 31\"", answer.get("int80").toString());
    }

    @Test
    void aProfileOfTheCallersOwn() throws Exception {
        Seccomp profile = Seccomp.profile("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
            + "{\"names\":[\"unshare\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1234},"
            + "{\"names\":[\"setns\"],\"action\":\"SCMP_ACT_KILL_PROCESS\"},"
            + "{\"names\":[\"ioctl\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":7,"
            + "\"args\":[{\"index\":1,\"value\":21522,\"op\":\"SCMP_CMP_EQ\"}]}]}");
        JobResult result = launcher.run(Jobs.isolated("try-syscall", "setns", "tiocsti", "tiocsti-high", "tioclinux", "keyctl")
            .seccomp(profile).seccompLog(true).build());
        assertEquals("{\"setns\":\"signal 31\",\"keyctl\":95,\"tiocsti\":7,\"tiocsti-high\":7,\"tioclinux\":25}",
            Jobs.json(result).toString());
        assertTrue(result.report().weakened().contains("system calls: a profile of the caller's own"));
        JobResult sh = launcher.run(JobSpec.isolated().command("unshare", "true").seccomp(profile).build());
        assertTrue(sh.stderrText().contains("Unknown error 1234"), sh::stderrText);
    }

    @Test
    void aKilledJobIsSignaled() throws Exception {
        Seccomp profile = Seccomp.profile("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
            + "{\"names\":[\"getppid\",\"getuid\"],\"action\":\"SCMP_ACT_KILL_PROCESS\"}]}");
        Outcome outcome = launcher.run(JobSpec.isolated().command("id").seccomp(profile).build()).outcome();
        assertEquals(OptionalInt.of(31), outcome.signal());
    }

    @Test
    void aProfileUnderWhichNothingStartsIsRefused() {
        for (String name : List.of("execve", "sendmsg", "recvmsg", "exit_group", "rt_sigaction", "rt_sigprocmask", "brk")) {
            String profile = "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"" + name
                + "\"],\"action\":\"SCMP_ACT_ERRNO\"}]}";
            InvalidSpecException e = assertThrows(InvalidSpecException.class, () -> Seccomp.profile(profile));
            assertEquals(List.of("$.seccomp: forbids " + name + ", without which no program can be started"), e.violations());
        }
    }

    @Test
    void withoutNoNewPrivilegesItNeedsCapabilities() throws Exception {
        JobSpec.Builder spec = Jobs.isolated("exit-n", "0").noNewPrivileges(false);
        InvalidSpecException e = assertThrows(InvalidSpecException.class, () -> launcher.run(spec.build()));
        assertTrue(e.violations().get(0).startsWith("$.seccomp: a filter needs noNewPrivileges"), e.violations().toString());
        // Kept, but uid 1000 inside has none: only the kernel can tell.
        spec.capabilities(Capabilities.KEEP).user(7, 7);
        if (Jobs.isHostRoot()) {
            SandboxException failure = assertThrows(SandboxException.class, () -> launcher.run(spec.build()));
            assertEquals("seccomp", failure.stage(), failure::toJson);
            assertEquals(13, failure.errno(), failure::toJson);
            assertTrue(failure.hint().orElse("").contains("no_new_privs"), failure::toJson);
        }
        JobResult powerful = launcher.run(powerful(Seccomp.DEFAULT).noNewPrivileges(false)
            .command(TestJobs.program("try-syscall"), "unshare").build());
        assertEquals(EPERM, Jobs.json(powerful).get("unshare").toString());
        assertFalse(powerful.report().credentials().noNewPrivileges());
    }

    static Stream<Arguments> programs() {
        return Stream.of(
            Arguments.of("ls", "cd $T && mkdir a && touch a/b && ln -s b a/c && mkfifo a/d && cp -a a e && mv e f && "
                + "chmod 700 f && "
                + "ls -lR . >x && sort x | tail -1 && df . && dd if=/dev/zero of=z bs=1k count=4 && rm -r a f && stat x && "
                + "nice -n 3 true && timeout 5 true && mktemp && date && env && nproc && tac x && sleep 0.01"),
            Arguments.of("ps", "ps -ef && ps aux | grep -q ps"),
            Arguments.of("ip", "ip -brief link && ip addr show lo | grep 127.0.0.1"),
            Arguments.of("gcc", "cd $T && printf '#include <stdio.h>\\n#include <pthread.h>\\n"
                + "static void *f(void *x) { return x; }\\n"
                + "int main(void) { pthread_t t; return pthread_create(&t, 0, f, 0) || pthread_join(t, 0) || "
                + "puts(\"hi\") < 0; }\\n' "
                + ">a.c && gcc -pthread -o a a.c && ./a | grep -q hi"),
            Arguments.of("git", "cd $T && export HOME=$T && git init -q r && cd r && echo a >a && git add a && "
                + "git -c user.name=n -c user.email=e commit -qm m && git clone -q . ../s && git -C ../s log --oneline"));
    }

    /** In a directory of its own below /tmp, $T, that is gone afterwards. */
    private static void assertRuns(String script) throws Exception {
        assertRuns(JobSpec.isolated(), script);
    }

    private static void assertRuns(JobSpec.Builder spec, String script) throws Exception {
        String whole = "set -e; T=$(mktemp -d /tmp/seccomp-it.XXXXXX); trap 'rm -rf \"$T\"' EXIT; export T TMPDIR=$T; " + script;
        JobResult result = launcher.run(spec.command("/bin/sh", "-c", whole).build());
        assertTrue(result.outcome().success(), () -> result + ": " + result.stdoutText() + result.stderrText());
        assertEquals(2, result.report().credentials().seccomp());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("programs")
    void ordinaryProgramsRun(String program, String script) throws Exception {
        assertRuns("PATH=$PATH:/usr/sbin:/sbin; " + script);
    }

    @Test
    @RequiresFeature(Feature.PYTHON)
    void pythonRuns() throws Exception {
        assertRuns("python3 -c 'import socket, threading, subprocess, multiprocessing as m\n"
            + "s = socket.create_server((\"127.0.0.1\", 0))\n"
            + "t = threading.Thread(target=lambda: s.accept()[0].sendall(b\"hi\")); t.start()\n"
            + "c = socket.create_connection(s.getsockname()); assert c.recv(9) == b\"hi\"; t.join()\n"
            + "assert subprocess.check_output([\"echo\", \"x\"]) == b\"x\\n\"\n"
            + "a, b = socket.socketpair(); a.send(b\"1\"); assert b.recv(1) == b\"1\"\n"
            + "p = m.Process(target=print); p.start(); p.join(); assert p.exitcode == 0'");
    }

    @Test
    @RequiresFeature(Feature.NODE)
    void nodeRuns() throws Exception {
        assertRuns("node -e 'const n = require(\"net\"), s = n.createServer(c => c.end(\"hi\")).listen(0, "
            + "\"127.0.0.1\", "
            + "() => n.connect(s.address().port, \"127.0.0.1\").on(\"data\", d => { require(\"fs\").readdirSync(\"/\"); "
            + "require(\"child_process\").execSync(\"true\"); s.close(); }))'");
    }

    /** The one that runs this, of whatever version. */
    @Test
    void javaRuns() throws Exception {
        javaRuns(Path.of(System.getProperty("java.home")).toRealPath());
    }

    @Test
    @RequiresFeature(Feature.JDK_25)
    void newerJavaRuns() throws Exception {
        javaRuns(Feature.jdk(25).orElseThrow());
    }

    private static void javaRuns(Path home) throws Exception {
        JobSpec.Builder spec = home.startsWith("/usr") ? JobSpec.isolated() : JobSpec.isolated().bindReadOnly(home.toString());
        assertRuns(spec, "printf '%s\\n' 'class A { public static void main(String[] a) throws Exception {' "
            + "'try (var s = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {' "
            + "'Thread t = new Thread(() -> { try (var c = s.accept()) { c.getOutputStream().write(7); } catch (Exception e) { "
            + "throw new Error(e); } }); t.start();' "
            + "'try (var c = new java.net.Socket(s.getInetAddress(), s.getLocalPort())) { if (c.getInputStream().read() != 7) "
            + "System.exit(1); } t.join(); }' "
            + "'if (new ProcessBuilder(\"true\").start().waitFor() != 0) System.exit(2); } }' >$T/A.java; '"
            + home + "/bin/java' -Xmx128m $T/A.java");
    }
}
