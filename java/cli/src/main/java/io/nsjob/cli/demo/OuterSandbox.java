package io.nsjob.cli.demo;

import io.nsjob.IdMaps;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A machine to spoil. A demo without its isolation does to its host what it should do to its sandbox: it sets the host name, mounts,
 * kills. So the whole program, host session included, runs once more within a job in which all eight namespaces are new, with an id
 * that owns nothing of the real host; and it starts nothing before it has seen that for itself.
 */
final class OuterSandbox {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static final long ROOM = 64L << 20;

    private OuterSandbox() {}

    /** Runs {@code nsjob demo} with these arguments in there. */
    static JobResult run(Launcher launcher, List<String> arguments, StartOptions streams)
            throws SandboxException, IOException, InterruptedException {
        // It is hidden in there by one in memory: what is left in that goes with the mount namespace, and nobody out here has to
        // remove what somebody else may write to.
        try (ScratchDirectory directory = ScratchDirectory.create()) {
            List<String> options = new ArrayList<>(List.of("-Djava.io.tmpdir=" + directory.path()));
            String helper = System.getProperty("nsjob.helper", "");
            if (!helper.isEmpty()) {
                options.add("-Dnsjob.helper=" + Path.of(helper).toAbsolutePath());
            }
            List<String> inner = new ArrayList<>(List.of("demo", "--outer", String.join(",", namespaces().values())));
            inner.addAll(arguments);
            JobSpec.Builder spec = JobSpec.bare().command(JavaCommand.of(io.nsjob.cli.Main.class, options, inner)).cwd("/")
                .idMaps(IdMaps.of(IdMaps.Preset.ROOT)).wallTime(LIMIT)
                // Its state goes the same way: in the host's /tmp it would be that of an id that nobody has again.
                .env("XDG_RUNTIME_DIR", directory.path().toString())
                .tmpfs(directory.path().toString(), ROOM);
            for (NamespaceKind kind : NamespaceKind.values()) {
                spec.namespace(kind, NamespaceMode.fresh());
            }
            return launcher.run(spec.build(), streams);
        }
    }

    /**
     * Makes sure that this process is in such a job.
     *
     * @param host the namespaces of the real host, as the outer program has them
     */
    static void verify(String host) throws IOException {
        List<String> outside = List.of(host.split(","));
        Map<String, String> here = namespaces();
        for (NamespaceKind kind : NamespaceKind.values()) {
            String prefix = kind.kernelName() + ":[";
            boolean known = outside.stream().anyMatch(name -> name.startsWith(prefix));
            if (!known || outside.contains(here.get(kind.kernelName()))) {
                throw new DemoException("the " + kind.kernelName() + " namespace is the host's: nothing is left out here");
            }
        }
    }

    private static Map<String, String> namespaces() throws IOException {
        Map<String, String> namespaces = new LinkedHashMap<>();
        for (NamespaceKind kind : NamespaceKind.values()) {
            Path link = Path.of("/proc/self/ns", kind.kernelName());
            if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                namespaces.put(kind.kernelName(), Files.readSymbolicLink(link).toString());
            }
        }
        return namespaces;
    }
}
