package io.nsjob.internal.run;

import io.nsjob.CommandSpec;
import io.nsjob.Job;
import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.Sandbox;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import java.util.concurrent.atomic.AtomicBoolean;

/** A sandbox in the hands of one who took it. */
final class PooledSandbox implements Sandbox {
    private final PoolMember member;
    private final Pool pool;
    private final AtomicBoolean givenBack = new AtomicBoolean();

    PooledSandbox(PoolMember member, Pool pool) {
        this.member = member;
        this.pool = pool;
    }

    @Override
    public String name() {
        return member.name();
    }

    @Override
    public JobReport report() {
        return member.report();
    }

    @Override
    public boolean isOpen() {
        return !givenBack.get() && member.isOpen();
    }

    @Override
    public Job start(CommandSpec command, StartOptions options) throws SandboxException, InterruptedException {
        requireTaken();
        return member.start(command, options);
    }

    @Override
    public JobResult run(CommandSpec command, StartOptions options) throws SandboxException, InterruptedException {
        requireTaken();
        return member.run(command, options);
    }

    @Override
    public void reset() throws SandboxException, InterruptedException {
        requireTaken();
        member.reset();
    }

    private void requireTaken() throws SandboxException {
        if (givenBack.get()) {
            throw new SandboxException("open-namespaces", "", 0, "", "the sandbox was given back to its pool", "").about(name());
        }
    }

    @Override
    public void close() {
        if (givenBack.compareAndSet(false, true)) {
            pool.giveBack(member);
        }
    }

    @Override
    public String toString() {
        return member.toString();
    }
}
