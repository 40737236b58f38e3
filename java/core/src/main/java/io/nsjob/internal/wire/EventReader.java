package io.nsjob.internal.wire;

import io.nsjob.IdRange;
import io.nsjob.JobCredentials;
import io.nsjob.JobHardening;
import io.nsjob.JobTerminal;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceReport;
import io.nsjob.Outcome;
import io.nsjob.StageTiming;
import io.nsjob.TerminalSize;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Decodes the bodies of events. Fields that this version does not know are ignored; those it needs must be there. */
public final class EventReader {
    private static final int SIGKILL = 9;
    private static final List<String> CAPABILITY_SETS =
        List.of("inheritable", "permitted", "effective", "bounding", "ambient");

    private final List<String> problems = new ArrayList<>();
    private final Fields root;

    private EventReader(Frame frame) throws ProtocolException {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(frame.body())).toString();
            root = Fields.root(Json.parse(text, problems), problems);
        } catch (CharacterCodingException e) {
            throw new ProtocolException("an event is not UTF-8");
        } catch (JsonSyntaxException e) {
            throw new ProtocolException("an event is not JSON: " + e.getMessage());
        }
    }

    /**
     * Decodes an event.
     *
     * @param frame from the helper
     * @return the event
     * @throws ProtocolException when a field is missing, mistyped or there twice
     */
    public static Event read(Frame frame) throws ProtocolException {
        if (frame.type() == FrameType.CONTENT) {
            return new Event.Content(frame.body());
        }
        EventReader reader = new EventReader(frame);
        Event event;
        try {
            event = reader.event(frame.type());
        } catch (IllegalArgumentException | NullPointerException e) {
            // A field that is missing or out of range; the list says which.
            event = null;
        }
        if (event == null || !reader.problems.isEmpty()) {
            throw new ProtocolException("bad " + frame.type().name().toLowerCase(Locale.ROOT) + " event: "
                + (reader.problems.isEmpty() ? "a value is out of range" : String.join("; ", reader.problems)));
        }
        return event;
    }

    private Event event(FrameType type) {
        switch (type) {
            case HELLO:
                return new Event.Hello(number(root, "protocol"), text(root, "version"), text(root, "secret"));
            case PREPARED:
                return prepared();
            case STARTED:
                return new Event.Started(stages(root));
            case RUNNING:
                return running();
            case EXITED:
                return exited();
            case USAGE:
                return new Event.Used(number(root, "wallMillis"), number(root, "userMicros"), number(root, "systemMicros"),
                    number(root, "maxRssBytes"), number(root, "minorFaults"), number(root, "majorFaults"), cgroups());
            case ERROR:
                return new Event.Failed(text(root, "stage"), text(root, "syscall"), (int) number(root, "errno"),
                    text(root, "subject"), text(root, "message"), text(root, "hint"));
            case FILE:
                return new Event.FileBegins(number(root, "source"), text(root, "path"), number(root, "size"),
                    (int) (long) root.required("mode", 07777));
            case SKIPPED:
                return new Event.Skipped(optional(root, "source"), text(root, "path"), text(root, "reason"));
            default:
                throw new IllegalArgumentException("not an event: " + type);
        }
    }

    private static long number(Fields fields, String name) {
        return fields.required(name, Long.MAX_VALUE);
    }

    private static String text(Fields fields, String name) {
        return Objects.requireNonNull(fields.text(name));
    }

    private static Fields part(Fields fields, String name) {
        Fields part = fields.object(name);
        if (part == null) {
            fields.problem(name, "is required");
        }
        return Objects.requireNonNull(part);
    }

    private Event prepared() {
        Fields pid = part(root, "pid");
        OptionalLong init = optional(pid, "init");
        Fields maps = root.object("idMaps");
        String setgroups = maps == null ? null : maps.string("setgroups");
        List<String> unmapped = root.strings("unmapped");
        Fields terminal = root.object("terminal");
        String saved = terminal == null ? null : terminal.string("saved");
        return new Event.Prepared(optional(pid, "supervisor"), number(pid, "host"), number(pid, "inside"), init, namespaces(part(root, "namespaces")),
            maps == null ? List.of() : ranges(maps, "uid"), maps == null ? List.of() : ranges(maps, "gid"),
            setgroups == null ? "" : setgroups, credentials(part(root, "credentials")), unmapped == null ? List.of() : unmapped,
            cgroups(), hardening(root.object("hardening")), stages(root), terminal == null ? Optional.empty() : Optional.of(terminal(terminal)),
            saved == null ? "" : saved);
    }

    private Event running() {
        Fields pid = part(root, "pid");
        return new Event.Running(number(pid, "supervisor"), number(pid, "host"), number(pid, "inside"), number(pid, "init"), stages(root));
    }

    private static JobTerminal terminal(Fields fields) {
        TerminalSize size = new TerminalSize((int) number(fields, "rows"), (int) number(fields, "columns"));
        return new JobTerminal(size, (int) number(fields, "pts"));
    }

    private static OptionalLong optional(Fields fields, String name) {
        Object value = fields.any(name);
        return value == null || value == Json.NULL ? OptionalLong.empty() : OptionalLong.of(number(fields, name));
    }

    static NamespaceReport namespaces(Fields fields) {
        List<NamespaceReport.Entry> entries = new ArrayList<>();
        for (NamespaceKind kind : NamespaceKind.values()) {
            Fields entry = part(fields, kind.kernelName());
            Boolean isolated = entry.bool("isolated");
            if (isolated == null) {
                entry.problem("isolated", "is required");
            }
            entries.add(new NamespaceReport.Entry(kind, number(entry, "inode"), number(entry, "device"), number(entry, "host"),
                number(entry, "hostDevice"), NamespaceReport.Mode.valueOf(text(entry, "mode").toUpperCase(Locale.ROOT)),
                isolated));
        }
        return new NamespaceReport(entries);
    }

    static List<IdRange> ranges(Fields fields, String name) {
        List<IdRange> ranges = new ArrayList<>();
        for (Fields line : fields.objects(name)) {
            // The map of the initial user namespace has 4294967295 ids, one more than a map of ours may.
            ranges.add(new IdRange(number(line, "inside"), number(line, "outside"), number(line, "count")));
        }
        return List.copyOf(ranges);
    }

    private Map<String, Map<String, String>> cgroups() {
        Map<String, Map<String, String>> cgroups = new LinkedHashMap<>();
        for (Fields cgroup : root.has("cgroups") ? root.objects("cgroups") : List.<Fields>of()) {
            Fields values = part(cgroup, "values");
            Map<String, String> texts = new LinkedHashMap<>();
            for (String name : values.names()) {
                texts.put(name, text(values, name));
            }
            cgroups.put(text(cgroup, "directory"), Collections.unmodifiableMap(texts));
        }
        return Collections.unmodifiableMap(cgroups);
    }

    private static JobCredentials credentials(Fields fields) {
        Map<String, String> sets = new LinkedHashMap<>();
        Fields capabilities = part(fields, "capabilities");
        for (String set : CAPABILITY_SETS) {
            sets.put(set, text(capabilities, set));
        }
        List<Long> groups = fields.integers("groups");
        Boolean noNewPrivs = fields.bool("noNewPrivs");
        if (noNewPrivs == null) {
            fields.problem("noNewPrivs", "is required");
        }
        return new JobCredentials(id(part(fields, "uid")), id(part(fields, "gid")), groups == null ? List.of() : groups, sets,
            noNewPrivs, (int) number(fields, "seccomp"));
    }

    private static JobHardening hardening(Fields fields) {
        if (fields == null) {
            return JobHardening.NONE;
        }
        String keyring = text(fields, "keyring");
        OptionalLong abi = optional(fields, "landlockAbi");
        return new JobHardening(JobHardening.Keyring.valueOf(keyring.toUpperCase(Locale.ROOT).replace('-', '_')),
            abi.isPresent() ? OptionalInt.of((int) abi.getAsLong()) : OptionalInt.empty(), optional(fields, "maxUserNamespaces"),
            Boolean.TRUE.equals(fields.bool("lockedMounts")));
    }

    private static JobCredentials.Id id(Fields fields) {
        return new JobCredentials.Id(optional(fields, "inside"), number(fields, "outside"));
    }

    static List<StageTiming> stages(Fields root) {
        List<StageTiming> stages = new ArrayList<>();
        for (Fields stage : root.objects("stages")) {
            stages.add(new StageTiming(text(stage, "name"), number(stage, "micros")));
        }
        return stages;
    }

    private Event exited() {
        String name = root.string("cause");
        Optional<Event.Cause> cause = name == null ? Optional.empty() : Optional.of(Event.Cause.valueOf(name.toUpperCase(Locale.ROOT)));
        return new Event.Exited(end(), cause, number(root, "wallMillis"));
    }

    private Outcome end() {
        String lost = root.string("lost");
        if (lost != null) {
            return new Outcome.Lost(lost);
        }
        if (!root.has("exit") && root.has("cause")) {
            // On a busy machine init may be killed before it could tell how the job's main process took its KILL.
            return new Outcome.Signaled(SIGKILL, false);
        }
        Fields exit = part(root, "exit");
        if (exit.has("code")) {
            return new Outcome.Exited((int) (long) exit.required("code", 255));
        }
        Boolean core = exit.bool("core");
        return new Outcome.Signaled((int) (long) exit.required("signal", 127), Boolean.TRUE.equals(core));
    }
}
