package io.nsjob.internal.plan;

import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.internal.os.HostFacts;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.Optional;

/**
 * The plans of specs that are started again and again: the same object, in the same way, within the time for which the facts about
 * the machine are taken for true. A spec that is started once costs nothing here. Thread-safe.
 */
public final class PlanCache {
    /** A service has a handful of specs. Who makes one for each job does not get anything from here, and does not pay with memory. */
    private static final int MOST = 32;

    private final long lifeNanos;
    /** The one that was used last is first. */
    private final LinkedList<Entry> entries = new LinkedList<>();

    private static final class Entry {
        private final WeakReference<JobSpec> spec;
        private final PlanCompiler.Start start;
        /** When its facts were taken. */
        private long taken;
        /** Null at the first start. */
        private PlanTemplate template;
        private boolean used;

        Entry(JobSpec spec, PlanCompiler.Start start, long taken) {
            this.spec = new WeakReference<>(spec);
            this.start = start;
            this.taken = taken;
        }
    }

    /**
     * An empty one.
     *
     * @param lifeNanos how long facts are taken for true
     */
    public PlanCache(long lifeNanos) {
        this.lifeNanos = lifeNanos;
    }

    /**
     * Compiles, or takes what was compiled for an earlier start.
     *
     * @param spec what to run
     * @param facts about the caller and the machine
     * @param taken when they were, as {@link System#nanoTime} has it
     * @param start what belongs to this start
     * @return the plan
     * @throws InvalidSpecException when this spec cannot run for this caller here
     */
    public CompiledPlan compile(JobSpec spec, HostFacts facts, long taken, PlanCompiler.Start start) {
        if (!PlanTemplate.isLasting(spec)) {
            return PlanCompiler.compile(spec, facts, start);
        }
        PlanTemplate template;
        boolean again;
        synchronized (this) {
            Entry entry = find(spec, start);
            again = entry != null;
            if (entry == null) {
                entry = new Entry(spec, start, taken);
                entries.addFirst(entry);
                if (entries.size() > MOST) {
                    entries.removeLast();
                }
            }
            template = System.nanoTime() - entry.taken > lifeNanos ? null : entry.template;
            entry.used = true;
        }
        if (template != null) {
            return template.fill(spec.name().isPresent() ? spec.name().get() : start.defaultName());
        }
        CompiledPlan compiled = PlanCompiler.compile(spec, facts, start);
        if (again) {
            keep(spec, start, PlanTemplate.of(spec, facts, compiled), taken);
        }
        return compiled;
    }

    private Entry find(JobSpec spec, PlanCompiler.Start start) {
        for (Iterator<Entry> left = entries.iterator(); left.hasNext(); ) {
            Entry entry = left.next();
            if (entry.spec.get() == spec && entry.start.isLike(start)) {
                if (entry != entries.getFirst()) {
                    left.remove();
                    entries.addFirst(entry);
                }
                return entry;
            }
        }
        return null;
    }

    private synchronized void keep(JobSpec spec, PlanCompiler.Start start, Optional<PlanTemplate> template, long taken) {
        Entry entry = find(spec, start);
        if (entry != null) {
            entry.template = template.orElse(null);
            entry.taken = taken;
        }
    }

    /**
     * Compiles anew what was used since the last time, and forgets the rest: then no start has to.
     *
     * @param facts new ones
     * @param taken when they were
     */
    public void renew(HostFacts facts, long taken) {
        List<Entry> all;
        synchronized (this) {
            entries.removeIf(entry -> !entry.used);
            entries.forEach(entry -> entry.used = false);
            all = new ArrayList<>(entries);
        }
        for (Entry entry : all) {
            JobSpec spec = entry.spec.get();
            if (spec != null && entry.template != null) {
                try {
                    keep(spec, entry.start, PlanTemplate.of(spec, facts, PlanCompiler.compile(spec, facts, entry.start)), taken);
                } catch (InvalidSpecException e) {
                    // No longer possible here: the next start will say so.
                    keep(spec, entry.start, Optional.empty(), taken);
                }
            }
        }
    }
}
