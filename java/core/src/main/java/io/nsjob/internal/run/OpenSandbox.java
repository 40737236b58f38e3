package io.nsjob.internal.run;

import io.nsjob.CommandSpec;
import io.nsjob.Job;
import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A world after another: a reset makes a new one, as there is nothing in that which could have been forgotten.
 */
final class OpenSandbox implements PoolMember {
    private final JobLauncher launcher;
    private final JobSpec spec;
    private final String name;
    /** Held for as long as a reset takes: commands are started in the world before it or in the one after. */
    private final ReentrantLock change = new ReentrantLock();
    private volatile HeldWorld world;
    private volatile boolean closed;
    /** What is begun there is not begun anew. */
    private volatile HeldWorld givenUp;

    OpenSandbox(JobLauncher launcher, JobSpec spec, HeldWorld world) {
        this.launcher = launcher;
        this.spec = spec;
        this.world = world;
        name = world.name();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public JobReport report() {
        return world.report();
    }

    @Override
    public boolean isOpen() {
        return !closed && !world.hasEnded();
    }

    @Override
    public boolean isAlive() {
        return !closed && world.isAlive();
    }

    @Override
    public Job start(CommandSpec command, StartOptions options) throws SandboxException, InterruptedException {
        while (true) {
            HeldWorld at = current();
            try {
                return at.start(command, options);
            } catch (SandboxException e) {
                requireNext(at, e);
            }
        }
    }

    @Override
    public JobResult run(CommandSpec command, StartOptions options) throws SandboxException, InterruptedException {
        if (options.hold()) {
            throw new IllegalArgumentException("a held command cannot be waited for: nobody could release it");
        }
        while (true) {
            HeldWorld at = current();
            try {
                return at.run(command, options);
            } catch (SandboxException e) {
                requireNext(at, e);
            }
        }
    }

    /** Returns where a reset has come between, so that what has not run can be begun in the world after it. */
    private void requireNext(HeldWorld at, SandboxException failure) throws SandboxException, InterruptedException {
        // One that was given back is another's after its reset.
        if (closed || !at.isClosed() || at == givenUp || Failures.isSilent(failure) || current() == at) {
            throw failure;
        }
    }

    private HeldWorld current() throws InterruptedException {
        if (change.isLocked()) {
            change.lockInterruptibly();
            change.unlock();
        }
        return world;
    }

    @Override
    public void reset() throws SandboxException, InterruptedException {
        change.lockInterruptibly();
        try {
            if (closed) {
                throw new SandboxException("open-namespaces", "", 0, "", "the sandbox is closed", "").about(name);
            }
            renew();
        } finally {
            change.unlock();
        }
    }

    private void renew() throws SandboxException, InterruptedException {
        HeldWorld old = world;
        boolean done = false;
        old.kill();
        try {
            if (spec.name().isPresent()) {
                // Two at once could not be told apart by their name.
                old.close();
            }
            world = launcher.openWorld(spec, name);
            done = !closed;
        } catch (SandboxException e) {
            throw new SandboxException(e.stage(), e.syscall(), e.errno(), e.subject(), "the sandbox could not be made anew and is closed: "
                + e.getMessage(), e.hint().orElse("")).about(name);
        } finally {
            old.close();
            if (!done) {
                closed = true;
                world.close();
            }
        }
        if (!done) {
            throw new SandboxException("open-namespaces", "", 0, "", "the sandbox was closed during its reset", "").about(name);
        }
    }

    @Override
    public void endWorld() {
        givenUp = world;
        world.close();
    }

    @Override
    public void onEnd(Runnable action) {
        world.onEnd(action);
    }

    @Override
    public void close() {
        closed = true;
        // What runs now is killed at once, and not only after a reset that is under way.
        world.close();
        change.lock();
        try {
            world.close();
        } finally {
            change.unlock();
        }
    }

    @Override
    public String toString() {
        return "Sandbox[" + name + "]";
    }
}
