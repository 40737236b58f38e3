package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.nsjob.Job;
import io.nsjob.JobRecord;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.NoSuchJobException;
import io.nsjob.Profile;
import io.nsjob.StageTiming;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Jobs with a name can be found by it while they run, and not a moment longer. */
@JobTest
class JobsIT {
    private static final String NAME = "it-" + UUID.randomUUID();
    private static Launcher launcher;

    @BeforeAll
    static void open() throws Exception {
        launcher = Launcher.open();
    }

    @AfterAll
    static void close() {
        launcher.close();
    }

    private static JobSpec.Builder named() {
        return Jobs.small("sleep-term").name(NAME).env("TOKEN", "s3cr3t-value");
    }

    private static List<JobRecord> mine() {
        return io.nsjob.Jobs.list().stream().filter(record -> record.name().equals(NAME)).toList();
    }

    @Test
    void theRecordIsThereFromPreparedToTheEnd() throws Exception {
        assertEquals(List.of(), mine());
        Instant before = Instant.now();
        try (Job job = launcher.start(named().build(), StartOptions.held())) {
            JobRecord held = io.nsjob.Jobs.find(NAME);
            assertFalse(held.stages().stream().map(StageTiming::name).toList().contains("exec"));
            assertEquals(job.report().hostPid(), held.main().pid());
            assertEquals(job.report().initPid().orElseThrow(), held.init().orElseThrow().pid());
            assertEquals(job.report().namespaces().all(), held.namespaces().all());
            assertEquals(job.report().uidMap(), held.uidMap());
            assertEquals(Profile.BARE, held.profile());
            assertFalse(held.created().isBefore(before.minusMillis(1)) || held.created().isAfter(Instant.now()));
            assertFalse(held.json().contains("s3cr3t-value"));
            JsonObject json = new Gson().fromJson(held.json(), JsonObject.class);
            assertTrue(json.toString().contains("TOKEN"), json.toString());
            assertEquals(NAME, json.getAsJsonObject("spec").get("name").getAsString());
            job.release();
            assertEquals(held.supervisor(), awaitExec().supervisor());
            for (JobRecord.ProcessId one : List.of(held.supervisor(), held.init().orElseThrow(), held.main())) {
                assertEquals(held.main(), io.nsjob.Jobs.find(Long.toString(one.pid())).main());
            }
            job.cancel(Duration.ZERO);
            job.await();
            assertEquals(List.of(), mine());
        }
    }

    private static JobRecord awaitExec() throws Exception {
        for (int i = 0; i < 3000; i++) {
            JobRecord now = io.nsjob.Jobs.find(NAME);
            if (now.stages().stream().anyMatch(stage -> stage.name().equals("exec"))) {
                return now;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("no record after exec");
    }

    @Test
    void severalOfOneNameAreToldApartByTheirPids() throws Exception {
        try (Job one = launcher.start(named().build()); Job two = launcher.start(named().build())) {
            NoSuchJobException several = assertThrows(NoSuchJobException.class, () -> io.nsjob.Jobs.find(NAME));
            assertEquals("2 jobs are named " + NAME + ": say which by its pid: " + one.report().hostPid() + ", "
                + two.report().hostPid(), several.getMessage());
            String pid = Long.toString(two.report().hostPid());
            assertEquals(two.report().hostPid(), io.nsjob.Jobs.find(pid).main().pid());
        }
        NoSuchJobException none = assertThrows(NoSuchJobException.class, () -> io.nsjob.Jobs.find(NAME));
        assertTrue(none.getMessage().startsWith("no job " + NAME + ": "), none.getMessage());
    }

    @Test
    void jobsWithoutANameAndJobsThatNeverRanHaveNone() throws Exception {
        StartOptions streams = StartOptions.held();
        try (Job job = launcher.start(Jobs.small("sleep-term").build(), streams)) {
            assertTrue(io.nsjob.Jobs.list().stream().noneMatch(record -> record.name().equals(job.name())));
        }
        JobSpec missing = JobSpec.bare(NamespaceKind.USER).name(NAME).command("/no/such/program").build();
        try (Job job = launcher.start(missing, streams.withOut(Stdio.discard()))) {
            assertEquals(1, mine().size());
            job.release();
            assertThrows(io.nsjob.SandboxException.class, job::await);
            assertEquals(List.of(), mine());
        }
    }
}
