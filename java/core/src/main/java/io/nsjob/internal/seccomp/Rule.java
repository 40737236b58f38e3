package io.nsjob.internal.seccomp;

import java.util.List;

/**
 * What becomes of some system calls when all conditions hold.
 *
 * @param names of system calls; those that an architecture does not have are ignored there
 * @param action what is done
 * @param conditions at most one for each argument
 */
public record Rule(List<String> names, Action action, List<Condition> conditions) {
    /** Copies the lists. */
    public Rule {
        names = List.copyOf(names);
        conditions = List.copyOf(conditions);
    }
}
