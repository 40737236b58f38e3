package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.internal.launch.HelperConnection;
import io.nsjob.internal.launch.HelperLocator;
import io.nsjob.internal.launch.HelperStdio;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.plan.PlanCompiler;
import io.nsjob.internal.wire.Event;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.FrameType;
import io.nsjob.testing.Feature;
import io.nsjob.testing.Fixtures;
import io.nsjob.testing.RequiresFeature;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files of test-fixtures meet the real helper. */
@JobTest
class FixturesIT extends WithLauncher {
    private static final Path SPECS = Fixtures.directory("specs/valid");
    private static final Path PLANS = Fixtures.directory("plans/invalid");

    /** Those that this caller can run; what needs subordinate ids has a test of its own. */
    static Stream<String> specs() {
        JsonObject index = Fixtures.index(SPECS);
        return Fixtures.names(SPECS).stream().filter(name -> {
            List<String> needs = new ArrayList<>();
            index.getAsJsonObject(name).getAsJsonArray("needs").forEach(need -> needs.add(need.getAsString()));
            return !needs.contains("subordinate-ids") && !needs.contains(Jobs.isHostRoot() ? "unprivileged" : "root")
                && (firstProcess() || !needs.contains("first-process"));
        });
    }

    /** The kernel's question is that of ptrace(2): as many capabilities as pid 1 has. */
    private static boolean firstProcess() {
        return Jobs.isHostRoot() && Files.isReadable(Path.of("/proc/1/ns/mnt"));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void validSpecsRun(String name) throws Exception {
        run(name);
    }

    @Test
    @RequiresFeature(Feature.SUBORDINATE_IDS)
    void theSpecThatNeedsSubordinateIdsRuns() throws Exception {
        run("map-auto.json");
    }

    private static void run(String name) throws Exception {
        JobResult result = launcher.run(JobSpec.fromJson(Fixtures.bytes(SPECS.resolve(name))));
        assertTrue(result.outcome().success(), () -> result + "\n" + result.stdoutText() + result.stderrText());
    }

    @Test
    void invalidPlansAreRefusedByTheHelperNamingTheField(@TempDir Path directory) throws Exception {
        Path helper = HelperLocator.locate(HostFacts.real().identity().uid());
        JsonObject index = Fixtures.index(PLANS);
        TreeMap<String, String> wrong = new TreeMap<>();
        int number = 0;
        for (String name : Fixtures.names(PLANS)) {
            byte[] plan = Fixtures.bytes(PLANS.resolve(name));
            HelperConnection connection = HelperConnection.open(helper, directory.resolve(number++ + ".sock"),
                new HelperStdio(Redirect.PIPE, Redirect.DISCARD, Redirect.DISCARD));
            try {
                connection.accept();
                connection.send(new Frame(FrameType.PLAN, plan));
                Event.Failed failed = assertInstanceOf(Event.Failed.class, connection.next().orElse(null), name);
                if (!failed.stage().equals("plan") || !failed.subject().equals(index.get(name).getAsString())) {
                    wrong.put(name, failed.toString());
                }
            } finally {
                connection.close();
            }
            assertTrue(connection.process().waitFor(60, TimeUnit.SECONDS));
        }
        assertEquals(new TreeMap<>(), wrong);
        assertTrue(number > 60, "only " + number);
    }

    @Test
    void theHelperDescribesWhatThisLibraryKnows() throws Exception {
        Process describe = new ProcessBuilder(HelperLocator.locate(HostFacts.real().identity().uid()).toString(), "--describe").start();
        JsonObject said = new Gson().fromJson(new String(describe.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
            JsonObject.class);
        assertEquals(PlanCompiler.PROTOCOL, said.get("protocol").getAsInt());
        List<String> kinds = new ArrayList<>();
        said.getAsJsonArray("kinds").forEach(kind -> kinds.add(kind.getAsString()));
        assertEquals(Stream.of(NamespaceKind.values()).map(NamespaceKind::kernelName).toList(), kinds);
    }

    /** Arguments, environment and paths arrive byte for byte, whatever the locale of this JVM: run under LC_ALL=C as well. */
    @Test
    void koreanArrivesIntact(@TempDir Path directory) throws Exception {
        String korean = "\ud55c\uad6d\uc5b4 \uc778\uc790 \ud83d\ude00";
        JobResult result = launcher.run(Jobs.isolated("show-args", "-e", "NAME", korean, "", " ", "a\nb\"\\").env("NAME", korean).build());
        JsonObject seen = Jobs.json(result);
        List<String> argv = new ArrayList<>();
        seen.getAsJsonArray("argv").forEach(word -> argv.add(word.getAsString()));
        assertEquals(List.of("-e", "NAME", korean, "", " ", "a\nb\"\\"), argv.subList(1, argv.size()));
        assertEquals(korean, seen.getAsJsonObject("env").get("NAME").getAsString());
        String made = "/tmp/nsjob-\ud55c\uad6d-" + System.nanoTime();
        JobResult path = launcher.run(JobSpec.bare().command("/bin/sh", "-c",
            "mkdir \"$1\" && cd \"$1\" && pwd && cd / && rmdir \"$1\"", "sh", made).build());
        assertEquals(made + "\n", path.stdoutText(), path.stderrText());
        assertTrue(Files.isDirectory(directory));
    }
}
