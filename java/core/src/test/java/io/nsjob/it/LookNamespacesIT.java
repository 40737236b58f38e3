package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.IdRange;
import io.nsjob.Job;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMap;
import io.nsjob.NamespaceReport;
import io.nsjob.Namespaces;
import io.nsjob.StartOptions;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is found of namespaces, beside what those who made them know and what lsns(8) says. */
@JobTest
class LookNamespacesIT {
    private static final long SELF = ProcessHandle.current().pid();

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (Process process : started) {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    /** A shell in namespaces of its own that says when it is ready, and stays until it is killed: cat waits for the end of input. */
    private Process shell(String script) throws IOException {
        Process process = new ProcessBuilder("unshare", "-r", "sh", "-c", script).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        started.add(process);
        assertEquals('r', process.getInputStream().read(), script);
        return process;
    }

    private static NamespaceInfo of(NamespaceMap map, long pid, NamespaceKind kind) throws IOException {
        return map.get(Namespaces.of(pid).get(kind)).orElseThrow();
    }

    @Test
    void aPinnedNamespaceIsFoundByItsMountAndHasTheNameOfTheFile() throws Exception {
        Process shell = shell("exec unshare -m sh -c 'mount -t tmpfs none /run && mkdir /run/netns && touch \"/run/netns/n s\" && "
            + "unshare -n mount --bind /proc/self/ns/net \"/run/netns/n s\" && echo ready && exec cat'");
        NamespaceMap map = Namespaces.read();
        long mounts = Namespaces.of(shell.pid()).get(NamespaceKind.MNT);
        List<NamespaceInfo> pinned = map.all().stream()
            .filter(info -> info.pins().contains(new NamespaceInfo.Pin("/run/netns/n s", mounts))).toList();
        assertEquals(1, pinned.size(), map.toJson());
        NamespaceInfo info = pinned.get(0);
        assertEquals(List.of("n s"), info.names());
        assertEquals(0, info.processes());
        assertEquals(NamespaceKind.NET, info.kind());
        assertEquals(OptionalLong.of(of(map, shell.pid(), NamespaceKind.USER).inode()), info.userNamespace());
        assertEquals(of(map, shell.pid(), NamespaceKind.USER).owner(), info.owner());
    }

    @Test
    void whatOnlyADescriptorHoldsAndWhatOnlyTheKernelLeadsTo() throws Exception {
        // The first uts namespace is left to descriptor 9, the first user namespace to its child.
        Process shell = shell("exec unshare -u sh -c 'exec 9</proc/self/ns/uts;"
            + " exec unshare -u unshare -U sh -c \"echo ready; exec cat\"'");
        NamespaceMap map = Namespaces.read();
        NamespaceInfo inner = of(map, shell.pid(), NamespaceKind.USER);
        NamespaceInfo outer = map.get(inner.parent().orElseThrow()).orElseThrow();
        assertEquals(0, outer.processes());
        assertTrue(outer.holders().isEmpty() && outer.pins().isEmpty());
        assertEquals(OptionalLong.of(Namespaces.of(SELF).get(NamespaceKind.USER)), outer.parent());
        assertEquals(outer.inode(), of(map, shell.pid(), NamespaceKind.UTS).userNamespace().orElseThrow());
        List<NamespaceInfo> held = map.all().stream().filter(info -> info.holders().contains(shell.pid())).toList();
        assertEquals(1, held.size(), held.toString());
        assertEquals(NamespaceKind.UTS, held.get(0).kind());
        assertEquals(0, held.get(0).processes());
        assertEquals(uid(), outer.owner().orElseThrow().uid());
        assertTrue(map.ownedBy(outer.inode()).contains(held.get(0)));
        assertTrue(map.childrenOf(outer.inode()).contains(inner));
        // Control: nothing is left of them when their last process is gone.
        end();
        NamespaceMap later = Namespaces.read();
        for (NamespaceInfo gone : List.of(inner, outer, held.get(0))) {
            assertEquals(Optional.empty(), later.get(gone.inode()).filter(info -> info.kind() == gone.kind()
                && info.pid().equals(gone.pid())));
        }
    }

    private static long uid() {
        return HostFacts.real().identity().uid();
    }

    @Test
    void aJobWithANameIsInTheMapAndTheMapSurvivesJson() throws Exception {
        String name = "look-" + UUID.randomUUID();
        JobSpec spec = Jobs.small("sleep-term").name(name).pids(40).build();
        try (Launcher launcher = Launcher.open(); Job job = launcher.start(spec, StartOptions.held())) {
            NamespaceMap map = Namespaces.read();
            NamespaceReport report = job.report().namespaces();
            NamespaceInfo user = map.get(report.get(NamespaceKind.USER).inode()).orElseThrow();
            NamespaceInfo pid = map.get(report.get(NamespaceKind.PID).inode()).orElseThrow();
            assertEquals(List.of(name), user.names());
            assertEquals(OptionalLong.of(user.inode()), pid.userNamespace());
            assertEquals(OptionalLong.of(Namespaces.of(SELF).get(NamespaceKind.PID)), pid.parent());
            // As long as it is not dumpable, init is for root alone to look at.
            assertEquals(Jobs.isHostRoot() ? 2 : 1, pid.processes());
            assertEquals(Jobs.isHostRoot() ? job.report().initPid() : OptionalLong.of(job.report().hostPid()), pid.pid());
            assertEquals(job.report().uidMap(), user.uidMap().stream().map(line -> new IdRange(line.inside(), line.outside(),
                line.count())).toList());
            NamespaceMap.MappedJob mapped = map.jobs().stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
            assertTrue(mapped.namespaces().containsAll(List.of(user.inode(), pid.inode())));
            assertTrue(mapped.limits().stream().anyMatch(limit -> limit.startsWith("pids 40")), mapped.limits().toString());
            NamespaceMap again = NamespaceMap.fromJson(map.toJson());
            assertEquals(map.toJson(), again.toJson());
            assertEquals(map.all(), again.all());
            assertEquals(map.jobs(), again.jobs());
        }
        assertThrows(IllegalArgumentException.class, () -> NamespaceMap.fromJson("{\"nsjob\": 1}"));
        assertThrows(IOException.class, () -> Namespaces.of(4_000_001));
    }

    /** What lsns says of a namespace and what we do. */
    private record Seen(String kind, long processes, long pid) {
    }

    /** Nothing where a process went away while it was being looked at. */
    private static Map<Long, Seen> lsns() throws Exception {
        Process lsns = new ProcessBuilder("lsns", "--json", "-o", "NS,TYPE,NPROCS,PID").redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
        String json = new String(lsns.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(lsns.waitFor(60, TimeUnit.SECONDS));
        if (lsns.exitValue() != 0) {
            return Map.of();
        }
        Map<Long, Seen> all = new TreeMap<>();
        for (JsonElement element : new Gson().fromJson(json, JsonObject.class).getAsJsonArray("namespaces")) {
            JsonObject one = element.getAsJsonObject();
            long inode = one.get("ns").getAsLong();
            long processes = one.get("nprocs").getAsLong();
            if (processes > 0) {
                all.put(inode, new Seen(one.get("type").getAsString(), processes, one.get("pid").getAsLong()));
            }
        }
        return all;
    }

    private static Map<Long, Seen> ours() throws Exception {
        Map<Long, Seen> ours = new TreeMap<>();
        for (NamespaceInfo info : Namespaces.read().all()) {
            if (info.processes() > 0) {
                ours.put(info.inode(), new Seen(info.kind().kernelName(), info.processes(), info.pid().orElseThrow()));
            }
        }
        return ours;
    }

    /** Processes come and go elsewhere: of those that nobody but the test has it is the same in all, of the others the kind is. */
    @Test
    void itAgreesWithLsns() throws Exception {
        Process shell = shell("exec unshare -muinC sh -c 'exec 3<&0; cat <&3 & echo ready; cat'");
        Map<NamespaceKind, Long> self = Namespaces.of(SELF);
        Map<NamespaceKind, Long> own = new TreeMap<>(Namespaces.of(shell.pid()));
        own.values().removeAll(self.values());
        assertEquals(6, own.size(), own::toString);
        Await.until("lsns comes to its end, and all three are there", () -> {
            Map<Long, Seen> theirs = lsns();
            Map<Long, Seen> ours = ours();
            for (Long inode : self.values()) {
                assertEquals(theirs.getOrDefault(inode, ours.get(inode)).kind(), ours.get(inode).kind());
            }
            Seen uts = theirs.get(own.get(NamespaceKind.UTS));
            if (uts == null || uts.processes() != 3) {
                return false;
            }
            own.forEach((kind, inode) -> {
                assertEquals(new Seen(kind.kernelName(), 3, shell.pid()), theirs.get(inode));
                assertEquals(theirs.get(inode), ours.get(inode));
            });
            return true;
        });
    }
}
