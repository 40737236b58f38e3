package io.nsjob.internal.run;

import io.nsjob.Driver;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.internal.launch.ResidentHelper;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Reactor;
import io.nsjob.internal.os.RunDirectory;
import io.nsjob.internal.plan.CommandCompiler;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.FrameType;
import io.nsjob.internal.wire.ProtocolException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** The launcher that has a helper fork a supervisor for each job. All launchers of a JVM share the helper. */
public final class ResidentLauncher extends JobLauncher {
    /** What the supervisor takes of a command's plan. */
    private static final int MAX_COMMAND = 4096;
    /** One helper may have died since, and one dies at once. */
    private static final int MOST_TRIES = 3;
    private static final Map<Path, Shared> SHARED = new HashMap<>();

    private final Shared shared;
    private final long uid;

    /** One program, and the process of it that serves now. */
    private static final class Shared {
        private final Path helper;
        private final ReentrantLock lock = new ReentrantLock();
        private volatile ResidentHelper current;
        private int users;

        Shared(Path helper) {
            this.helper = helper;
        }

        static Shared acquire(Path helper) {
            synchronized (SHARED) {
                Shared shared = SHARED.computeIfAbsent(helper, Shared::new);
                shared.users++;
                return shared;
            }
        }

        void release() {
            synchronized (SHARED) {
                users--;
                if (users > 0) {
                    return;
                }
                SHARED.remove(helper);
            }
            ResidentHelper last = current;
            if (last != null) {
                last.close();
            }
        }

        /** Starts one if there is none, or none any more. */
        ResidentHelper get(RunDirectory run, long uid) throws IOException, InterruptedException {
            ResidentHelper usable = current;
            if (usable != null && usable.isUsable()) {
                return usable;
            }
            lock.lockInterruptibly();
            try {
                if (current == null || !current.isUsable()) {
                    if (current != null) {
                        // It may wait for supervisors that are ending; nobody waits for it.
                        Threads.starters().execute(current::close);
                    }
                    current = ResidentHelper.start(helper, run.newSocket(), uid);
                }
                return current;
            } finally {
                lock.unlock();
            }
        }
    }

    private ResidentLauncher(Path helper, RunDirectory run, long uid) {
        super(helper, run);
        this.uid = uid;
        shared = Shared.acquire(helper);
    }

    /**
     * Opens a launcher with a helper that is known.
     *
     * @param helper its path
     * @param facts about this user
     * @return to be closed
     * @throws SandboxException when there is no private directory, or JNA does not load
     */
    static ResidentLauncher open(Path helper, HostFacts facts) throws SandboxException {
        String missing = Reactor.missing();
        if (missing != null) {
            throw new SandboxException("spawn", "", 0, "", "JNA cannot be loaded, and the resident driver needs it: " + missing,
                "take Driver.PER_JOB");
        }
        return new ResidentLauncher(helper, prepare(facts), facts.identity().uid());
    }

    @Override
    public Driver driver() {
        return Driver.RESIDENT;
    }

    @Override
    JobLink connect(CompiledPlan plan, JobStreams streams, Supervision supervision, boolean here)
            throws SandboxException, InterruptedException {
        ResidentLink link = ResidentLink.prepare(plan, streams, supervision, here);
        try {
            // One that has died a moment ago is noticed when it is written to, and the next is as good.
            for (int tries = 0; tries < MOST_TRIES; tries++) {
                if (link.begin(shared.get(run(), uid))) {
                    return link;
                }
            }
        } catch (ProtocolException e) {
            link.abandon();
            throw new SandboxException("protocol", e.getMessage(), e).about(plan.job());
        } catch (IOException e) {
            link.abandon();
            throw new SandboxException("spawn", "cannot start the helper: " + e.getMessage(), e).about(plan.job());
        } catch (InterruptedException | RuntimeException e) {
            link.abandon();
            throw e;
        }
        link.abandon();
        throw new SandboxException("spawn", "the helper ends as soon as it has begun", null).about(plan.job());
    }

    @Override
    boolean handsOver() {
        return true;
    }

    @Override
    RunningJob command(HeldWorld world, WorldCommand command, StartOptions options, boolean brief)
            throws SandboxException, InterruptedException {
        if (!world.takesCommands() || options.hold()) {
            return null;
        }
        requireOpen();
        CommandCompiler.Compiled compiled = command.compile(facts(), starting(options, command.spec(), "", List.of(), newName()),
            world.process(), brief);
        CompiledPlan plan = compiled.plan();
        Frame said = new Frame(FrameType.PLAN, compiled.words());
        if (compiled.strings().length > FrameType.STRINGS.maxBody() || said.body().length > MAX_COMMAND) {
            return null;
        }
        JobStreams streams = new JobStreams(options, command.spec(), plan.limits());
        Supervision supervision = new Supervision(plan, streams, world.forCommands());
        ResidentLink link = ResidentLink.prepare(plan, streams, supervision, brief, said, new Frame(FrameType.STRINGS, compiled.strings()));
        RunningJob job = new RunningJob(plan, false, link, streams, supervision);
        if (!link.begin(world.forker())) {
            link.abandon();
            return null;
        }
        adopt(job);
        return job;
    }

    @Override
    void released() {
        shared.release();
    }
}
