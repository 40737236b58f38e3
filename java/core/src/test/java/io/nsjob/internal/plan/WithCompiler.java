package io.nsjob.internal.plan;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.FakeHost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A compiler of plans on a made-up machine, of whose root the caller is at first. */
abstract class WithCompiler {
    @TempDir
    Path root;
    FakeHost host;

    @BeforeEach
    void hostRoot() throws IOException {
        host = new FakeHost(root);
    }

    FakeHost alice(String groups) throws IOException {
        return host.ids(1000, 1000, groups);
    }

    static CompiledPlan compile(JobSpec.Builder spec, HostFacts facts) {
        return PlanCompiler.compile(spec.command("true").build(), facts,
            new PlanCompiler.Start(false, List.of(1, 2), true, "/run/nsjob/ids", "made-up"));
    }

    JsonObject plan(JobSpec.Builder spec) {
        return new Gson().fromJson(compile(spec, host.facts()).wire(), JsonObject.class);
    }

    List<String> violations(JobSpec.Builder spec) {
        return assertThrows(InvalidSpecException.class, () -> compile(spec, host.facts())).violations();
    }

    void assertRefused(String start, JobSpec.Builder spec) {
        List<String> violations = violations(spec);
        assertTrue(violations.stream().anyMatch(violation -> violation.startsWith(start)), violations.toString());
    }

    static List<String> topics(CompiledPlan plan) {
        return plan.weakened().stream().map(line -> line.substring(0, line.indexOf(": "))).toList();
    }
}
