package io.nsjob;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a {@link JobSpec} says about files: the other side of {@link FilesystemSetters}. */
abstract class SpecFiles {
    final SpecFields fields;

    SpecFiles(SpecFields fields) {
        this.fields = fields;
    }

    /** {@return how mounts of a new mount namespace relate to the host's} */
    public Optional<Propagation> propagation() {
        return Optional.ofNullable(fields.propagation);
    }

    /** {@return whether a /proc of the new pid namespace is mounted} */
    public Optional<Boolean> freshProc() {
        return Optional.ofNullable(fields.freshProc);
    }

    /** {@return whether a /sys of the job's network namespace is mounted over the host's} */
    public Optional<Boolean> freshSys() {
        return Optional.ofNullable(fields.freshSys);
    }

    /** {@return what was said about what the job sees at /} */
    public Optional<RootKind> root() {
        return Optional.ofNullable(fields.root);
    }

    /** {@return what was said about what the job sees at /, else what the profile says} */
    public RootKind rootKind() {
        return fields.rootKind();
    }

    /**
     * The workspace.
     *
     * @return the directory of the host that the job may write to and starts in; in profile build by default the current one
     */
    public Optional<String> workspace() {
        return Optional.ofNullable(fields.workspace);
    }

    /** {@return what the job sees of the host's files besides} */
    public List<Bind> binds() {
        return Collections.unmodifiableList(fields.binds);
    }

    /** {@return directories in memory} */
    public List<Tmpfs> tmpfs() {
        return Collections.unmodifiableList(fields.tmpfs);
    }

    /** {@return directories of the host that the job changes for itself} */
    public List<Overlay> overlays() {
        return Collections.unmodifiableList(fields.overlays);
    }

    /** {@return files that are put into the job's root} */
    public List<JobFile> files() {
        return Collections.unmodifiableList(fields.files);
    }

    /** {@return directories that are made in the job's root} */
    public List<String> directories() {
        return Collections.unmodifiableList(fields.directories);
    }

    /** {@return symlinks that are made in the job's root, by their path} */
    public Map<String, String> symlinks() {
        return Collections.unmodifiableMap(fields.symlinks);
    }

    /** {@return the directory that is the job's root; empty unless its root is of kind {@link RootKind#DIRECTORY}} */
    public Optional<Rootfs> rootfs() {
        return Optional.ofNullable(fields.rootfs);
    }

    /** {@return the directory that the job enters by chroot(2)} */
    public Optional<String> chroot() {
        return Optional.ofNullable(fields.chroot);
    }

    /** {@return whether set-user-id programs may be left in writable binds with mapped ids} */
    public boolean allowSuidInWorkspace() {
        return fields.allowSuidInWorkspace;
    }

    /** {@return the results that are collected once the job is dead} */
    public List<Collect> collect() {
        return Collections.unmodifiableList(fields.collect);
    }
}
