package io.nsjob.internal.run;

import io.nsjob.Collected;
import io.nsjob.JobFailedException;
import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.Outcome;
import io.nsjob.Usage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** How a job ended. */
final class Result implements JobResult {
    private static final int STATUS_TIMED_OUT = 124;
    private static final int STATUS_NSJOB_FAILED = 125;
    private static final int STATUS_SIGNAL = 128;
    private static final int SIGKILL = 9;

    private final Outcome outcome;
    private final LastFigures figures;
    private Usage usage;
    private final JobReport report;
    private final JobStreams.Captured captured;
    private final Optional<Collected> collected;
    private final Map<String, byte[]> files;

    Result(Outcome outcome, LastFigures figures, JobReport report, JobStreams.Captured captured, Optional<Collected> collected,
            Map<String, byte[]> files) {
        this.outcome = outcome;
        this.figures = figures;
        this.report = report;
        this.captured = captured;
        this.collected = collected;
        this.files = files;
    }

    @Override
    public String name() {
        return report.name();
    }

    @Override
    public Outcome outcome() {
        return outcome;
    }

    @Override
    public int exitStatus() {
        switch (outcome.kind()) {
            case EXITED:
                return outcome.exitCode().orElseThrow();
            case SIGNALED:
                return STATUS_SIGNAL + outcome.signal().orElseThrow();
            case TIMED_OUT:
                return STATUS_TIMED_OUT;
            case LOST:
                return STATUS_NSJOB_FAILED;
            default:
                return STATUS_SIGNAL + SIGKILL;
        }
    }

    @Override
    public synchronized Usage usage() {
        if (usage == null) {
            usage = figures.usage(captured);
        }
        return usage;
    }

    @Override
    public List<String> limitsHit() {
        List<String> hit = new ArrayList<>();
        if (outcome instanceof Outcome.TimedOut timedOut) {
            hit.add(timedOut.clock() == Outcome.Clock.CPU ? "cpuTime" : "wallTime");
        }
        if (outcome.kind() == Outcome.Kind.OUTPUT_LIMIT) {
            hit.add("output");
        }
        usage().cgroup().ifPresent(figures -> {
            addIf(figures.oomKills(), "memory", hit);
            addIf(figures.pidsRefused(), "pids", hit);
            addIf(figures.throttledPeriods(), "cpus", hit);
        });
        return List.copyOf(hit);
    }

    private static void addIf(OptionalLong count, String limit, List<String> hit) {
        if (count.orElse(0) > 0) {
            hit.add(limit);
        }
    }

    @Override
    public JobReport report() {
        return report;
    }

    @Override
    public byte[] stdout() {
        return captured.stdout().toArray();
    }

    @Override
    public byte[] stderr() {
        return captured.stderr().toArray();
    }

    @Override
    public boolean truncated() {
        return captured.truncated();
    }

    @Override
    public Optional<Collected> collected() {
        return collected;
    }

    @Override
    public Map<String, byte[]> files() {
        Map<String, byte[]> copy = new LinkedHashMap<>();
        files.forEach((path, content) -> copy.put(path, content.clone()));
        return copy;
    }

    @Override
    public JobResult orThrow() throws JobFailedException {
        if (!outcome.success()) {
            throw new JobFailedException(this);
        }
        return this;
    }

    @Override
    public String toJson() {
        return ReportJson.write(this);
    }

    @Override
    public String toString() {
        return "JobResult[" + name() + ": " + outcome.describe() + "]";
    }
}
