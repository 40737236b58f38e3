package io.nsjob.internal.run;

import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.internal.launch.HelperConnection;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.RunDirectory;
import io.nsjob.internal.os.StateBase;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.plan.PlanCompiler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs jobs as {@link PerJobLauncher} does, with a helper of the test's choice and a plan that was changed behind the compiler's
 * back: how a defence is switched off for which a job spec rightly has no switch.
 */
public final class EditedLauncher implements AutoCloseable {
    private final HostFacts facts = HostFacts.real();
    private final RunDirectory run;
    private final AtomicInteger names = new AtomicInteger();

    /** Opens a launcher. */
    public EditedLauncher() throws IOException {
        run = RunDirectory.acquire(StateBase.require(facts.identity()), facts.identity().uid());
    }

    /** Runs a job under the helper given, after the edit of its plan. */
    public JobResult run(JobSpec spec, StartOptions options, Path helper, Consumer<Map<String, Object>> edit)
            throws IOException, InterruptedException {
        try (Job job = start(spec, options, helper, edit)) {
            return job.await();
        }
    }

    /** Starts one. */
    public Job start(JobSpec spec, StartOptions options, Path helper, Consumer<Map<String, Object>> edit)
            throws IOException, InterruptedException {
        RunningJob job = begin(spec, options, helper, edit);
        job.awaitReady();
        return job;
    }

    private RunningJob begin(JobSpec spec, StartOptions options, Path helper, Consumer<Map<String, Object>> edit)
            throws IOException {
        String ids = facts.identity().uid() == 0 ? run.idDirectory().toString() : "";
        CompiledPlan plan = PlanCompiler.compile(spec, facts,
            new PlanCompiler.Start(options.hold(), JobStreams.owned(options), true, ids, "attack-" + names.incrementAndGet()));
        edit.accept(plan.plan());
        JobStreams streams = new JobStreams(options, spec, plan.limits());
        try {
            Supervision supervision = new Supervision(plan, options.hold(), streams, Results.open(spec.collect()), Registration.NONE);
            JobLink link = PerJobLink.begin(plan, HelperConnection.open(helper, run.newSocket(), streams.redirects()), streams, supervision);
            return new RunningJob(plan, options.hold(), link, streams, supervision);
        } catch (IOException e) {
            throw new SandboxException("spawn", String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        run.release();
    }
}
