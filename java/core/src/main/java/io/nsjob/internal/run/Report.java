package io.nsjob.internal.run;

import io.nsjob.IdRange;
import io.nsjob.JobCredentials;
import io.nsjob.JobHardening;
import io.nsjob.JobLimits;
import io.nsjob.JobReport;
import io.nsjob.JobTerminal;
import io.nsjob.NamespaceReport;
import io.nsjob.Profile;
import io.nsjob.StageTiming;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.wire.Event;
import io.nsjob.internal.wire.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What was compiled beside what the kernel made of it.
 *
 * @param plan what was compiled
 * @param prepared what the supervisor read back
 * @param stages so far
 */
record Report(CompiledPlan plan, Event.Prepared prepared, List<StageTiming> stages) implements JobReport {

    /** Copies the list. */
    Report {
        stages = List.copyOf(stages);
    }

    Report(CompiledPlan plan, Event.Prepared prepared) {
        this(plan, prepared, prepared.stages());
    }

    Report withStages(List<StageTiming> more) {
        List<StageTiming> all = new ArrayList<>(stages);
        all.addAll(more);
        return new Report(plan, prepared, all);
    }

    @Override
    public String name() {
        return plan.job();
    }

    @Override
    public Profile profile() {
        return plan.profile();
    }

    @Override
    public NamespaceReport namespaces() {
        return prepared.namespaces();
    }

    @Override
    public List<IdRange> uidMap() {
        return prepared.uidMap();
    }

    @Override
    public List<IdRange> gidMap() {
        return prepared.gidMap();
    }

    @Override
    public String setgroups() {
        return prepared.setgroups();
    }

    @Override
    public JobCredentials credentials() {
        return prepared.credentials();
    }

    @Override
    public JobHardening hardening() {
        return prepared.hardening();
    }

    @Override
    public List<String> weakened() {
        List<String> all = new ArrayList<>(plan.weakened());
        for (String target : prepared.unmapped()) {
            all.add("ids: those of " + target + " are as on disk: its filesystem refused to map them");
        }
        return List.copyOf(all);
    }

    @Override
    public long hostPid() {
        return prepared.hostPid();
    }

    @Override
    public long insidePid() {
        return prepared.insidePid();
    }

    @Override
    public OptionalLong initPid() {
        return prepared.initPid();
    }

    @Override
    public JobLimits limits() {
        return plan.limits();
    }

    @Override
    public Optional<JobTerminal> terminal() {
        return prepared.terminal();
    }

    @Override
    public Map<String, Map<String, String>> cgroups() {
        return prepared.cgroups();
    }

    @Override
    public String toJson() {
        return Json.write(ReportJson.report(this));
    }

    @Override
    public String toString() {
        return "JobReport[" + name() + ", pid " + hostPid() + ", " + namespaces() + "]";
    }
}
