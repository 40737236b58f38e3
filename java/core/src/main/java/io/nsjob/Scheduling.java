package io.nsjob;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * Priorities and processors of a job; what is empty stays as the caller has it.
 *
 * @param nice -20, the highest priority, to 19
 * @param ionice priority for disk access
 * @param cpus the processors it may run on, in order; empty means any
 * @param oomScoreAdj -1000 (never killed for want of memory) to 1000 (first)
 */
public record Scheduling(OptionalInt nice, Optional<IoPriority> ionice, List<Integer> cpus, OptionalInt oomScoreAdj) {
    /** Everything as the caller has it. */
    public static final Scheduling INHERITED =
        new Scheduling(OptionalInt.empty(), Optional.empty(), List.of(), OptionalInt.empty());
    /** Processors of a cpu_set_t of the C library. */
    static final int MAX_CPUS = 1024;

    /** Sorts the processors. */
    public Scheduling {
        Objects.requireNonNull(nice, "nice");
        Objects.requireNonNull(ionice, "ionice");
        Objects.requireNonNull(oomScoreAdj, "oomScoreAdj");
        cpus = List.copyOf(new TreeSet<>(cpus));
    }

    Scheduling withNice(int value) {
        return new Scheduling(OptionalInt.of(value), ionice, cpus, oomScoreAdj);
    }

    Scheduling withIonice(IoPriority value) {
        return new Scheduling(nice, Optional.of(value), cpus, oomScoreAdj);
    }

    Scheduling withCpus(List<Integer> value) {
        return new Scheduling(nice, ionice, value, oomScoreAdj);
    }

    Scheduling withOomScoreAdj(int value) {
        return new Scheduling(nice, ionice, cpus, OptionalInt.of(value));
    }

    /**
     * Reads a list of processors.
     *
     * @param text such as {@code 0-1,3}, as in taskset(1)
     * @return their numbers, in order
     * @throws IllegalArgumentException when it is not one
     */
    public static List<Integer> parseCpus(String text) {
        TreeSet<Integer> cpus = new TreeSet<>();
        for (String part : text.split(",", -1)) {
            if (!part.matches("[0-9]{1,4}(-[0-9]{1,4})?")) {
                throw new IllegalArgumentException("not a list of processors such as 0-1,3");
            }
            int dash = part.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(part.substring(dash + 1));
            if (first > last || last >= MAX_CPUS) {
                throw new IllegalArgumentException(first > last ? "a range of processors goes upwards"
                    : "processors are numbered 0 to " + (MAX_CPUS - 1));
            }
            for (int cpu = first; cpu <= last; cpu++) {
                cpus.add(cpu);
            }
        }
        return List.copyOf(cpus);
    }

    /**
     * Writes a list of processors so that {@link #parseCpus} reads it back.
     *
     * @param cpus their numbers, in order
     * @return such as {@code 0-1,3}
     */
    public static String formatCpus(List<Integer> cpus) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < cpus.size(); i++) {
            int last = i;
            while (last + 1 < cpus.size() && cpus.get(last + 1) == cpus.get(last) + 1) {
                last++;
            }
            text.append(text.length() == 0 ? "" : ",").append(cpus.get(i));
            if (last > i) {
                text.append('-').append(cpus.get(last));
            }
            i = last;
        }
        return text.toString();
    }
}
