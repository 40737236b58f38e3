package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Housekeeping;
import io.nsjob.NetConnection;
import io.nsjob.NetListener;
import io.nsjob.NetNamespace;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.StateBase;
import io.nsjob.testing.Await;
import io.nsjob.testing.Feature;
import io.nsjob.testing.Netns;
import io.nsjob.testing.RequiresFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code nsjob netns} beside {@code ip netns}. */
@Tag("integration")
@Timeout(300)
@RequiresFeature({Feature.HELPER, Feature.USER_NAMESPACES})
class NetnsIT {
    private final Netns netns = new Netns();
    private String one;
    private String two;

    @BeforeEach
    void names() {
        one = netns.name();
        two = netns.name();
    }

    @AfterEach
    void close() throws Exception {
        netns.close();
    }

    private static String ip(String... arguments) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of("ip", "netns"));
        command.addAll(List.of(arguments));
        Process ip = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(ip.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return ip.waitFor() == 0 ? said : "failed: " + said;
    }

    private static String out(String... arguments) throws Exception {
        var result = CliProcess.run(arguments).expect(0);
        assertEquals("", result.errText());
        return result.outText();
    }

    /** The commands of the text that everybody reads, with nsjob in place of ip. */
    @Test
    void whatTheArticleShowsIsShown() throws Exception {
        out("netns", "add", one);
        out("netns", "add", two);
        List<String> listed = out("netns").lines().filter(line -> line.equals(one) || line.equals(two)).toList();
        assertEquals(2, listed.size());
        List<String> links = out("netns", "exec", one, "ip", "link").lines().toList();
        assertEquals(2, links.size(), links::toString);
        assertTrue(links.get(0).startsWith("1: lo: ") && links.get(0).contains(" state DOWN "), links::toString);
    }

    /** Two of them joined by a cable, and one end in each: from a place that sees both. */
    @Test
    void theyAreWiredTogether() throws Exception {
        out("netns", "add", "--up", one, two);
        String cable = "ip link add nsjt1 netns " + one + " type veth peer name nsjt2 netns " + two
            + " && ip -n " + one + " addr add 192.0.2.1/24 dev nsjt1 && ip -n " + one + " link set nsjt1 up"
            + " && ip -n " + two + " addr add 192.0.2.2/24 dev nsjt2 && ip -n " + two + " link set nsjt2 up";
        out("netns", "exec", "--home", "--", "sh", "-c", cable);
        String links = out("netns", "exec", two, "ip", "-br", "addr");
        assertTrue(links.contains("192.0.2.2/24") && !links.contains("192.0.2.1"), links);
        // Sockets of this JVM on both ends.
        try (NetListener listener = NetNamespace.named(one).listen(0);
                NetConnection there = NetNamespace.named(two).connect("192.0.2.1", listener.address().getPort());
                NetConnection here = listener.accept()) {
            assertEquals("192.0.2.2", here.peer().getAddress().getHostAddress());
            there.out().write(7);
            assertEquals(7, here.in().read());
        }
    }

    /** Whom nobody has reaped yet does not. */
    private static boolean runs(Path stat) {
        try {
            return !Files.readString(stat).contains(") Z ");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aUsersNamesAreHeldByOneProcessThatEndsWithTheLast() throws Exception {
        if (Netns.mayMount()) {
            return;
        }
        Path base = StateBase.require(HostFacts.real().identity());
        Path record = base.resolve("netns.keeper");
        assertFalse(Files.exists(record));
        NetNamespace.create(one);
        String keeper = Files.readString(record).split(" ")[0];
        NetNamespace.create(two);
        assertEquals(keeper, Files.readString(record).split(" ")[0]);
        assertEquals(List.of(two, one), NetNamespace.list().stream().map(name -> name.name().orElseThrow()).toList());
        NetNamespace.delete(one);
        NetNamespace.delete(two);
        assertFalse(Files.exists(record));
        Path ended = Path.of("/proc", keeper, "stat");
        Await.until("nobody is left", () -> !runs(ended));
        // One that was killed takes its names with it.
        NetNamespace.create(one);
        keeper = Files.readString(record).split(" ")[0];
        ProcessHandle killed = ProcessHandle.of(Long.parseLong(keeper)).orElseThrow();
        killed.destroyForcibly();
        killed.onExit().get();
        assertEquals(List.of(), NetNamespace.list());
        assertEquals(List.of(record.toString()), Housekeeping.gc().stream().filter(path -> path.equals(record.toString())).toList());
        assertFalse(Files.exists(record));
    }

    @Test
    void eachSeesTheOthers() throws Exception {
        if (!Netns.mayMount()) {
            return;
        }
        assertEquals("", ip("add", one));
        out("netns", "add", "--up", two);
        assertEquals(ip().lines().toList(), out("netns", "list").lines().toList());
        List<Object> json = Redaction.cast(Map.of("all", JsonTree.parse(out("netns", "--json")))).values().stream().toList();
        assertTrue(json.toString().contains("name=" + one) && json.toString().contains("inode="), json::toString);
        String byIp = ip("exec", one, "readlink", "/proc/self/ns/net");
        String byUs = out("netns", "exec", one, "--", "sh", "-c", "readlink /proc/self/ns/net; ls /sys/class/net");
        assertEquals(byIp + "lo\n", byUs);
        assertTrue(ip("exec", two, "ip", "link", "show", "lo").contains(",UP"));
        assertEquals("", ip("delete", two));
        out("netns", "delete", one);
        assertFalse(ip().contains(one) || ip().contains(two));
    }

    @Test
    void theFilesOfEtcAreThoseOfTheNamespace() throws Exception {
        if (!Netns.mayMount()) {
            return;
        }
        Path all = Path.of("/etc/netns");
        boolean existed = Files.exists(all);
        Path etc = Files.createDirectories(all.resolve(one));
        try {
            Files.writeString(etc.resolve("hosts"), "192.0.2.1 " + one + "\n");
            Files.writeString(etc.resolve("nsjt-is-nowhere-else"), "");
            out("netns", "add", one);
            assertEquals("192.0.2.1 " + one + "\n", out("netns", "exec", one, "cat", "/etc/hosts"));
        } finally {
            Files.deleteIfExists(etc.resolve("hosts"));
            Files.deleteIfExists(etc.resolve("nsjt-is-nowhere-else"));
            Files.deleteIfExists(etc);
            if (!existed) {
                Files.deleteIfExists(all);
            }
        }
    }

    @Test
    void mistakesAreOneLine() throws Exception {
        CliProcess.run("netns", "exec", one, "true").expect(125).expectOneLine("nsjob: netns: there is no network namespace " + one);
        out("netns", "add", one);
        CliProcess.run("netns", "add", one).expect(125).expectOneLine("nsjob: netns: there is a network namespace " + one + " already");
        CliProcess.run("netns", "add", "a/b").expect(125).expectOneLine("nsjob: netns add: 'a/b' is not a name");
        assertEquals(7, CliProcess.run("netns", "exec", one, "sh", "-c", "exit 7").status());
        CliProcess.run("netns", "exec", "--", one).expect(125).expectOneLine("nsjob: netns exec: a command is missing");
        out("netns", "del", one);
        CliProcess.run("netns", "delete", one).expect(125).expectOneLine("nsjob: netns: there is no network namespace " + one);
    }
}
