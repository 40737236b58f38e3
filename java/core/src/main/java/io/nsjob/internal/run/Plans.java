package io.nsjob.internal.run;

import io.nsjob.JobSpec;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.RunDirectory;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.plan.PlanCache;
import io.nsjob.internal.plan.PlanCompiler;
import java.io.IOException;

/** The plans of one launcher, and what is known about the machine, which is looked at again before it is too old. Thread-safe. */
final class Plans {
    /** How long what was read about users and ids is taken for true. */
    private static final long FACTS_NANOS = 5_000_000_000L;

    private final RunDirectory run;
    private final PlanCache cache = new PlanCache(FACTS_NANOS);
    private Taken taken = new Taken(HostFacts.real());
    private boolean renewing;

    /** Facts, and since when. */
    private static final class Taken {
        private final HostFacts facts;
        private final long taken = System.nanoTime();
        private volatile String ids;

        Taken(HostFacts facts) {
            this.facts = facts;
        }
    }

    Plans(RunDirectory run) {
        this.run = run;
    }

    CompiledPlan compile(JobSpec spec, PlanCompiler.Start start) {
        Taken now = taken();
        return cache.compile(spec, now.facts, now.taken, start);
    }

    /** Where blocks of ids are locked by a caller who has them all; empty for any other. */
    String ids() throws IOException {
        Taken now = taken();
        String known = now.ids;
        if (known == null) {
            known = now.facts.identity().uid() == 0 ? run.idDirectory().toString() : "";
            now.ids = known;
        }
        return known;
    }

    HostFacts facts() {
        return taken().facts;
    }

    /** Those of now or of a moment ago. Before they are too old somebody else looks again: a service that goes on never waits. */
    private synchronized Taken taken() {
        long age = System.nanoTime() - taken.taken;
        if (age > FACTS_NANOS) {
            taken = new Taken(HostFacts.real());
        } else if (age > FACTS_NANOS / 2 && !renewing) {
            renewing = true;
            Threads.starters().execute(this::renew);
        }
        return taken;
    }

    private void renew() {
        Taken next = new Taken(HostFacts.real());
        try {
            cache.renew(next.facts, next.taken);
        } finally {
            synchronized (this) {
                taken = next;
                renewing = false;
            }
        }
    }
}
