package io.nsjob.internal.wire;

import io.nsjob.Capabilities;
import io.nsjob.Durations;
import io.nsjob.IdMaps;
import io.nsjob.IdRange;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.JobUser;
import io.nsjob.LandlockMode;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.OutputAction;
import io.nsjob.Profile;
import io.nsjob.Propagation;
import io.nsjob.Seccomp;
import io.nsjob.TerminalSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads a job spec, and goes on after the first thing that is wrong so that all of them are listed. A field is looked for before
 * its setter is named: each method reference that is reached costs a start of the command as much as reading the whole spec.
 */
final class SpecReader {
    private final List<String> problems = new ArrayList<>();
    private Fields root;
    private JobSpec.Builder spec;

    private SpecReader() {
    }

    static JobSpec read(String json) {
        return new SpecReader().readDocument(json);
    }

    private JobSpec readDocument(String json) {
        try {
            root = Fields.root(Json.parse(json, problems), problems);
        } catch (JsonSyntaxException e) {
            throw new InvalidSpecException(List.of(e.getMessage()));
        }
        version();
        spec = JobSpec.builder(profile());
        if (root.has("name")) {
            set(root.string("name"), spec::name);
        }
        List<String> command = root.strings("command");
        if (command != null) {
            spec.command(command);
        }
        namespaces();
        PinJson.read(root, spec);
        timeOffsets();
        idMap();
        user();
        if (root.has("hostname")) {
            set(root.string("hostname"), spec::hostname);
        }
        if (root.has("domainname")) {
            set(root.string("domainname"), spec::domainname);
        }
        filesystem();
        network();
        environment();
        process();
        limits();
        LimitFields.read(root, spec);
        CollectJson.read(root, spec);
        root.refuseOthers();
        return build();
    }

    private Profile profile() {
        return root.has("profile") ? root.choice("profile", Profile.values(), Profile::jsonName).orElse(Profile.ISOLATED)
            : Profile.ISOLATED;
    }

    private JobSpec build() {
        Set<String> all = new LinkedHashSet<>(problems);
        try {
            JobSpec built = spec.build();
            if (all.isEmpty()) {
                return built;
            }
        } catch (InvalidSpecException e) {
            all.addAll(e.violations());
        }
        throw new InvalidSpecException(List.copyOf(all));
    }

    private void version() {
        if (!root.has("nsjob")) {
            root.problem("nsjob", "is required; this version reads " + JobSpec.VERSION);
            return;
        }
        Long version = root.integer("nsjob");
        if (version != null && version != JobSpec.VERSION) {
            root.problem("nsjob", "is a version that this one does not read; it reads " + JobSpec.VERSION);
        }
    }

    private static <T> void set(T value, Consumer<T> setter) {
        if (value != null) {
            setter.accept(value);
        }
    }

    private void namespaces() {
        Fields fields = root.object("namespaces");
        if (fields == null) {
            return;
        }
        for (NamespaceKind kind : NamespaceKind.values()) {
            NamespaceMode mode = mode(fields, kind.kernelName());
            if (mode != null) {
                spec.namespace(kind, mode);
            }
        }
        fields.refuseOthers();
    }

    private static NamespaceMode mode(Fields fields, String name) {
        Object value = fields.any(name);
        if (value == null || "inherit".equals(value)) {
            return value == null ? null : NamespaceMode.inherit();
        }
        if ("new".equals(value)) {
            return NamespaceMode.fresh();
        }
        if (!(value instanceof Map)) {
            fields.problem(name, "must be \"new\", \"inherit\", {\"join\": PATH} or {\"joinPid\": PID}");
            return null;
        }
        Fields join = fields.object(name);
        String path = join.string("join");
        Long pid = join.integer("joinPid");
        Long copy = join.integer("copyPid");
        join.refuseOthers();
        if (Stream.of("join", "joinPid", "copyPid").filter(join::has).count() != 1) {
            fields.problem(name, "must have either join or joinPid");
            return null;
        }
        if (copy != null) {
            return NamespaceMode.copyOf(copy);
        }
        return path != null ? NamespaceMode.join(path) : pid != null ? NamespaceMode.join(pid) : null;
    }

    private void timeOffsets() {
        Fields fields = root.object("timeOffsets");
        if (fields != null) {
            set(quantity(fields, "monotonic", Durations::parseSigned), spec::monotonicOffset);
            set(quantity(fields, "boottime", Durations::parseSigned), spec::boottimeOffset);
            fields.refuseOthers();
        }
    }

    private static <T> T quantity(Fields fields, String name, Function<String, T> parser) {
        String text = fields.string(name);
        if (text == null) {
            return null;
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            fields.problem(name, e.getMessage());
            return null;
        }
    }

    private void idMap() {
        Fields fields = root.object("idMap");
        if (fields == null) {
            return;
        }
        IdMaps.Preset preset = fields.choice("preset", IdMaps.Preset.values(), IdMaps.Preset::jsonName)
            .orElse(IdMaps.Preset.DEFAULT);
        List<IdRange> users = ranges(fields, "users");
        List<IdRange> groups = ranges(fields, "groups");
        spec.idMaps(new IdMaps(preset, users, groups,
            fields.choice("setgroups", IdMaps.Setgroups.values(), IdMaps.Setgroups::jsonName)));
        fields.refuseOthers();
    }

    private static List<IdRange> ranges(Fields fields, String name) {
        List<IdRange> ranges = new ArrayList<>();
        List<Fields> lines = fields.objects(name);
        for (int i = 0; i < lines.size(); i++) {
            Fields line = lines.get(i);
            Long inside = line.required("inside", IdRange.MAX_ID - 1);
            Long outside = line.required("outside", IdRange.MAX_ID - 1);
            Long count = line.required("count", IdRange.MAX_ID);
            line.refuseOthers();
            if (inside != null && outside != null && count != null) {
                try {
                    ranges.add(new IdRange(inside, outside, count));
                } catch (IllegalArgumentException e) {
                    fields.problem(name + "[" + i + "]", "must be at least one id, and end before " + IdRange.MAX_ID);
                }
            }
        }
        return ranges;
    }

    private void user() {
        Fields fields = root.object("user");
        if (fields == null) {
            return;
        }
        Long uid = fields.required("uid", IdRange.MAX_ID - 1);
        Long gid = fields.required("gid", IdRange.MAX_ID - 1);
        List<Long> groups = fields.integers("groups");
        fields.refuseOthers();
        if (uid != null && gid != null) {
            try {
                spec.user(new JobUser(uid, gid, groups == null ? List.of() : groups));
            } catch (IllegalArgumentException e) {
                fields.problem("groups", "must be ids");
            }
        }
    }

    private void filesystem() {
        Fields fields = root.object("filesystem");
        if (fields != null) {
            fields.choice("propagation", Propagation.values(), Propagation::jsonName).ifPresent(spec::propagation);
            set(fields.bool("proc"), spec::freshProc);
            set(fields.bool("sys"), spec::freshSys);
            FilesystemJson.read(fields, spec);
            fields.refuseOthers();
        }
    }

    private void network() {
        Fields fields = root.object("network");
        if (fields != null) {
            set(fields.bool("loopback"), spec::loopback);
            fields.refuseOthers();
        }
    }

    private void environment() {
        Fields fields = root.object("environment");
        if (fields == null) {
            return;
        }
        set(fields.bool("clear"), spec::clearEnvironment);
        Fields variables = fields.object("set");
        if (variables != null) {
            for (String name : variables.names()) {
                set(variables.string(name), value -> spec.env(name, value));
            }
        }
        set(fields.strings("pass"), names -> spec.passEnv(names.toArray(new String[0])));
        fields.refuseOthers();
    }

    private void process() {
        if (root.has("cwd")) {
            set(root.string("cwd"), spec::cwd);
        }
        if (root.has("umask")) {
            set(quantity(root, "umask", SpecReader::octal), spec::umask);
        }
        privileges();
        if (root.has("newSession")) {
            set(root.bool("newSession"), spec::newSession);
        }
        if (root.has("asPid1")) {
            set(root.bool("asPid1"), spec::asPid1);
        }
        if (root.any("terminal") instanceof Boolean on) {
            spec.terminal(on);
        } else if (root.has("terminal")) {
            terminalSize();
        }
    }

    private void privileges() {
        if (root.has("noNewPrivileges")) {
            set(root.bool("noNewPrivileges"), spec::noNewPrivileges);
        }
        if (root.has("capabilities")) {
            set(capabilities(), spec::capabilities);
        }
        if (root.has("newKeyring")) {
            set(root.bool("newKeyring"), spec::newKeyring);
        }
        if (root.has("landlock")) {
            root.choice("landlock", LandlockMode.values(), LandlockMode::jsonName).ifPresent(spec::landlock);
        }
        if (root.has("allowNestedUserNamespaces")) {
            set(root.bool("allowNestedUserNamespaces"), spec::allowNestedUserNamespaces);
        }
        if (root.has("seccomp")) {
            set(seccomp(), spec::seccomp);
        }
        if (root.has("seccompLog")) {
            set(root.bool("seccompLog"), spec::seccompLog);
        }
    }

    private void terminalSize() {
        Fields fields = root.object("terminal");
        Long rows = fields == null ? null : fields.required("rows", TerminalSize.MAX);
        Long columns = fields == null ? null : fields.required("columns", TerminalSize.MAX);
        if (fields != null) {
            fields.refuseOthers();
        }
        if (rows != null && columns != null) {
            try {
                spec.terminal(new TerminalSize((int) (long) rows, (int) (long) columns));
            } catch (IllegalArgumentException e) {
                root.problem("terminal", "rows and columns must be 1 to " + TerminalSize.MAX);
            }
        }
    }

    private Capabilities capabilities() {
        Object value = root.any("capabilities");
        if (value instanceof Map) {
            Fields fields = root.object("capabilities");
            List<String> add = names(fields, "add");
            List<String> drop = names(fields, "drop");
            fields.refuseOthers();
            try {
                return Capabilities.change(add, drop);
            } catch (IllegalArgumentException e) {
                root.problem("capabilities", e.getMessage());
            }
        } else if ("none".equals(value) || "keep".equals(value)) {
            return "keep".equals(value) ? Capabilities.KEEP : Capabilities.NONE;
        } else if (value != null) {
            root.problem("capabilities", "must be \"none\", \"keep\", or names to add and drop");
        }
        return null;
    }

    private static List<String> names(Fields fields, String name) {
        List<String> names = fields.strings(name);
        return names == null ? List.of() : names;
    }

    private Seccomp seccomp() {
        Object value = root.any("seccomp");
        if ("default".equals(value) || "none".equals(value)) {
            return "none".equals(value) ? Seccomp.NONE : Seccomp.DEFAULT;
        }
        if (value instanceof Map) {
            try {
                return Seccomp.profile(Json.writeCompact(value));
            } catch (InvalidSpecException e) {
                problems.addAll(e.violations());
            }
        } else if (value != null) {
            root.problem("seccomp", "must be \"default\", \"none\" or a profile");
        }
        return null;
    }

    private static Integer octal(String text) {
        if (!text.matches("[0-7]{1,4}")) {
            throw new IllegalArgumentException("must be octal digits, such as \"022\"");
        }
        return Integer.parseInt(text, 8);
    }

    private void limits() {
        Fields fields = root.object("limits");
        if (fields == null) {
            return;
        }
        Function<String, Duration> duration = Durations::parse;
        set(quantity(fields, "wallTime", duration), spec::wallTime);
        set(quantity(fields, "cpuTime", duration), spec::cpuTime);
        set(quantity(fields, "killGrace", duration), spec::killGrace);
        set(quantity(fields, "setupTime", duration), spec::setupTime);
        set(fields.size("output"), spec::outputLimit);
        fields.choice("outputAction", OutputAction.values(), OutputAction::jsonName).ifPresent(spec::outputAction);
        ResourceFields.read(fields, spec);
        fields.refuseOthers();
    }
}
