package io.nsjob;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * The setters of {@link JobSpec.Builder} about the job's world and its process. All setters would be a file of a thousand
 * lines; users see those of the classes below as the builder's own.
 *
 * @param <B> the builder
 */
abstract class SpecSetters<B extends SpecSetters<B>> {
    final SpecFields fields;

    SpecSetters(SpecFields fields) {
        this.fields = fields;
    }

    abstract B self();

    /**
     * Names the job.
     *
     * @param name letters, digits, dot, underscore and hyphen, at most 64
     * @return this
     */
    public B name(String name) {
        fields.name = Objects.requireNonNull(name, "name");
        return self();
    }

    /**
     * Sets the program and its arguments.
     *
     * @param command a program without a slash is looked for in the job's {@code PATH}
     * @return this
     */
    public B command(String... command) {
        return command(List.of(command));
    }

    /**
     * Sets the program and its arguments.
     *
     * @param command a program without a slash is looked for in the job's {@code PATH}
     * @return this
     */
    public B command(List<String> command) {
        fields.command = List.copyOf(command);
        return self();
    }

    /**
     * Says how the job gets one kind of namespace.
     *
     * @param kind which
     * @param mode how
     * @return this
     */
    public B namespace(NamespaceKind kind, NamespaceMode mode) {
        fields.namespaces.put(Objects.requireNonNull(kind, "kind"), Objects.requireNonNull(mode, "mode"));
        return self();
    }

    /**
     * Pins a namespace of the job to a file, so that it stays when the job is gone.
     *
     * @param pin which, and where
     * @return this
     */
    public B pin(NamespacePin pin) {
        fields.pins.add(Objects.requireNonNull(pin, "pin"));
        return self();
    }

    /**
     * Shifts the monotonic clock of a new time namespace.
     *
     * @param offset may be negative
     * @return this
     */
    public B monotonicOffset(Duration offset) {
        fields.monotonicOffset = Objects.requireNonNull(offset, "offset");
        return self();
    }

    /**
     * Shifts the boot-time clock of a new time namespace.
     *
     * @param offset may be negative
     * @return this
     */
    public B boottimeOffset(Duration offset) {
        fields.boottimeOffset = Objects.requireNonNull(offset, "offset");
        return self();
    }

    /**
     * Sets the id maps of a new user namespace.
     *
     * @param maps a preset or ranges
     * @return this
     */
    public B idMaps(IdMaps maps) {
        fields.idMaps = Objects.requireNonNull(maps, "maps");
        return self();
    }

    /**
     * Sets the ids of the job, as seen inside.
     *
     * @param user ids
     * @return this
     */
    public B user(JobUser user) {
        fields.user = Objects.requireNonNull(user, "user");
        return self();
    }

    /**
     * Sets the ids of the job, as seen inside, without supplementary groups.
     *
     * @param uid user id
     * @param gid group id
     * @return this
     */
    public B user(long uid, long gid) {
        return user(new JobUser(uid, gid));
    }

    /**
     * Sets the host name in a new uts namespace.
     *
     * @param hostname at most 64 bytes
     * @return this
     */
    public B hostname(String hostname) {
        fields.hostname = Objects.requireNonNull(hostname, "hostname");
        return self();
    }

    /**
     * Sets the NIS domain name in a new uts namespace.
     *
     * @param domainname at most 64 bytes
     * @return this
     */
    public B domainname(String domainname) {
        fields.domainname = Objects.requireNonNull(domainname, "domainname");
        return self();
    }

    /**
     * Says whether lo is brought up in a new network namespace; by default it is.
     *
     * @param up whether
     * @return this
     */
    public B loopback(boolean up) {
        fields.loopback = up;
        return self();
    }

    /**
     * Says whether the job starts from the profile's environment or from the caller's.
     *
     * @param clear true for the profile's
     * @return this
     */
    public B clearEnvironment(boolean clear) {
        fields.clearEnvironment = clear;
        return self();
    }

    /**
     * Adds a variable.
     *
     * @param name without an equals sign
     * @param value kept out of every message and log
     * @return this
     */
    public B env(String name, String value) {
        fields.environment.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
        return self();
    }

    /**
     * Adds variables that are copied from the caller, where it has them.
     *
     * @param names their names
     * @return this
     */
    public B passEnv(String... names) {
        fields.passEnvironment.addAll(List.of(names));
        return self();
    }

    /**
     * Sets the working directory.
     *
     * @param directory absolute, as the job sees it
     * @return this
     */
    public B cwd(String directory) {
        fields.cwd = Objects.requireNonNull(directory, "directory");
        return self();
    }

    /**
     * Sets the file mode creation mask.
     *
     * @param mask 0 to 0777
     * @return this
     */
    public B umask(int mask) {
        fields.umask = mask;
        return self();
    }

    /**
     * Says whether exec can give the job no privileges.
     *
     * @param on true: no setuid program works
     * @return this
     */
    public B noNewPrivileges(boolean on) {
        fields.noNewPrivileges = on;
        return self();
    }

    /**
     * Says whether the job leads a session of its own, without a terminal.
     *
     * @param on whether
     * @return this
     */
    public B newSession(boolean on) {
        fields.newSession = on;
        return self();
    }

    /**
     * Says what becomes of capabilities.
     *
     * @param capabilities none, kept, or by name
     * @return this
     */
    public B capabilities(Capabilities capabilities) {
        fields.capabilities = Objects.requireNonNull(capabilities, "capabilities");
        return self();
    }

    /**
     * Says whether the job gets an empty session keyring instead of the caller's; by default it does, but not in
     * {@code bare}.
     *
     * @param on whether
     * @return this
     */
    public B newKeyring(boolean on) {
        fields.newKeyring = on;
        return self();
    }

    /**
     * Says whether the job is put under Landlock, which repeats what its mounts allow; where it may mount it is only if
     * that is {@linkplain LandlockMode#REQUIRED required}, as it then can mount nothing.
     *
     * @param mode the default is where the kernel has it, and not in {@code bare}
     * @return this
     */
    public B landlock(LandlockMode mode) {
        fields.landlock = Objects.requireNonNull(mode, "mode");
        return self();
    }

    /**
     * Says whether the job may make user namespaces, in which it has all capabilities and can mount; by default only in
     * {@code bare}.
     *
     * @param on whether
     * @return this
     */
    public B allowNestedUserNamespaces(boolean on) {
        fields.allowNestedUserNamespaces = on;
        return self();
    }

    /**
     * Says which system calls the job may make. A filter turns {@link #noNewPrivileges} on where nothing is said about it.
     *
     * @param seccomp the library's list, none, or a profile
     * @return this
     */
    public B seccomp(Seccomp seccomp) {
        fields.seccomp = Objects.requireNonNull(seccomp, "seccomp");
        return self();
    }

    /**
     * Says whether the kernel logs what the filter does not allow.
     *
     * @param on whether
     * @return this
     */
    public B seccompLog(boolean on) {
        fields.seccompLog = on;
        return self();
    }

    /**
     * Lets the job be pid 1 of a pid namespace of its own, inside that of its init.
     *
     * @param on whether
     * @return this
     */
    public B asPid1(boolean on) {
        fields.asPid1 = on;
        return self();
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
    public B terminal(boolean on) {
        fields.terminal = on;
        if (!on) {
            fields.terminalSize = null;
        }
        return self();
    }

    /**
     * Gives the job a terminal of its own, of this size until {@link Job#resize} changes it.
     *
     * @param size its size; the caller's terminal is not asked
     * @return this builder
     */
    public B terminal(TerminalSize size) {
        fields.terminal = true;
        fields.terminalSize = Objects.requireNonNull(size, "size");
        return self();
    }
}
