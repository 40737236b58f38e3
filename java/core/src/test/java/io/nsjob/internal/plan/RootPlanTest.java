package io.nsjob.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Bind;
import io.nsjob.IdMapping;
import io.nsjob.IdRange;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Overlay;
import io.nsjob.Tmpfs;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.HostTree;
import io.nsjob.internal.os.Identity;
import io.nsjob.testing.FakeHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootPlanTest {
    @TempDir
    Path host;

    @BeforeEach
    void halfMerged() throws IOException {
        Files.createDirectories(host.resolve("usr/bin"));
        Files.createSymbolicLink(host.resolve("bin"), Path.of("usr/bin"));
        Files.createDirectories(host.resolve("lib"));
        Files.createDirectories(host.resolve("etc/java-17-openjdk"));
    }

    private List<Map<String, Object>> steps(JobSpec.Builder spec) {
        IdPlan ids = new IdPlan(Optional.empty(), true, Optional.empty(), OptionalLong.of(1000), OptionalLong.of(1001), Optional.empty(),
            List.of(), false);
        List<String> violations = new ArrayList<>();
        List<Map<String, Object>> steps = new RootPlan(spec.command("true").build(), new HostTree(host), facts(), maps(0)).steps(ids, "box",
            violations);
        assertEquals(List.of(), violations);
        return steps;
    }

    /** Of a root whose environment is in proc/self/environ of the tree. */
    private HostFacts facts() {
        try {
            return new FakeHost(host).facts();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As root or as somebody else starts it. */
    private DiskMaps maps(long caller) {
        Identity identity = new Identity(caller, caller, List.of(), List.of(new IdRange(0, 0, 4294967295L)),
            List.of(new IdRange(0, 0, 4294967295L)), true);
        return new DiskMaps(identity, OptionalLong.of(1000), OptionalLong.of(1001), new HostTree(host));
    }

    private static Map<String, Object> step(List<Map<String, Object>> steps, String target) {
        return steps.stream().filter(step -> target.equals(step.get("target"))).findFirst().orElse(Map.of());
    }

    private static int index(List<Map<String, Object>> steps, String op, String target) {
        for (int i = 0; i < steps.size(); i++) {
            if (op.equals(steps.get(i).get("op")) && (target == null || target.equals(steps.get(i).get("target")))) {
                return i;
            }
        }
        return -1;
    }

    @Test
    void theHostsShapeIsFollowed() {
        List<Map<String, Object>> steps = steps(JobSpec.isolated().rootMinimal());
        assertEquals(Map.of("op", "symlink", "target", "/bin", "text", "usr/bin"), step(steps, "/bin"));
        assertEquals("bind", step(steps, "/lib").get("op"));
        assertEquals(true, step(steps, "/lib").get("readOnly"));
        assertEquals(Map.of(), step(steps, "/lib64"));
        assertEquals(true, step(steps, "/etc/java-17-openjdk").get("optional"));
        assertEquals("job:x:1000:1001:job:/work:/bin/sh", new String(Base64.getDecoder().decode(
            (String) step(steps, "/etc/passwd").get("base64")), StandardCharsets.UTF_8).split("\n")[1]);
        assertEquals(Map.of(), step(steps, "/etc/shadow"));
    }

    @Test
    void aHomeOfAnyLettersIsTheSameInside() throws IOException {
        String home = "/home/\u00e4\ud55c\uae00";
        HostFacts facts = new FakeHost(host).put("etc/passwd", "root:x:0:0:\u00c4:" + home + "/:/bin/sh\n").facts();
        assertEquals(Optional.of(home), facts.home());
        EtcFiles etc = new EtcFiles(new HostTree(host));
        etc.hostUsers("job", OptionalLong.of(1000), OptionalLong.of(1000), home);
        byte[] passwd = etc.files().get("/etc/passwd").getBytes(StandardCharsets.ISO_8859_1);
        assertEquals("job:x:1000:1000:job:" + home + ":/bin/sh\nroot:x:0:0:\u00c4:" + home + "/:/bin/sh\n",
            new String(passwd, StandardCharsets.UTF_8));
    }

    @Test
    void theOrderIsTheKernels() {
        List<Map<String, Object>> steps = steps(JobSpec.isolated().rootMinimal().file("/x", "").tmpfs("/t", 1));
        assertEquals("propagation", steps.get(0).get("op"));
        assertEquals("root", steps.get(1).get("op"));
        assertEquals(Map.of("op", "pivot", "readOnly", true), steps.get(steps.size() - 1));
        assertTrue(index(steps, "proc", "/proc") < index(steps, "mask", null));
        assertTrue(index(steps, "mask", null) < index(steps, "readOnly", null));
        assertTrue(index(steps, "dev", "/dev") < index(steps, "mqueue", "/dev/mqueue"));
        assertTrue(index(steps, "tmpfs", "/t") < index(steps, "file", "/x"));
    }

    @Test
    void whatLiesAboveComesFirst() {
        List<Map<String, Object>> steps = steps(JobSpec.isolated().rootMinimal().bind(new Bind("/usr", "/a/b/c", true, false))
            .bind(new Bind("/usr", "/a/b", true, false)).tmpfs(new Tmpfs("/a", 1)));
        assertTrue(index(steps, "tmpfs", "/a") < index(steps, "bind", "/a/b"));
        assertTrue(index(steps, "bind", "/a/b") < index(steps, "bind", "/a/b/c"));
    }

    @Test
    void whatTheUserNamesReplacesOurs() {
        List<Map<String, Object>> steps = steps(JobSpec.isolated().rootMinimal().tmpfs(new Tmpfs("/tmp", 7))
            .bind(new Bind("/usr", "/work", false, false)).file("/etc/hosts", "mine"));
        assertEquals(1, steps.stream().filter(step -> "/tmp".equals(step.get("target"))).count());
        assertEquals(7L, step(steps, "/tmp").get("size"));
        assertEquals("bind", step(steps, "/work").get("op"));
        assertEquals(1, steps.stream().filter(step -> "/etc/hosts".equals(step.get("target"))).count());
        assertEquals("bWluZQ==", step(steps, "/etc/hosts").get("base64"));
    }

    @Test
    void onTheHostsTreeNothingIsMadeButMounts() {
        List<Map<String, Object>> steps = steps(JobSpec.bare(NamespaceKind.MNT).tmpfs("/tmp", 7).bindReadOnly("/usr"));
        assertEquals(List.of("propagation", "tmpfs", "bind"), steps.stream().map(step -> step.get("op")).toList());
        assertEquals(List.of(), steps(JobSpec.bare()));
    }

    @Test
    void socketsBelowABindAreFound() throws IOException {
        Path directory = Files.createDirectories(host.resolve("run/user/x"));
        JobSpec spec = JobSpec.isolated().rootMinimal().bindReadOnly("/run").command("true").build();
        List<String> lines = new ArrayList<>();
        Weakened.sockets(spec, facts(), new HostTree(host), lines);
        assertEquals(List.of(), lines);
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(directory.resolve("s")));
            Weakened.sockets(spec, facts(), new HostTree(host), lines);
        }
        assertEquals(List.of("sockets: there are some of the host in /run, which can be reached"), lines);
        assertFalse(new HostTree(host).hasSocket("/usr"));
    }

    /** Of a user: root may look into all of them. */
    @Test
    void socketsBesideWhatIsClosedAreFound() throws IOException {
        List<Path> closed = new ArrayList<>();
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Path directory = Files.createDirectories(host.resolve("data"));
            for (int i = 0; i < 20; i++) {
                closed.add(Files.createDirectory(directory.resolve("closed" + i)));
                Files.setPosixFilePermissions(closed.get(i), Set.of());
            }
            socket.bind(UnixDomainSocketAddress.of(directory.resolve("s")));
            assertTrue(new HostTree(host).hasSocket("/data"));
        } finally {
            for (Path directory : closed) {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            }
        }
    }

    @Test
    void whatIsMappedIsTheOwnerToTheJob() throws IOException {
        Map<String, Object> ids = Files.readAttributes(host, "unix:uid,gid");
        JobSpec.Builder spec = JobSpec.isolated().bind(Bind.writable("/usr", "/a").idMapped()).bind(
            Bind.writable("/lib", "/b").idMapped(IdMapping.TRY).withoutSymlinks()).bind(Bind.writable("/lib", "/c"));
        List<Map<String, Object>> steps = steps(spec);
        assertEquals(Map.of("required", true,
            "uid", Map.of("disk", (long) (Integer) ids.get("uid"), "inside", 1000L, "count", 1L),
            "gid", Map.of("disk", (long) (Integer) ids.get("gid"), "inside", 1001L, "count", 1L)), step(steps, "/a").get("idMap"));
        assertEquals(false, ((Map<?, ?>) step(steps, "/b").get("idMap")).get("required"));
        assertEquals(true, step(steps, "/b").get("noSymfollow"));
        assertFalse(step(steps, "/c").containsKey("idMap") || step(steps, "/c").containsKey("noSymfollow"));
    }

    @Test
    void anOverlayIsMadeOfItsLayersAboveWhatLiesInIt() throws IOException {
        Files.createDirectories(host.resolve("srv"));
        List<Map<String, Object>> steps = steps(JobSpec.isolated().bind(new Bind("/usr", "/mnt/in/bind", true, false))
            .overlay(Overlay.of("/mnt/in", "/lib", "/usr").withSize(4096, 7)).overlay(Overlay.of("/box", "/lib").keptIn("/srv")));
        int memory = index(steps, "overlay", "/mnt/in");
        assertEquals(List.of("lower /lib", "lower /usr", "overlay null"), steps.subList(memory - 2, memory + 1).stream()
            .map(step -> step.get("op") + " " + step.get("source")).toList());
        assertEquals(Map.of("op", "overlay", "target", "/mnt/in", "size", 4096L, "inodes", 7L), steps.get(memory));
        assertTrue(memory < index(steps, "bind", "/mnt/in/bind"));
        int kept = index(steps, "overlay", "/box");
        assertEquals(List.of("lower /lib", "upper /srv", "overlay null"), steps.subList(kept - 2, kept + 1).stream()
            .map(step -> step.get("op") + " " + step.get("source")).toList());
        assertEquals(Map.of("op", "overlay", "target", "/box"), steps.get(kept));
        // Nothing of the job's may lie on the disk with other ids than the owner's; what is only read can do without.
        assertEquals(true, ((Map<?, ?>) steps.get(kept - 1).get("idMap")).get("required"));
        assertEquals(false, ((Map<?, ?>) steps.get(kept - 2).get("idMap")).get("required"));
    }

    @Test
    void aLayerThatIsMissingIsNamed() {
        List<String> violations = new ArrayList<>();
        JobSpec spec = JobSpec.isolated().overlay(Overlay.of("/box", "/usr", "/no").keptIn("/nor")).command("true").build();
        IdPlan ids = new IdPlan(Optional.empty(), true, Optional.empty(), OptionalLong.empty(), OptionalLong.empty(), Optional.empty(),
            List.of(), false);
        new RootPlan(spec, new HostTree(host), facts(), maps(0)).steps(ids, "box", violations);
        assertEquals(List.of("$.filesystem.overlays[0].lower[1]: there is no directory /no",
            "$.filesystem.overlays[0].upper: there is no directory /nor"), violations);
    }

    @Test
    void aKeptOverlayWeakensAndOneInMemoryDoesNot() {
        List<String> lines = new ArrayList<>();
        JobSpec.Builder spec = JobSpec.isolated().namespace(NamespaceKind.USER, NamespaceMode.inherit()).command("true");
        Weakened.filesystem(spec.overlay(Overlay.of("/a", "/usr")).build(), facts(), new HostTree(host), lines);
        assertEquals(List.of(), lines);
        Weakened.filesystem(spec.overlay(Overlay.of("/b", "/usr").keptIn("/srv")).build(), facts(), new HostTree(host), lines);
        assertEquals(List.of("filesystem: the host's /srv is written to as /b"), lines);
    }

    @Test
    void aUserCanHaveTheOwnFilesOnly() throws IOException {
        long owner = (Integer) Files.getAttribute(host, "unix:uid");
        JobSpec required = JobSpec.isolated().bind(Bind.writable("/usr", "/a").idMapped()).command("true").build();
        JobSpec tried = JobSpec.isolated().bind(Bind.writable("/usr", "/a").idMapped(IdMapping.TRY)).command("true").build();
        for (long caller : new long[] {12345, 12346}) {
            List<String> violations = new ArrayList<>();
            maps(caller).check(required, violations);
            maps(caller).check(tried, violations);
            assertTrue(maps(caller).of(tried.binds().get(0)).isEmpty());
            assertEquals(owner == caller ? 0 : 1, violations.size(), violations::toString);
            assertEquals(owner == caller ? 0 : 1, maps(caller).weakened(tried).size());
        }
    }

    /** As unshare(1) does behind its chroot; a link there would lead out here. */
    @Test
    void aChrootHasTheFreshProcWhereItHasADirectoryForIt() throws IOException {
        Files.createDirectories(host.resolve("image/proc"));
        Files.createDirectories(host.resolve("linked"));
        Files.createSymbolicLink(host.resolve("linked/proc"), Path.of("/image/proc"));
        JobSpec.Builder bare = JobSpec.bare().namespace(NamespaceKind.MNT, NamespaceMode.fresh());
        assertEquals(List.of("/", "/proc", "/image/proc"), targets(bare.namespace(NamespaceKind.PID, NamespaceMode.fresh()).chroot("/image")));
        assertEquals(List.of("/", "/proc", "/image/proc"), targets(bare.chroot("//image/")));
        for (String other : List.of("/linked", "/usr", "/", "/usr/../image")) {
            assertEquals(List.of("/", "/proc"), targets(bare.chroot(other)), other);
        }
        assertEquals(List.of("/"), targets(bare.freshProc(false).chroot("/image")));
    }

    private List<String> targets(JobSpec.Builder spec) {
        return steps(spec).stream().map(step -> (String) step.get("target")).toList();
    }
}
