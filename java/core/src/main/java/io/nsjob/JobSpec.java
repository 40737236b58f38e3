package io.nsjob;

import io.nsjob.internal.wire.SpecJson;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a user asks for: an immutable value, and a versioned JSON document. Whatever is not said is as the {@link Profile}
 * says; an accessor that returns an empty {@code Optional} means just that.
 */
public final class JobSpec {
    /** The version of the JSON document, its field {@code nsjob}. */
    public static final int VERSION = 1;

    private final SpecFields fields;

    JobSpec(SpecFields fields) {
        this.fields = fields;
    }

    /**
     * Begins a spec for unknown code: its own namespaces of all kinds but time, and nothing kept from the caller.
     *
     * @return a builder
     */
    public static Builder isolated() {
        return builder(Profile.ISOLATED);
    }

    /**
     * Begins a spec for a step of a build: the host's tree read-only, its own namespaces of all kinds but time, and one
     * directory that is written to.
     *
     * @param workspace absolute; the job starts in it, and what it writes there belongs to the caller
     * @return a builder
     */
    public static Builder buildStep(String workspace) {
        return builder(Profile.BUILD).workspace(workspace);
    }

    /**
     * Begins a spec with exactly these namespaces new, as unshare(1) does.
     *
     * @param kinds the kinds to make
     * @return a builder
     */
    public static Builder bare(NamespaceKind... kinds) {
        Builder builder = builder(Profile.BARE);
        for (NamespaceKind kind : kinds) {
            builder.namespace(kind, NamespaceMode.fresh());
        }
        return builder;
    }

    /**
     * Begins a spec.
     *
     * @param profile what holds where nothing is said
     * @return a builder
     */
    public static Builder builder(Profile profile) {
        SpecFields fields = new SpecFields();
        fields.profile = Objects.requireNonNull(profile, "profile");
        return new Builder(fields);
    }

    /**
     * Reads a spec.
     *
     * @param json a document whose field {@code nsjob} is 1
     * @return the spec
     * @throws InvalidSpecException listing everything that is wrong with it; unknown and duplicate fields are
     */
    public static JobSpec fromJson(String json) {
        return SpecJson.read(Objects.requireNonNull(json, "json"));
    }

    /**
     * Reads a spec from a file's content.
     *
     * @param utf8 a document whose field {@code nsjob} is 1
     * @return the spec
     * @throws InvalidSpecException listing everything that is wrong with it; malformed UTF-8 is
     */
    public static JobSpec fromJson(byte[] utf8) {
        return SpecJson.read(Objects.requireNonNull(utf8, "utf8"));
    }

    /**
     * The JSON Schema of the document.
     *
     * @return the schema kept in this library
     */
    public static String jsonSchema() {
        return SpecJson.schema();
    }

    /**
     * Writes the spec so that {@link #fromJson} gives an equal one. Durations are written to the millisecond.
     *
     * @return a JSON document, indented
     */
    public String toJson() {
        return SpecJson.write(this);
    }

    /**
     * Begins another spec like this one.
     *
     * @return a builder with everything that this spec says
     */
    public Builder toBuilder() {
        return new Builder(fields.copy());
    }

    /** {@return what holds where nothing is said} */
    public Profile profile() {
        return fields.profile;
    }

    /** {@return the job's name; empty means that each start makes one up} */
    public Optional<String> name() {
        return Optional.ofNullable(fields.name);
    }

    /** {@return the program and its arguments; empty when they are still to be set} */
    public List<String> command() {
        return fields.command;
    }

    /** {@return the kinds that were named, and what was said about them} */
    public Map<NamespaceKind, NamespaceMode> namespaces() {
        return Collections.unmodifiableMap(fields.namespaces);
    }

    /**
     * How the job gets one kind of namespace.
     *
     * @param kind which
     * @return what was said about it, else what the profile says
     */
    public NamespaceMode namespace(NamespaceKind kind) {
        return fields.mode(Objects.requireNonNull(kind, "kind"));
    }

    /** {@return the offset of the monotonic clock in a new time namespace} */
    public Optional<Duration> monotonicOffset() {
        return Optional.ofNullable(fields.monotonicOffset);
    }

    /** {@return the offset of the boot-time clock in a new time namespace} */
    public Optional<Duration> boottimeOffset() {
        return Optional.ofNullable(fields.boottimeOffset);
    }

    /** {@return the id maps of a new user namespace} */
    public Optional<IdMaps> idMaps() {
        return Optional.ofNullable(fields.idMaps);
    }

    /** {@return the ids of the job, as seen inside} */
    public Optional<JobUser> user() {
        return Optional.ofNullable(fields.user);
    }

    /** {@return the host name in a new uts namespace} */
    public Optional<String> hostname() {
        return Optional.ofNullable(fields.hostname);
    }

    /** {@return the NIS domain name in a new uts namespace} */
    public Optional<String> domainname() {
        return Optional.ofNullable(fields.domainname);
    }

    /** {@return how mounts of a new mount namespace relate to the host's} */
    public Optional<Propagation> propagation() {
        return Optional.ofNullable(fields.propagation);
    }

    /** {@return whether a /proc of the new pid namespace is mounted} */
    public Optional<Boolean> freshProc() {
        return Optional.ofNullable(fields.freshProc);
    }

    /** {@return what was said about what the job sees at /} */
    public Optional<RootKind> root() {
        return Optional.ofNullable(fields.root);
    }

    /** {@return what was said about what the job sees at /, else what the profile says} */
    public RootKind rootKind() {
        return fields.rootKind();
    }

    /** {@return the directory of the host that the job may write to and starts in; in profile build by default the current one} */
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

    /** {@return whether set-user-id programs may be left in writable binds with mapped ids} */
    public boolean allowSuidInWorkspace() {
        return fields.allowSuidInWorkspace;
    }

    /** {@return whether lo is brought up in a new network namespace} */
    public Optional<Boolean> loopback() {
        return Optional.ofNullable(fields.loopback);
    }

    /** {@return whether the job starts from an environment of the profile's and not from the caller's} */
    public Optional<Boolean> clearEnvironment() {
        return Optional.ofNullable(fields.clearEnvironment);
    }

    /** {@return the variables that are set, with their values: handle with care} */
    public Map<String, String> environment() {
        return Collections.unmodifiableMap(fields.environment);
    }

    /** {@return the names of the variables that are copied from the caller, where it has them} */
    public List<String> passEnvironment() {
        return Collections.unmodifiableList(fields.passEnvironment);
    }

    /** {@return the working directory, absolute} */
    public Optional<String> cwd() {
        return Optional.ofNullable(fields.cwd);
    }

    /** {@return the file mode creation mask} */
    public OptionalInt umask() {
        return fields.umask == null ? OptionalInt.empty() : OptionalInt.of(fields.umask);
    }

    /** {@return whether exec can give the job no privileges} */
    public Optional<Boolean> noNewPrivileges() {
        return Optional.ofNullable(fields.noNewPrivileges);
    }

    /** {@return whether the job leads a session of its own, without a terminal} */
    public Optional<Boolean> newSession() {
        return Optional.ofNullable(fields.newSession);
    }

    /** {@return what becomes of capabilities} */
    public Optional<Capabilities> capabilities() {
        return Optional.ofNullable(fields.capabilities);
    }

    /** {@return whether the job has a session keyring of its own} */
    public Optional<Boolean> newKeyring() {
        return Optional.ofNullable(fields.newKeyring);
    }

    /** {@return whether the job is put under Landlock} */
    public Optional<LandlockMode> landlock() {
        return Optional.ofNullable(fields.landlock);
    }

    /** {@return whether the job may make user namespaces} */
    public Optional<Boolean> allowNestedUserNamespaces() {
        return Optional.ofNullable(fields.allowNestedUserNamespaces);
    }

    /** {@return which system calls the job may make} */
    public Optional<Seccomp> seccomp() {
        return Optional.ofNullable(fields.seccomp);
    }

    /** {@return whether the kernel logs what the filter does not allow} */
    public Optional<Boolean> seccompLog() {
        return Optional.ofNullable(fields.seccompLog);
    }

    /** {@return whether the job is pid 1 of a pid namespace of its own, inside that of its init} */
    public boolean asPid1() {
        return fields.asPid1;
    }

    /** {@return whether a terminal of the job's own is its three standard streams} */
    public Optional<Boolean> terminal() {
        return Optional.ofNullable(fields.terminal);
    }

    /** {@return the size of that terminal; empty means that of the caller's, else 24 by 80} */
    public Optional<TerminalSize> terminalSize() {
        return Optional.ofNullable(fields.terminalSize);
    }

    /** {@return how long the job may run} */
    public Optional<Duration> wallTime() {
        return Optional.ofNullable(fields.wallTime);
    }

    /** {@return how long the job may clean up between TERM and KILL} */
    public Optional<Duration> killGrace() {
        return Optional.ofNullable(fields.killGrace);
    }

    /** {@return how long the sandbox may take to come up} */
    public Optional<Duration> setupTime() {
        return Optional.ofNullable(fields.setupTime);
    }

    /** {@return how much of each captured stream is kept, in bytes} */
    public OptionalLong outputLimit() {
        return fields.outputLimit == null ? OptionalLong.empty() : OptionalLong.of(fields.outputLimit);
    }

    /** {@return how much processor time all processes of the job together may use} */
    public Optional<Duration> cpuTime() {
        return Optional.ofNullable(fields.cpuTime);
    }

    /** {@return what becomes of a job that writes more than the output limit} */
    public Optional<OutputAction> outputAction() {
        return Optional.ofNullable(fields.outputAction);
    }

    /** {@return the resource limits that were named} */
    public Map<Rlimit, ResourceLimit> rlimits() {
        return Collections.unmodifiableMap(fields.rlimits);
    }

    /** {@return priorities and processors} */
    public Scheduling scheduling() {
        return fields.scheduling;
    }

    /** {@return what all processes of the job together may use} */
    public JobResources resources() {
        return fields.resources;
    }

    /** {@return the results that are collected once the job is dead} */
    public List<Collect> collect() {
        return Collections.unmodifiableList(fields.collect);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JobSpec spec && SpecJson.tree(this, true).equals(SpecJson.tree(spec, true));
    }

    @Override
    public int hashCode() {
        return SpecJson.tree(this, true).hashCode();
    }

    /** The spec for people: the JSON document in one line, with the names of environment variables but not their values. */
    @Override
    public String toString() {
        return "JobSpec" + SpecJson.describe(this);
    }

    /** Makes specs. A setter called again replaces what it set, unless it says that it adds. */
    public static final class Builder {
        private final SpecFields fields;

        private Builder(SpecFields fields) {
            this.fields = fields;
        }

        /**
         * Names the job.
         *
         * @param name letters, digits, dot, underscore and hyphen, at most 64
         * @return this
         */
        public Builder name(String name) {
            fields.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets the program and its arguments.
         *
         * @param command a program without a slash is looked for in the job's {@code PATH}
         * @return this
         */
        public Builder command(String... command) {
            return command(List.of(command));
        }

        /**
         * Sets the program and its arguments.
         *
         * @param command a program without a slash is looked for in the job's {@code PATH}
         * @return this
         */
        public Builder command(List<String> command) {
            fields.command = List.copyOf(command);
            return this;
        }

        /**
         * Says how the job gets one kind of namespace.
         *
         * @param kind which
         * @param mode how
         * @return this
         */
        public Builder namespace(NamespaceKind kind, NamespaceMode mode) {
            fields.namespaces.put(Objects.requireNonNull(kind, "kind"), Objects.requireNonNull(mode, "mode"));
            return this;
        }

        /**
         * Shifts the monotonic clock of a new time namespace.
         *
         * @param offset may be negative
         * @return this
         */
        public Builder monotonicOffset(Duration offset) {
            fields.monotonicOffset = Objects.requireNonNull(offset, "offset");
            return this;
        }

        /**
         * Shifts the boot-time clock of a new time namespace.
         *
         * @param offset may be negative
         * @return this
         */
        public Builder boottimeOffset(Duration offset) {
            fields.boottimeOffset = Objects.requireNonNull(offset, "offset");
            return this;
        }

        /**
         * Sets the id maps of a new user namespace.
         *
         * @param maps a preset or ranges
         * @return this
         */
        public Builder idMaps(IdMaps maps) {
            fields.idMaps = Objects.requireNonNull(maps, "maps");
            return this;
        }

        /**
         * Sets the ids of the job, as seen inside.
         *
         * @param user ids
         * @return this
         */
        public Builder user(JobUser user) {
            fields.user = Objects.requireNonNull(user, "user");
            return this;
        }

        /**
         * Sets the ids of the job, as seen inside, without supplementary groups.
         *
         * @param uid user id
         * @param gid group id
         * @return this
         */
        public Builder user(long uid, long gid) {
            return user(new JobUser(uid, gid));
        }

        /**
         * Sets the host name in a new uts namespace.
         *
         * @param hostname at most 64 bytes
         * @return this
         */
        public Builder hostname(String hostname) {
            fields.hostname = Objects.requireNonNull(hostname, "hostname");
            return this;
        }

        /**
         * Sets the NIS domain name in a new uts namespace.
         *
         * @param domainname at most 64 bytes
         * @return this
         */
        public Builder domainname(String domainname) {
            fields.domainname = Objects.requireNonNull(domainname, "domainname");
            return this;
        }

        /**
         * Says how mounts of a new mount namespace relate to the host's.
         *
         * @param propagation how
         * @return this
         */
        public Builder propagation(Propagation propagation) {
            fields.propagation = Objects.requireNonNull(propagation, "propagation");
            return this;
        }

        /**
         * Says whether a /proc of the new pid namespace is mounted; by default it is where pid and mnt are new.
         *
         * @param fresh whether
         * @return this
         */
        public Builder freshProc(boolean fresh) {
            fields.freshProc = fresh;
            return this;
        }

        /**
         * Says what the job sees at /.
         *
         * @param root all but the host's tree as it is need new mnt and pid namespaces
         * @return this
         */
        public Builder root(RootKind root) {
            fields.root = Objects.requireNonNull(root, "root");
            return this;
        }

        /**
         * Gives the job a read-only root of its own, with the host's /usr in it.
         *
         * @return this
         */
        public Builder rootMinimal() {
            return root(RootKind.MINIMAL);
        }

        /**
         * Sets the directory that the job may write to, at the path that it has on the host, and in which it starts. Sockets in
         * it can be reached. It needs a root of the job's own, or the read-only one of profile build.
         *
         * @param directory absolute, as the caller sees it
         * @return this
         */
        public Builder workspace(String directory) {
            fields.workspace = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /**
         * Adds files or directories of the host, at the same path and for reading only.
         *
         * @param paths absolute
         * @return this
         */
        public Builder bindReadOnly(String... paths) {
            for (String path : paths) {
                bind(Bind.readOnly(path));
            }
            return this;
        }

        /**
         * Adds a file or directory of the host that the job may write to, as far as its ids may.
         *
         * @param source absolute, as the caller sees it
         * @param target absolute, as the job sees it
         * @return this
         */
        public Builder bind(String source, String target) {
            return bind(Bind.writable(source, target));
        }

        /**
         * Adds a file or directory of the host.
         *
         * @param bind what, where and how
         * @return this
         */
        public Builder bind(Bind bind) {
            fields.binds.add(Objects.requireNonNull(bind, "bind"));
            return this;
        }

        /**
         * Adds an empty directory in memory.
         *
         * @param target absolute, as the job sees it
         * @param bytes how much it may hold
         * @return this
         */
        public Builder tmpfs(String target, long bytes) {
            return tmpfs(new Tmpfs(target, bytes));
        }

        /**
         * Adds an empty directory in memory.
         *
         * @param tmpfs where, and how large
         * @return this
         */
        public Builder tmpfs(Tmpfs tmpfs) {
            fields.tmpfs.add(Objects.requireNonNull(tmpfs, "tmpfs"));
            return this;
        }

        /**
         * Adds a small file to a minimal root.
         *
         * @param path absolute, as the job sees it
         * @param content its bytes; all files together may have 512 KiB
         * @return this
         */
        public Builder file(String path, byte[] content) {
            fields.files.add(new JobFile(path, content));
            return this;
        }

        /**
         * Adds a small text file to a minimal root.
         *
         * @param path absolute, as the job sees it
         * @param content its text, written as UTF-8
         * @return this
         */
        public Builder file(String path, String content) {
            fields.files.add(new JobFile(path, content));
            return this;
        }

        /**
         * Adds empty directories to a minimal root, which is read-only: to write to, take a tmpfs.
         *
         * @param paths absolute, as the job sees them
         * @return this
         */
        public Builder directory(String... paths) {
            fields.directories.addAll(List.of(paths));
            return this;
        }

        /**
         * Adds a symlink to a minimal root.
         *
         * @param path absolute, as the job sees it
         * @param target what it says
         * @return this
         */
        public Builder symlink(String path, String target) {
            fields.symlinks.put(Objects.requireNonNull(path, "path"), Objects.requireNonNull(target, "target"));
            return this;
        }

        /**
         * Says that the job may leave set-user-id programs in writable binds with mapped ids, which are those of the files' owner on
         * the host. Only where a directory above the source keeps all other users out (mode 0700).
         *
         * @param allow whether
         * @return this
         */
        public Builder allowSuidInWorkspace(boolean allow) {
            fields.allowSuidInWorkspace = allow;
            return this;
        }

        /**
         * Says whether lo is brought up in a new network namespace; by default it is.
         *
         * @param up whether
         * @return this
         */
        public Builder loopback(boolean up) {
            fields.loopback = up;
            return this;
        }

        /**
         * Says whether the job starts from the profile's environment or from the caller's.
         *
         * @param clear true for the profile's
         * @return this
         */
        public Builder clearEnvironment(boolean clear) {
            fields.clearEnvironment = clear;
            return this;
        }

        /**
         * Adds a variable.
         *
         * @param name without an equals sign
         * @param value kept out of every message and log
         * @return this
         */
        public Builder env(String name, String value) {
            fields.environment.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
            return this;
        }

        /**
         * Adds variables that are copied from the caller, where it has them.
         *
         * @param names their names
         * @return this
         */
        public Builder passEnv(String... names) {
            fields.passEnvironment.addAll(List.of(names));
            return this;
        }

        /**
         * Sets the working directory.
         *
         * @param directory absolute, as the job sees it
         * @return this
         */
        public Builder cwd(String directory) {
            fields.cwd = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /**
         * Sets the file mode creation mask.
         *
         * @param mask 0 to 0777
         * @return this
         */
        public Builder umask(int mask) {
            fields.umask = mask;
            return this;
        }

        /**
         * Says whether exec can give the job no privileges.
         *
         * @param on true: no setuid program works
         * @return this
         */
        public Builder noNewPrivileges(boolean on) {
            fields.noNewPrivileges = on;
            return this;
        }

        /**
         * Says whether the job leads a session of its own, without a terminal.
         *
         * @param on whether
         * @return this
         */
        public Builder newSession(boolean on) {
            fields.newSession = on;
            return this;
        }

        /**
         * Says what becomes of capabilities.
         *
         * @param capabilities none, kept, or by name
         * @return this
         */
        public Builder capabilities(Capabilities capabilities) {
            fields.capabilities = Objects.requireNonNull(capabilities, "capabilities");
            return this;
        }

        /**
         * Says whether the job gets an empty session keyring instead of the caller's; by default it does, but not in
         * {@code bare}.
         *
         * @param on whether
         * @return this
         */
        public Builder newKeyring(boolean on) {
            fields.newKeyring = on;
            return this;
        }

        /**
         * Says whether the job is put under Landlock, which repeats what its mounts allow; where it may mount it is only if
         * that is {@linkplain LandlockMode#REQUIRED required}, as it then can mount nothing.
         *
         * @param mode the default is where the kernel has it, and not in {@code bare}
         * @return this
         */
        public Builder landlock(LandlockMode mode) {
            fields.landlock = Objects.requireNonNull(mode, "mode");
            return this;
        }

        /**
         * Says whether the job may make user namespaces, in which it has all capabilities and can mount; by default only in
         * {@code bare}.
         *
         * @param on whether
         * @return this
         */
        public Builder allowNestedUserNamespaces(boolean on) {
            fields.allowNestedUserNamespaces = on;
            return this;
        }

        /**
         * Says which system calls the job may make. A filter turns {@link #noNewPrivileges} on where nothing is said about it.
         *
         * @param seccomp the library's list, none, or a profile
         * @return this
         */
        public Builder seccomp(Seccomp seccomp) {
            fields.seccomp = Objects.requireNonNull(seccomp, "seccomp");
            return this;
        }

        /**
         * Says whether the kernel logs what the filter does not allow.
         *
         * @param on whether
         * @return this
         */
        public Builder seccompLog(boolean on) {
            fields.seccompLog = on;
            return this;
        }

        /**
         * Lets the job be pid 1 of a pid namespace of its own, inside that of its init.
         *
         * @param on whether
         * @return this
         */
        public Builder asPid1(boolean on) {
            fields.asPid1 = on;
            return this;
        }

        /**
         * Gives the job a terminal of its own: a pseudo terminal is its standard input, output and error, and the controlling
         * terminal of its session. What {@link StartOptions} says about input and output is then the other side of it; with
         * {@link Stdio#inherit()} that is the caller's terminal, if it has one, whose keys the job gets until it ends. Output is
         * as a terminal shows it, with CR LF, and standard error is in it. The end of the input is typed (Ctrl-D).
         *
         * @param on whether; the default is no, and the command line's is yes where it is used interactively
         * @return this builder
         */
        public Builder terminal(boolean on) {
            fields.terminal = on;
            if (!on) {
                fields.terminalSize = null;
            }
            return this;
        }

        /**
         * Gives the job a terminal of its own, of this size until {@link Job#resize} changes it.
         *
         * @param size its size; the caller's terminal is not asked
         * @return this builder
         */
        public Builder terminal(TerminalSize size) {
            fields.terminal = true;
            fields.terminalSize = Objects.requireNonNull(size, "size");
            return this;
        }

        /**
         * Limits how long the job may run.
         *
         * @param limit more than zero
         * @return this
         */
        public Builder wallTime(Duration limit) {
            fields.wallTime = Objects.requireNonNull(limit, "limit");
            return this;
        }

        /**
         * Sets how long the job may clean up between TERM and KILL; zero means KILL at once.
         *
         * @param grace not negative
         * @return this
         */
        public Builder killGrace(Duration grace) {
            fields.killGrace = Objects.requireNonNull(grace, "grace");
            return this;
        }

        /**
         * Limits how long the sandbox may take to come up.
         *
         * @param limit more than zero
         * @return this
         */
        public Builder setupTime(Duration limit) {
            fields.setupTime = Objects.requireNonNull(limit, "limit");
            return this;
        }

        /**
         * Limits how much is kept of each output that is captured, or passed on of one that is read as it comes. Where nothing is
         * said, 8 MiB are captured, and what is read as it comes has no limit.
         *
         * @param bytes at most 2147483639, what a Java array can hold
         * @return this
         */
        public Builder outputLimit(long bytes) {
            fields.outputLimit = bytes;
            return this;
        }

        /**
         * Limits how much processor time all processes of the job together may use.
         *
         * @param limit more than zero
         * @return this
         */
        public Builder cpuTime(Duration limit) {
            fields.cpuTime = Objects.requireNonNull(limit, "limit");
            return this;
        }

        /**
         * Says what becomes of a job that writes more than the output limit to a stream that goes through this JVM.
         *
         * @param action cut the output, which is the default, or end the job
         * @return this
         */
        public Builder outputAction(OutputAction action) {
            fields.outputAction = Objects.requireNonNull(action, "action");
            return this;
        }

        /**
         * Sets one resource limit of each process, soft and hard. One above the caller's own hard limit takes privileges.
         *
         * @param name which
         * @param value in the kernel's unit: bytes, seconds, microseconds or a count
         * @return this
         */
        public Builder rlimit(Rlimit name, long value) {
            return rlimit(name, ResourceLimit.of(value));
        }

        /**
         * Sets one resource limit of each process.
         *
         * @param name which
         * @param limit soft and hard
         * @return this
         */
        public Builder rlimit(Rlimit name, ResourceLimit limit) {
            fields.rlimits.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(limit, "limit"));
            return this;
        }

        /**
         * Sets the nice value. One below the caller's own takes privileges.
         *
         * @param nice -20, the highest priority, to 19
         * @return this
         */
        public Builder nice(int nice) {
            fields.scheduling = fields.scheduling.withNice(nice);
            return this;
        }

        /**
         * Sets the priority for disk access.
         *
         * @param priority class and level
         * @return this
         */
        public Builder ionice(IoPriority priority) {
            fields.scheduling = fields.scheduling.withIonice(Objects.requireNonNull(priority, "priority"));
            return this;
        }

        /**
         * Binds the job to processors.
         *
         * @param cpus their numbers; none means any
         * @return this
         */
        public Builder cpuAffinity(List<Integer> cpus) {
            fields.scheduling = fields.scheduling.withCpus(cpus);
            return this;
        }

        /**
         * Says how readily the job is killed when the machine runs out of memory. A score below the caller's own takes
         * privileges.
         *
         * @param score -1000 to 1000
         * @return this
         */
        public Builder oomScoreAdj(int score) {
            fields.scheduling = fields.scheduling.withOomScoreAdj(score);
            return this;
        }

        /**
         * Sets everything that all processes of the job together may use.
         *
         * @param resources replaces what was said before
         * @return this
         */
        public Builder resources(JobResources resources) {
            fields.resources = Objects.requireNonNull(resources, "resources");
            return this;
        }

        /**
         * Limits the memory of all processes of the job together, with what they keep in tmpfs, shared memory and pipes. Isolated: 256m.
         *
         * @param bytes at least 4 MiB, or {@link ResourceLimit#UNLIMITED}
         * @return this
         */
        public Builder memory(long bytes) {
            return resources(fields.resources.withMemory(bytes));
        }

        /**
         * Limits the memory of all processes of the job together.
         *
         * @param size such as {@code 256m}
         * @return this
         * @throws IllegalArgumentException when it is not a size
         */
        public Builder memory(String size) {
            return memory(Sizes.parse(size));
        }

        /**
         * Limits how much of the job may be in swap, beside its memory. Isolated: nothing.
         *
         * @param bytes 0 or more, or {@link ResourceLimit#UNLIMITED}
         * @return this
         */
        public Builder swap(long bytes) {
            return resources(fields.resources.withSwap(bytes));
        }

        /**
         * Limits how many processes and threads the job has at any time. Isolated: 64.
         *
         * @param count 1 or more, or {@link ResourceLimit#UNLIMITED}
         * @return this
         */
        public Builder pids(long count) {
            return resources(fields.resources.withPids(count));
        }

        /**
         * Limits how much of the processors the job gets in each moment.
         *
         * @param count 1.5 is one and a half processors; at least 0.01
         * @return this
         */
        public Builder cpus(double count) {
            return resources(fields.resources.withCpus(count));
        }

        /**
         * Sets the job's share of the processors where others want them too. Isolated: 50.
         *
         * @param weight 1 to 10,000; others have 100
         * @return this
         */
        public Builder cpuWeight(int weight) {
            return resources(fields.resources.withCpuWeight(weight));
        }

        /**
         * Sets the processors that the job can have at all: unlike {@link #cpuAffinity} it cannot change that.
         *
         * @param cpus their numbers
         * @return this
         */
        public Builder cpusetCpus(List<Integer> cpus) {
            return resources(fields.resources.withCpusetCpus(cpus));
        }

        /**
         * Sets the memory nodes that the job can have.
         *
         * @param nodes their numbers
         * @return this
         */
        public Builder cpusetMems(List<Integer> nodes) {
            return resources(fields.resources.withCpusetMems(nodes));
        }

        /**
         * Sets the job's share of the disks.
         *
         * @param weight 1 to 10,000; others have 100
         * @return this
         */
        public Builder ioWeight(int weight) {
            return resources(fields.resources.withIoWeight(weight));
        }

        /**
         * Limits how fast the job uses a disk. Adds to the disks limited before.
         *
         * @param limit of one disk
         * @return this
         */
        public Builder io(IoLimit limit) {
            List<IoLimit> all = new ArrayList<>(fields.resources.io());
            all.add(Objects.requireNonNull(limit, "limit"));
            return resources(fields.resources.withIo(all));
        }

        /**
         * Refuses the job where one of these limits, said here or by the profile, cannot be enforced for all its processes together.
         *
         * @param strict whether; by default what is not enforced is reported
         * @return this
         */
        public Builder strictLimits(boolean strict) {
            return resources(fields.resources.withStrict(strict));
        }

        /**
         * Adds results that are collected once the job is dead, however it ended.
         *
         * @param one a file or directory of the job, and where it goes
         * @return this
         */
        public Builder collect(Collect one) {
            fields.collect.add(Objects.requireNonNull(one, "one"));
            return this;
        }

        /**
         * Adds results that are kept in memory, for {@link JobResult#files()}, within the default bounds of {@link Collect}.
         *
         * @param from a file or directory, absolute, as the job sees it
         * @return this
         */
        public Builder collect(String from) {
            return collect(Collect.inMemory(from));
        }

        /**
         * Adds results that are written to a place here, within the default bounds of {@link Collect}.
         *
         * @param from a file or directory, absolute, as the job sees it
         * @param to the file or directory that it becomes
         * @return this
         */
        public Builder collect(String from, Path to) {
            return collect(Collect.to(from, to));
        }

        /**
         * Checks everything at once and makes the spec. The builder can be used further.
         *
         * @return an immutable spec
         * @throws InvalidSpecException listing every rule that is broken
         */
        public JobSpec build() {
            List<String> violations = SpecRules.violations(fields);
            if (!violations.isEmpty()) {
                throw new InvalidSpecException(violations);
            }
            return new JobSpec(fields.copy());
        }
    }
}
