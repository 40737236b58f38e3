package io.nsjob.internal.seccomp;

import java.util.List;

/**
 * A profile as it holds here: rules for other machines and for capabilities that a job does not have are left out.
 * The first rule that matches a call decides.
 *
 * @param defaultAction what happens where no rule matches
 * @param rules in order
 * @param log whether the kernel logs what is not allowed
 */
public record FilterProfile(Action defaultAction, List<Rule> rules, boolean log) {
    /** Copies the list. */
    public FilterProfile {
        rules = List.copyOf(rules);
    }

    /**
     * What happens to a call whose number has no name here: it is newer than our tables, or was never given out. Where the
     * profile answers with an error it is ENOSYS, which programs understand: they fall back to an older call.
     */
    Action unknownAction() {
        return defaultAction.isErrno() ? Action.errno(Action.ENOSYS) : defaultAction;
    }
}
