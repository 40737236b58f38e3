package io.nsjob.internal.plan;

import io.nsjob.InvalidSpecException;
import io.nsjob.JobFile;
import io.nsjob.JobSpec;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.wire.SpecJson;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The plans of specs that are started again and again: the same object or one that says the same, in the same way, within the time
 * for which the facts about the machine are taken for true. What changes on the machine meanwhile (users and groups, their ranges of
 * ids, limits, cgroups, this process's environment, the shape of the file tree) is noticed after that time; where a spec's plan has
 * more of the machine in it, see {@link PlanTemplate#isLasting}, there is none here, nor where much else is in it: the contents of
 * large files. The only spec that is ever started costs nothing. Thread-safe.
 */
public final class PlanCache {
    /** A service has a handful of specs. Who makes one for each job, unlike all others, pays with the memory of so many. */
    private static final int MOST = 32;
    /** Of one plan, and of the files in one spec: a megabyte in all, that is, and not one for each spec. */
    private static final int MOST_BYTES = 32 * 1024;

    private final long lifeNanos;
    /** The one that was used last is first. */
    private final LinkedList<Entry> entries = new LinkedList<>();

    private static final class Entry {
        private final JobSpec spec;
        /** What the spec says, once it had to be compared. */
        private Map<String, Object> said;
        private int hash;
        private final PlanCompiler.Start start;
        /** When its facts were taken. */
        private long taken;
        /** Null at the first start. */
        private PlanTemplate template;
        private boolean used;

        Entry(JobSpec spec, PlanCompiler.Start start, long taken) {
            this.spec = spec;
            this.start = start;
            this.taken = taken;
        }

        Entry say(Map<String, Object> what) {
            said = what;
            hash = what.hashCode();
            return this;
        }

        /** Each is written down and hashed once, and looked at again only where the hashes are the same. */
        boolean saysTheSame(Entry other) {
            if (said == null) {
                say(SpecJson.tree(spec, true));
            }
            return hash == other.hash && said.equals(other.said);
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
        if (!PlanTemplate.isLasting(spec) || isLarge(spec)) {
            return PlanCompiler.compile(spec, facts, start);
        }
        Entry made = new Entry(spec, start, taken);
        Entry entry = find(made);
        if (entry == null && !isEmpty()) {
            entry = find(made.say(SpecJson.tree(spec, true)));
        }
        boolean again = entry != null;
        PlanTemplate template;
        synchronized (this) {
            if (entry == null) {
                entry = made;
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
            keep(entry, PlanTemplate.of(spec, facts, compiled), taken);
        }
        return compiled;
    }

    /** What is large in a plan are files; only then is it worth a look at what was compiled, {@link #keep}. */
    private static boolean isLarge(JobSpec spec) {
        int bytes = 0;
        for (JobFile file : spec.files()) {
            bytes += Math.min(file.size(), MOST_BYTES);
        }
        return bytes >= MOST_BYTES;
    }

    private synchronized boolean isEmpty() {
        return entries.isEmpty();
    }

    /** One of the same spec, or, where it was written down, of one that says the same. */
    private synchronized Entry find(Entry wanted) {
        for (Iterator<Entry> left = entries.iterator(); left.hasNext(); ) {
            Entry entry = left.next();
            boolean same = entry.spec == wanted.spec || wanted.said != null && entry.saysTheSame(wanted);
            if (same && entry.start.isLike(wanted.start)) {
                if (entry != entries.getFirst()) {
                    left.remove();
                    entries.addFirst(entry);
                }
                return entry;
            }
        }
        return null;
    }

    private synchronized void keep(Entry entry, Optional<PlanTemplate> template, long taken) {
        if (template.isPresent() && template.get().size() > MOST_BYTES) {
            entries.remove(entry);
            return;
        }
        entry.template = template.orElse(null);
        entry.taken = taken;
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
            if (entry.template != null) {
                try {
                    keep(entry, PlanTemplate.of(entry.spec, facts, PlanCompiler.compile(entry.spec, facts, entry.start)), taken);
                } catch (InvalidSpecException e) {
                    // No longer possible here: the next start will say so.
                    keep(entry, Optional.empty(), taken);
                }
            }
        }
    }
}
