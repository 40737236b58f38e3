package io.nsjob;

import java.util.HashSet;
import java.util.Set;
import java.util.function.BiConsumer;

/** The rules of a spec's file tree. */
final class FilesystemRules {
    /** With the steps of a minimal root far below what the helper takes, 256. */
    private static final int MAX_ENTRIES = 128;
    /** All files together: as base64 they must fit into a plan of 1 MiB. */
    private static final long MAX_FILE_BYTES = 512L << 10;
    private static final String PATH = "$.filesystem.";
    private static final long MAX_INODES = Integer.MAX_VALUE;

    private final SpecFields spec;
    private final BiConsumer<String, String> violation;
    private final Set<String> mountPoints = new HashSet<>();

    private FilesystemRules(SpecFields spec, BiConsumer<String, String> violation) {
        this.spec = spec;
        this.violation = violation;
    }

    static void check(SpecFields spec, BiConsumer<String, String> violation) {
        FilesystemRules rules = new FilesystemRules(spec, violation);
        rules.needs();
        rules.mounts();
        rules.contents();
    }

    private void require(boolean holds, String field, String problem) {
        if (!holds) {
            violation.accept(PATH + field, problem);
        }
    }

    private void needs() {
        String kind = "\"" + spec.rootKind().jsonName() + "\"";
        boolean own = spec.rootKind() != RootKind.HOST;
        boolean ownMounts = spec.isNew(NamespaceKind.MNT);
        String instead = spec.root == null ? "; the profile has it unless \"root\" is \"host\"" : "";
        require(!own || ownMounts && spec.isNew(NamespaceKind.PID), "root",
            kind + " needs a new mnt and a new pid namespace" + instead);
        require(!own || spec.propagation == null || spec.propagation == Propagation.PRIVATE, "propagation",
            "the root " + kind + " is always private" + instead);
        require(spec.workspace == null || own, "workspace", "needs a root other than \"host\"");
        require(spec.binds.isEmpty() || ownMounts, "binds", "needs a new mnt namespace");
        require(spec.tmpfs.isEmpty() || ownMounts, "tmpfs", "needs a new mnt namespace");
        require(spec.overlays.isEmpty() || ownMounts, "overlays", "needs a new mnt namespace");
        rootfs();
        chroot(own);
        suid(own);
        require(spec.files.isEmpty() || own, "files", "needs a root other than \"host\"");
        require(spec.directories.isEmpty() || own, "directories", "needs a root other than \"host\"");
        require(spec.symlinks.isEmpty() || own, "symlinks", "needs a root other than \"host\"");
        int entries = spec.binds.size() + spec.tmpfs.size() + spec.files.size() + spec.directories.size() + spec.symlinks.size();
        for (Overlay overlay : spec.overlays) {
            entries += overlay.lower().size() + 2;
        }
        if (entries > MAX_ENTRIES) {
            violation.accept("$.filesystem", "has more than " + MAX_ENTRIES + " entries");
        }
    }

    /** What the job writes there belongs to somebody of the host: see the filter's rules for that. */
    private void suid(boolean own) {
        boolean writableMapped = spec.rootfs != null && spec.rootfs.written().isPresent()
            || spec.workspace != null || spec.profile == Profile.BUILD && own;
        for (Overlay overlay : spec.overlays) {
            writableMapped |= overlay.upper().isPresent();
        }
        for (Bind bind : spec.binds) {
            writableMapped |= !bind.readOnly() && bind.idMapping() != IdMapping.NONE;
        }
        if (writableMapped && spec.seccomp == Seccomp.NONE && !spec.allowSuidInWorkspace) {
            violation.accept("$.seccomp", "\"none\" lets the job leave set-user-id programs in a workspace, a kept overlay or a"
                + " bind with mapped ids; leave it out, or say \"allowSuidInWorkspace\"");
        }
        require(!spec.allowSuidInWorkspace || writableMapped, "allowSuidInWorkspace",
            "needs a workspace, a kept overlay, or a writable bind with \"idMap\"");
    }

    private void chroot(boolean own) {
        if (spec.chroot == null) {
            return;
        }
        absolute("chroot", spec.chroot);
        require(spec.profile == Profile.BARE, "chroot", "is for profile bare only, as chroot(2) is no boundary: take a root that"
            + " the job cannot leave, --rootfs DIR (\"rootfs\")");
        require(spec.profile != Profile.BARE || !own, "chroot",
            "goes with \"root\": \"host\" only, not with a root of the job's own");
        if (Boolean.TRUE.equals(spec.allowNestedUserNamespaces)) {
            violation.accept("$.allowNestedUserNamespaces",
                "cannot go with a chroot: the kernel lets nobody in one make a user namespace");
        }
        if (spec.landlock != null && spec.landlock != LandlockMode.OFF) {
            violation.accept("$.landlock", "cannot go with a chroot: the paths of its rules are those outside");
        }
    }

    private void rootfs() {
        Rootfs rootfs = spec.rootfs;
        require((rootfs != null) == (spec.rootKind() == RootKind.DIRECTORY), "rootfs", "goes with \"root\": \"directory\"");
        if (rootfs == null) {
            return;
        }
        absolute("rootfs.directory", rootfs.directory());
        rootfs.upper().ifPresent(upper -> absolute("rootfs.upper", upper));
        require(rootfs.upper().isPresent() == (rootfs.access() == Rootfs.Access.OVERLAY_KEPT), "rootfs.upper",
            "goes with \"access\": \"overlayKept\"");
        require(rootfs.size() >= 1, "rootfs.size", "must be more than zero");
        require(rootfs.inodes() >= 1 && rootfs.inodes() <= MAX_INODES, "rootfs.inodes", "must be 1 to " + MAX_INODES);
    }

    private void mounts() {
        if (spec.workspace != null) {
            mountPoint("workspace", spec.workspace);
        }
        for (int i = 0; i < spec.binds.size(); i++) {
            String field = "binds[" + i + "]";
            absolute(field + ".source", spec.binds.get(i).source());
            mountPoint(field + ".target", spec.binds.get(i).target());
            require(spec.binds.get(i).idMapping() == IdMapping.NONE || spec.isNew(NamespaceKind.USER), field + ".idMap",
                "needs a new user namespace");
        }
        for (int i = 0; i < spec.tmpfs.size(); i++) {
            String field = "tmpfs[" + i + "]";
            mountPoint(field + ".target", spec.tmpfs.get(i).target());
            require(spec.tmpfs.get(i).size() >= 1, field + ".size", "must be more than zero");
            long inodes = spec.tmpfs.get(i).inodes();
            require(inodes >= 1 && inodes <= MAX_INODES, field + ".inodes", "must be 1 to " + MAX_INODES);
        }
        Set<String> uppers = new HashSet<>();
        for (int i = 0; i < spec.overlays.size(); i++) {
            overlay("overlays[" + i + "]", spec.overlays.get(i), uppers);
        }
    }

    private void overlay(String field, Overlay overlay, Set<String> uppers) {
        mountPoint(field + ".target", overlay.target());
        require(!overlay.lower().isEmpty(), field + ".lower", "needs a directory");
        for (int i = 0; i < overlay.lower().size(); i++) {
            absolute(field + ".lower[" + i + "]", overlay.lower().get(i));
        }
        overlay.upper().ifPresent(upper -> {
            absolute(field + ".upper", upper);
            // Overlayfs says of two that write to one: undefined behaviour.
            require(uppers.add(upper), field + ".upper", "is that of another overlay already");
        });
        require(overlay.size() >= 1, field + ".size", "must be more than zero");
        require(overlay.inodes() >= 1 && overlay.inodes() <= MAX_INODES, field + ".inodes", "must be 1 to " + MAX_INODES);
    }

    private void contents() {
        long bytes = 0;
        for (int i = 0; i < spec.files.size(); i++) {
            target("files[" + i + "].path", spec.files.get(i).path());
            bytes += spec.files.get(i).size();
        }
        require(bytes <= MAX_FILE_BYTES, "files", "hold more than " + MAX_FILE_BYTES + " bytes together; bind a file instead");
        for (int i = 0; i < spec.directories.size(); i++) {
            target("directories[" + i + "]", spec.directories.get(i));
        }
        int index = 0;
        for (var link : spec.symlinks.entrySet()) {
            target("symlinks[" + index + "].path", link.getKey());
            TextRules.path(PATH + "symlinks[" + index + "].target", link.getValue(), violation);
            require(!link.getValue().isEmpty(), "symlinks[" + index + "].target", "must not be empty");
            index++;
        }
    }

    private void mountPoint(String field, String path) {
        target(field, path);
        require(mountPoints.add(path), field, "something is mounted there already");
    }

    private void target(String field, String path) {
        TextRules.place(PATH + field, path, violation);
    }

    private void absolute(String field, String path) {
        TextRules.absolute(PATH + field, path, violation);
    }
}
