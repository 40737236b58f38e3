package io.nsjob;

import io.nsjob.internal.wire.SpecJson;
import java.time.Duration;
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
public final class JobSpec extends SpecFiles {
    /** The version of the JSON document, its field {@code nsjob}. */
    public static final int VERSION = 1;

    JobSpec(SpecFields fields) {
        super(fields);
    }

    /** {@return a builder of a spec for unknown code: own namespaces of all kinds but time, and nothing kept from the caller} */
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

    /** {@return the JSON Schema of the document, as it is kept in this library} */
    public static String jsonSchema() {
        return SpecJson.schema();
    }

    /** {@return an indented JSON document of which {@link #fromJson} makes an equal spec; durations are to the millisecond} */
    public String toJson() {
        return SpecJson.write(this);
    }

    /** {@return a builder of another spec, with everything that this one says} */
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

    /** {@return the namespaces that are pinned to files, and stay when the job is gone} */
    public List<NamespacePin> pins() {
        return Collections.unmodifiableList(fields.pins);
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
    public static final class Builder extends LimitSetters<Builder> {
        private Builder(SpecFields fields) {
            super(fields);
        }

        @Override
        Builder self() {
            return this;
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
