package io.nsjob;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The setters of {@link JobSpec.Builder} about files.
 *
 * @param <B> the builder
 */
abstract class FilesystemSetters<B extends FilesystemSetters<B>> extends SpecSetters<B> {
    FilesystemSetters(SpecFields fields) {
        super(fields);
    }

    /**
     * Says how mounts of a new mount namespace relate to the host's.
     *
     * @param propagation how
     * @return this
     */
    public B propagation(Propagation propagation) {
        fields.propagation = Objects.requireNonNull(propagation, "propagation");
        return self();
    }

    /**
     * Says whether a /proc of the new pid namespace is mounted; by default it is where pid and mnt are new.
     *
     * @param fresh whether
     * @return this
     */
    public B freshProc(boolean fresh) {
        fields.freshProc = fresh;
        return self();
    }

    /**
     * Says whether a /sys of the job's network namespace, new or joined, is mounted over the one that is there: the interfaces in
     * /sys/class/net are those of the namespace that it was mounted in (ip-netns(8)). By default it is not in a root that is the
     * host's, and read-only where the one that is there is.
     *
     * @param fresh whether; true needs a new mnt namespace, a net namespace that is not the caller's, and the host's root
     * @return this
     */
    public B freshSys(boolean fresh) {
        fields.freshSys = fresh;
        return self();
    }

    /**
     * Says what the job sees at /.
     *
     * @param root all but the host's tree as it is need new mnt and pid namespaces
     * @return this
     */
    public B root(RootKind root) {
        fields.root = Objects.requireNonNull(root, "root");
        return self();
    }

    /**
     * Gives the job a read-only root of its own, with the host's /usr in it.
     *
     * @return this
     */
    public B rootMinimal() {
        return root(RootKind.MINIMAL);
    }

    /**
     * Makes a directory the job's root.
     *
     * @param rootfs which, and how
     * @return this
     */
    public B rootfs(Rootfs rootfs) {
        fields.rootfs = Objects.requireNonNull(rootfs, "rootfs");
        fields.root = RootKind.DIRECTORY;
        return self();
    }

    /**
     * Sets the directory that the job may write to, at the path that it has on the host, and in which it starts. Sockets in
     * it can be reached. It needs a root of the job's own, or the read-only one of profile build.
     *
     * @param directory absolute, as the caller sees it
     * @return this
     */
    public B workspace(String directory) {
        fields.workspace = Objects.requireNonNull(directory, "directory");
        return self();
    }

    /**
     * Says that the job may leave set-user-id programs in writable binds with mapped ids, which are those of the files' owner on
     * the host. Only where a directory above the source, of root or of the caller, keeps all other users out (mode 0700).
     *
     * @param allow whether
     * @return this
     */
    public B allowSuidInWorkspace(boolean allow) {
        fields.allowSuidInWorkspace = allow;
        return self();
    }

    /**
     * Starts the job, in profile bare only, in another root directory by chroot(2), as {@code unshare --root} does. That is a
     * view and no boundary: who has CAP_SYS_CHROOT in there walks out. {@link #rootfs} gives the job a root that it cannot
     * leave. The working directory, by default /, and the command's search path are then in the directory.
     *
     * @param directory absolute, as the job sees it once its mounts are there
     * @return this
     */
    public B chroot(String directory) {
        fields.chroot = Objects.requireNonNull(directory, "directory");
        return self();
    }

    /**
     * Adds files or directories of the host, at the same path and for reading only.
     *
     * @param paths absolute
     * @return this
     */
    public B bindReadOnly(String... paths) {
        for (String path : paths) {
            bind(Bind.readOnly(path));
        }
        return self();
    }

    /**
     * Adds a file or directory of the host that the job may write to, as far as its ids may.
     *
     * @param source absolute, as the caller sees it
     * @param target absolute, as the job sees it
     * @return this
     */
    public B bind(String source, String target) {
        return bind(Bind.writable(source, target));
    }

    /**
     * Adds a file or directory of the host.
     *
     * @param bind what, where and how
     * @return this
     */
    public B bind(Bind bind) {
        fields.binds.add(Objects.requireNonNull(bind, "bind"));
        return self();
    }

    /**
     * Adds an empty directory in memory.
     *
     * @param target absolute, as the job sees it
     * @param bytes how much it may hold
     * @return this
     */
    public B tmpfs(String target, long bytes) {
        return tmpfs(new Tmpfs(target, bytes));
    }

    /**
     * Adds an empty directory in memory.
     *
     * @param tmpfs where, and how large
     * @return this
     */
    public B tmpfs(Tmpfs tmpfs) {
        fields.tmpfs.add(Objects.requireNonNull(tmpfs, "tmpfs"));
        return self();
    }

    /**
     * Adds directories of the host that the job may change while they stay as they are.
     *
     * @param overlay which, where, and what becomes of the changes
     * @return this
     */
    public B overlay(Overlay overlay) {
        fields.overlays.add(Objects.requireNonNull(overlay, "overlay"));
        return self();
    }

    /**
     * Adds a small file to a minimal root.
     *
     * @param path absolute, as the job sees it
     * @param content its bytes; all files together may have 512 KiB
     * @return this
     */
    public B file(String path, byte[] content) {
        fields.files.add(new JobFile(path, content));
        return self();
    }

    /**
     * Adds a small text file to a minimal root.
     *
     * @param path absolute, as the job sees it
     * @param content its text, written as UTF-8
     * @return this
     */
    public B file(String path, String content) {
        fields.files.add(new JobFile(path, content));
        return self();
    }

    /**
     * Adds empty directories to a minimal root, which is read-only: to write to, take a tmpfs.
     *
     * @param paths absolute, as the job sees them
     * @return this
     */
    public B directory(String... paths) {
        fields.directories.addAll(List.of(paths));
        return self();
    }

    /**
     * Adds a symlink to a minimal root.
     *
     * @param path absolute, as the job sees it
     * @param target what it says
     * @return this
     */
    public B symlink(String path, String target) {
        fields.symlinks.put(Objects.requireNonNull(path, "path"), Objects.requireNonNull(target, "target"));
        return self();
    }

    /**
     * Adds results that are collected once the job is dead, however it ended.
     *
     * @param one a file or directory of the job, and where it goes
     * @return this
     */
    public B collect(Collect one) {
        fields.collect.add(Objects.requireNonNull(one, "one"));
        return self();
    }

    /**
     * Adds results that are kept in memory, for {@link JobResult#files()}, within the default bounds of {@link Collect}.
     *
     * @param from a file or directory, absolute, as the job sees it
     * @return this
     */
    public B collect(String from) {
        return collect(Collect.inMemory(from));
    }

    /**
     * Adds results that are written to a place here, within the default bounds of {@link Collect}.
     *
     * @param from a file or directory, absolute, as the job sees it
     * @param to the file or directory that it becomes
     * @return this
     */
    public B collect(String from, Path to) {
        return collect(Collect.to(from, to));
    }
}
