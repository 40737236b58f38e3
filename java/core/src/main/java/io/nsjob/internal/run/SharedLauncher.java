package io.nsjob.internal.run;

import io.nsjob.Driver;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.JoinTarget;
import io.nsjob.Launcher;
import io.nsjob.Sandbox;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.UnshareOptions;
import io.nsjob.UnsharedProcess;
import java.util.concurrent.CompletableFuture;

/** The launcher that a JVM shares: nobody owns it, so nobody can close it. */
public final class SharedLauncher implements Launcher {
    private static SharedLauncher shared;

    private final Launcher launcher;

    private SharedLauncher(Launcher launcher) {
        this.launcher = launcher;
    }

    /**
     * The one launcher, opened at the first call that succeeds.
     *
     * @return the launcher
     * @throws SandboxException when it cannot be opened
     */
    public static synchronized Launcher get() throws SandboxException {
        if (shared == null) {
            shared = new SharedLauncher(Launcher.open());
        }
        return shared;
    }

    @Override
    public JobResult run(JobSpec spec, StartOptions options) throws SandboxException, InterruptedException {
        return launcher.run(spec, options);
    }

    @Override
    public Job start(JobSpec spec, StartOptions options) throws SandboxException, InterruptedException {
        return launcher.start(spec, options);
    }

    @Override
    public Job join(JoinTarget target, JobSpec command, StartOptions options) throws SandboxException, InterruptedException {
        return launcher.join(target, command, options);
    }

    @Override
    public Sandbox open(JobSpec world) throws SandboxException, InterruptedException {
        return launcher.open(world);
    }

    @Override
    public CompletableFuture<JobResult> runAsync(JobSpec spec) {
        return launcher.runAsync(spec);
    }

    @Override
    public UnsharedProcess unshare(JobSpec spec, UnshareOptions options) throws SandboxException, InterruptedException {
        return launcher.unshare(spec, options);
    }

    @Override
    public Driver driver() {
        return launcher.driver();
    }

    @Override
    public void close() {
        // It lives as long as the JVM.
    }
}
