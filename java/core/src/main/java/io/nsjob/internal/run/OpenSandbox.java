package io.nsjob.internal.run;

import io.nsjob.CommandSpec;
import io.nsjob.Job;
import io.nsjob.JobReport;
import io.nsjob.JobSpec;
import io.nsjob.JoinTarget;
import io.nsjob.Sandbox;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.internal.os.ProcStat;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.plan.JoinLimits;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A world that the helper holds as the job of its own; commands join it. */
final class OpenSandbox implements Sandbox {
    private final JobLauncher launcher;
    private final JobSpec world;
    private final Map<?, ?> process;
    private final Job holder;
    private final long startTime;
    private final Set<Job> commands = ConcurrentHashMap.newKeySet();

    private OpenSandbox(JobLauncher launcher, JobSpec world, Map<?, ?> process, Job holder, long startTime) {
        this.launcher = launcher;
        this.world = world;
        this.process = process;
        this.holder = holder;
        this.startTime = startTime;
    }

    static Sandbox of(JobLauncher launcher, JobSpec world, CompiledPlan plan, Job holder) throws SandboxException {
        OptionalLong startTime = ProcStat.startTime(Path.of("/proc", Long.toString(holder.report().hostPid()), "stat"));
        if (startTime.isEmpty()) {
            holder.close();
            throw new SandboxException("supervise", "", 0, "", "the sandbox ended at once", "").about(plan.job());
        }
        return new OpenSandbox(launcher, world, (Map<?, ?>) plan.plan().get("process"), holder, startTime.getAsLong());
    }

    @Override
    public String name() {
        return holder.name();
    }

    @Override
    public JobReport report() {
        return holder.report();
    }

    @Override
    public boolean isOpen() {
        return !holder.onExit().isDone();
    }

    @Override
    public Job start(CommandSpec command, StartOptions options) throws SandboxException, InterruptedException {
        if (!isOpen()) {
            throw new SandboxException("open-namespaces", "", 0, "", "the sandbox has ended", "").about(name());
        }
        JobSpec.Builder spec = JobSpec.bare().command(command.argv());
        command.environment().forEach(spec::env);
        command.cwd().ifPresent(spec::cwd);
        JoinLimits.add(world, command.wallTime(), spec);
        JoinTarget target = JoinTarget.pid(report().hostPid());
        Job job = launcher.join(JoinPlaces.of(target, startTime, process), spec.build(), options);
        commands.add(job);
        job.onExit().whenComplete((result, failure) -> commands.remove(job));
        if (!isOpen()) {
            // close() may not have seen this one; it cannot have outlived the world, but is to be reaped.
            job.close();
        }
        return job;
    }

    @Override
    public void close() {
        commands.forEach(Job::close);
        holder.close();
    }

    @Override
    public String toString() {
        return "Sandbox[" + name() + "]";
    }
}
