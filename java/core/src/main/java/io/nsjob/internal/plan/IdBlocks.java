package io.nsjob.internal.plan;

import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Identity;
import java.util.ArrayList;
import java.util.List;

/**
 * Blocks of 65536 ids that belong to nobody, for root callers. The helper locks the first free one of those offered, so
 * that two jobs, of this JVM or of another, never share ids.
 */
final class IdBlocks {
    static final long SIZE = 65536;
    /** The range that systemd sets aside for containers, uid 524288 to 1879048191. */
    private static final long FIRST = 0x80000;
    private static final long LAST = 0x6FFF0000;
    private static final long COUNT = (LAST - FIRST) / SIZE + 1;
    /**
     * How many are offered: locks of others are met at most this often before the launch fails. Far from each other, so that with ten
     * thousand jobs alive it is one launch in ten millions; and each is written, sent and read.
     */
    private static final int OFFERED = 16;
    /** From one to the next: the golden section of all, and without a divisor in common with their number, so that each is met once. */
    private static final long STEP = 17715;

    private IdBlocks() {
    }

    /** The blocks for one start of a job. They differ from start to start; a clash costs a failed lock, not correctness. */
    static List<Long> offered(HostFacts facts, String job) {
        return candidates(facts, job.hashCode() * 31L + ProcessHandle.current().pid() * 0x9E3779B97F4A7C15L + System.nanoTime());
    }

    /** Bases of free blocks, beginning at a place that differs from job to job, so that launchers seldom meet. */
    static List<Long> candidates(HostFacts facts, long seed) {
        Identity identity = facts.identity();
        long start = Long.remainderUnsigned(mix(seed), COUNT);
        List<Long> bases = new ArrayList<>();
        for (long i = 0; i < COUNT && bases.size() < OFFERED; i++) {
            long base = FIRST + (start + i * STEP) % COUNT * SIZE;
            if (Identity.covers(identity.uidMap(), base, SIZE) && Identity.covers(identity.gidMap(), base, SIZE)
                    && !facts.rangeIsTaken(base, SIZE)) {
                bases.add(base);
            }
        }
        return bases;
    }

    /** The finalizer of SplitMix64: near seeds give far results. */
    private static long mix(long seed) {
        long z = seed;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
