package io.nsjob.internal.plan;

import io.nsjob.Bind;
import io.nsjob.IdMapping;
import io.nsjob.JobSpec;
import io.nsjob.Overlay;
import io.nsjob.Profile;
import io.nsjob.RootKind;
import io.nsjob.Rootfs;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.HostTree;
import io.nsjob.internal.seccomp.Action;
import io.nsjob.internal.seccomp.Condition;
import io.nsjob.internal.seccomp.Condition.Op;
import io.nsjob.internal.seccomp.FilterProfile;
import io.nsjob.internal.seccomp.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * In a writable mount with mapped ids a job is the owner of the files on disk, often the host's root, and no flag of the mount
 * reaches what the host's users see there: a set-user-id program that it leaves is one of that owner. So it can make none.
 */
final class SuidRules {
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;
    private static final long SET_UID = 04000;
    private static final long SET_GID = 02000;
    private static final long O_CREAT = 0100;
    /** Without O_DIRECTORY, which is another bit elsewhere. */
    private static final long O_TMPFILE = 020000000;
    private static final long CLONE_NEWUSER = 0x10000000L;

    private SuidRules() {
    }

    private static boolean isWritableMapped(Bind bind) {
        return !bind.readOnly() && bind.idMapping() != IdMapping.NONE;
    }

    /** The sources that a job may write to as their owner. */
    private static List<String> writableMapped(JobSpec spec, HostFacts facts) {
        return Stream.concat(keptLayers(spec),
            Stream.concat(spec.binds().stream(), Workspace.bind(spec, facts).stream()).filter(SuidRules::isWritableMapped)
                .map(Bind::source)).toList();
    }

    private static Stream<String> keptLayers(JobSpec spec) {
        return Stream.concat(spec.rootfs().flatMap(Rootfs::written).stream(),
            spec.overlays().stream().map(Overlay::upper).flatMap(Optional::stream));
    }

    static boolean hold(JobSpec spec) {
        boolean workspace = spec.workspace().isPresent() || spec.profile() == Profile.BUILD && spec.rootKind() != RootKind.HOST;
        boolean kept = spec.rootfs().isPresent() && spec.rootfs().get().written().isPresent();
        for (Overlay overlay : spec.overlays()) {
            kept |= overlay.upper().isPresent();
        }
        for (Bind bind : spec.binds()) {
            kept |= isWritableMapped(bind);
        }
        return !spec.allowSuidInWorkspace() && (workspace || kept);
    }

    /** Allowed only where no other user of the machine can walk to the files. */
    static void check(JobSpec spec, HostFacts facts, HostTree host, List<String> violations) {
        for (String source : spec.allowSuidInWorkspace() ? writableMapped(spec, facts) : List.<String>of()) {
            if (!host.isClosed(source, facts.identity().uid())) {
                violations.add("$.filesystem.allowSuidInWorkspace: other users can walk to " + source
                    + "; none can where a directory above it, of root or of the caller, has mode 0700");
            }
        }
    }

    static void weakened(JobSpec spec, HostFacts facts, List<String> lines) {
        for (String source : spec.allowSuidInWorkspace() ? writableMapped(spec, facts) : List.<String>of()) {
            lines.add("set-user-id: the job may leave programs in " + source + " that run as their owner on the host");
        }
    }

    /** With these rules in front, as the first that matches decides. */
    static FilterProfile before(FilterProfile profile) {
        List<Rule> rules = new ArrayList<>();
        mode(rules, 1, "chmod", "fchmod", "creat", "mkdir", "mknod");
        mode(rules, 2, "fchmodat", "fchmodat2", "mkdirat", "mknodat");
        created(rules, "open", 1);
        created(rules, "openat", 2);
        // Their arguments lie behind a pointer, where no filter can look; libraries fall back.
        refuse(rules, ENOSYS, List.of("openat2", "io_uring_setup", "clone3"), List.of());
        // In a user namespace below its own a job has all capabilities again, with CAP_SETFCAP for files that it owns.
        refuse(rules, EPERM, List.of("clone", "unshare"), List.of(has(0, CLONE_NEWUSER)));
        rules.addAll(profile.rules());
        return new FilterProfile(profile.defaultAction(), rules, profile.log());
    }

    private static void mode(List<Rule> rules, int argument, String... calls) {
        for (long bit : new long[] {SET_UID, SET_GID}) {
            refuse(rules, EPERM, List.of(calls), List.of(has(argument, bit)));
        }
    }

    private static void created(List<Rule> rules, String call, int flags) {
        for (long how : new long[] {O_CREAT, O_TMPFILE}) {
            for (long bit : new long[] {SET_UID, SET_GID}) {
                refuse(rules, EPERM, List.of(call), List.of(has(flags, how), has(flags + 1, bit)));
            }
        }
    }

    private static void refuse(List<Rule> rules, int errno, List<String> calls, List<Condition> conditions) {
        rules.add(new Rule(calls, Action.errno(errno), conditions));
    }

    private static Condition has(int argument, long bit) {
        return new Condition(argument, Op.MASKED_EQ, bit, bit, true);
    }
}
