package io.nsjob.internal.doctor;

import io.nsjob.Diagnosis;
import io.nsjob.Diagnosis.Cause;
import io.nsjob.Diagnosis.Failure;
import io.nsjob.Diagnosis.State;
import io.nsjob.Driver;
import io.nsjob.InvalidSpecException;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs all probes, several at a time, and finds the causes of what failed. */
public final class Examination {
    /** Each waits for the kernel more than it computes. */
    private static final int AT_ONCE = 4;
    private static final String HELPER = "nsjob.helper";

    private final Causes causes;

    private Examination(Machine machine) {
        causes = new Causes(machine);
    }

    /**
     * Examines everything.
     *
     * @return one for each feature, in order
     * @throws InterruptedException when this thread was interrupted
     */
    public static List<Diagnosis> all() throws InterruptedException {
        Machine machine = Machine.real();
        return new Examination(machine).run(Probes.all(machine));
    }

    private List<Diagnosis> run(List<Probe> probes) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE, work -> {
            Thread thread = new Thread(work, "nsjob-doctor");
            thread.setDaemon(true);
            return thread;
        });
        try (Launcher launcher = Launcher.open(Driver.PER_JOB)) {
            Diagnosis helper = diagnose(new Probe(HELPER, Probes::nothing), launcher);
            if (helper.state() == State.MISSING) {
                return withoutHelper(helper, probes);
            }
            List<Diagnosis> found = new ArrayList<>(List.of(helper));
            List<Future<Diagnosis>> running = new ArrayList<>();
            for (Probe probe : probes) {
                running.add(threads.submit(() -> diagnose(probe, launcher)));
            }
            for (Future<Diagnosis> one : running) {
                found.add(one.get());
            }
            return List.copyOf(found);
        } catch (SandboxException e) {
            return withoutHelper(diagnosis(HELPER, State.MISSING, "", failure(e), e.hint().orElse("")), probes);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    /** Nothing can be tried: everything is missing for the one reason. */
    private static List<Diagnosis> withoutHelper(Diagnosis helper, List<Probe> probes) {
        List<Diagnosis> all = new ArrayList<>(List.of(helper));
        for (Probe probe : probes) {
            all.add(new Diagnosis(probe.feature(), State.MISSING, "", helper.failure(), helper.cause()));
        }
        return List.copyOf(all);
    }

    private Diagnosis diagnose(Probe probe, Launcher launcher) throws InterruptedException {
        try {
            Probe.Seen seen = probe.trial().run(launcher);
            return seen.failure().isPresent() ? diagnosis(probe.feature(), seen.state(), seen.detail(), seen.failure().get(), "")
                : new Diagnosis(probe.feature(), seen.state(), seen.detail(), Optional.empty(), Optional.empty());
        } catch (SandboxException e) {
            return diagnosis(probe.feature(), State.MISSING, "", failure(e), e.hint().orElse(""));
        } catch (InvalidSpecException e) {
            Failure failure = new Failure("spec", "", 0, "", String.join("; ", e.violations()));
            return diagnosis(probe.feature(), State.MISSING, "", failure, "");
        }
    }

    private Diagnosis diagnosis(String feature, State state, String detail, Failure failure, String hint) {
        Cause cause = causes.of(feature, failure, hint);
        return new Diagnosis(feature, state, detail, Optional.of(failure), Optional.of(cause));
    }

    private static Failure failure(SandboxException e) {
        return new Failure(e.stage(), e.syscall(), e.errno(), e.subject(), String.valueOf(e.getMessage()));
    }
}
