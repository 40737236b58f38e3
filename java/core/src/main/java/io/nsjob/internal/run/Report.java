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
import io.nsjob.internal.wire.EventReader;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.Json;
import io.nsjob.internal.wire.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What was compiled beside what the kernel made of it. What the supervisor said is read when somebody asks: most of those who run
 * jobs never do.
 */
final class Report implements JobReport {
    private final CompiledPlan plan;
    private final Frame prepared;
    private final Frame started;
    private final Event.Prepared world;
    private Event.Prepared facts;
    private List<StageTiming> stages;

    private Report(CompiledPlan plan, Frame prepared, Frame started, Event.Prepared world) {
        this.plan = plan;
        this.prepared = prepared;
        this.started = started;
        this.world = world;
    }

    Report(CompiledPlan plan, Frame prepared) {
        this(plan, prepared, null, null);
    }

    /** Of a command in a world that is known. */
    Report(CompiledPlan plan, Frame running, Event.Prepared world) {
        this(plan, running, null, world);
    }

    /** The same, of a job that runs. */
    Report withStarted(Frame event) {
        return new Report(plan, prepared, event, world);
    }

    private Event.Prepared read() throws ProtocolException {
        Event event = EventReader.read(prepared);
        return world == null ? (Event.Prepared) event : world.with((Event.Running) event);
    }

    /** Fails when what was said is not a report. */
    synchronized void check() throws ProtocolException {
        if (facts != null) {
            return;
        }
        Event.Prepared read = read();
        List<StageTiming> all = new ArrayList<>(read.stages());
        if (started != null) {
            all.addAll(((Event.Started) EventReader.read(started)).stages());
        }
        stages = List.copyOf(all);
        facts = read;
    }

    Event.Prepared prepared() {
        try {
            check();
            return facts;
        } catch (ProtocolException e) {
            throw new IllegalStateException("the report of job " + plan.job() + " cannot be read", e);
        }
    }

    CompiledPlan plan() {
        return plan;
    }

    @Override
    public List<StageTiming> stages() {
        prepared();
        return stages;
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
        return prepared().namespaces();
    }

    @Override
    public List<IdRange> uidMap() {
        return prepared().uidMap();
    }

    @Override
    public List<IdRange> gidMap() {
        return prepared().gidMap();
    }

    @Override
    public String setgroups() {
        return prepared().setgroups();
    }

    @Override
    public JobCredentials credentials() {
        return prepared().credentials();
    }

    @Override
    public JobHardening hardening() {
        return prepared().hardening();
    }

    @Override
    public List<String> weakened() {
        List<String> all = new ArrayList<>(plan.weakened());
        for (String target : prepared().unmapped()) {
            all.add("ids: those of " + target + " are as on disk: its filesystem refused to map them");
        }
        return List.copyOf(all);
    }

    @Override
    public long hostPid() {
        return prepared().hostPid();
    }

    @Override
    public long insidePid() {
        return prepared().insidePid();
    }

    @Override
    public OptionalLong initPid() {
        return prepared().initPid();
    }

    @Override
    public JobLimits limits() {
        return plan.limits();
    }

    @Override
    public Optional<JobTerminal> terminal() {
        return prepared().terminal();
    }

    @Override
    public Map<String, Map<String, String>> cgroups() {
        return prepared().cgroups();
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
