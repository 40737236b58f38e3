package io.nsjob.cli.demo;

import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Servers and clients in the network namespace of a session: jobs that join it, and its user namespace that owns it. */
final class NetworkJobs implements AutoCloseable {
    private final Stage stage;
    private final Launcher launcher;
    private final List<Job> servers = new ArrayList<>();

    NetworkJobs(Stage stage, Launcher launcher) {
        this.stage = stage;
        this.launcher = launcher;
    }

    private JobSpec spec(String session, List<String> arguments, Duration limit) {
        Map<String, String> joins = new LinkedHashMap<>();
        if (!session.equals(Demo.HOST)) {
            joins.put("user", session);
            joins.put("net", session);
        }
        List<String> command = JavaCommand.of(Port.class, List.of(), arguments);
        PlaceSpec place = stage.single(new Demo.Single(new Demo.Place(Map.of(), joins, Map.of()), Optional.empty(), command));
        return JobSpec.fromJson(place.json(command, Map.of(), "/")).toBuilder().wallTime(limit).build();
    }

    /** Starts a server that lives until the demo ends, and returns what it says when it listens. */
    Output serve(String session, String port, String text) throws SandboxException, InterruptedException {
        Job server = launcher.start(spec(session, List.of("serve", port, text), Duration.ofHours(1)),
            StartOptions.defaults().withOut(Stdio.stream()));
        servers.add(server);
        try {
            String line = new BufferedReader(new InputStreamReader(server.stdout(), StandardCharsets.UTF_8)).readLine();
            if (line != null) {
                return Output.of(line + "\n");
            }
        } catch (IOException e) {
            return Output.failed(e.getMessage());
        }
        JobResult result = server.await();
        return new Output("", result.stderrText(), result.exitStatus(), "");
    }

    Output fetch(String session, String host, String port, Duration limit) throws SandboxException, InterruptedException {
        JobResult result = launcher.run(spec(session, List.of("fetch", host, port), limit));
        return new Output(result.stdoutText(), result.stderrText(), result.exitStatus(), "");
    }

    @Override
    public void close() {
        servers.forEach(Job::close);
    }
}
