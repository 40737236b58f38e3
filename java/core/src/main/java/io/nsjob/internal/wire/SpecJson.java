package io.nsjob.internal.wire;

import io.nsjob.Capabilities;
import io.nsjob.Durations;
import io.nsjob.IdMaps;
import io.nsjob.IdRange;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.JobUser;
import io.nsjob.NamespaceMode;
import io.nsjob.Sizes;
import io.nsjob.TerminalSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The job spec as a JSON document: what {@link SpecReader} reads is written here. */
public final class SpecJson {
    private static final String SCHEMA = "/io/nsjob/job-spec.schema.json";

    private SpecJson() {
    }

    /**
     * Reads a document.
     *
     * @param utf8 its bytes
     * @return the spec
     */
    public static JobSpec read(byte[] utf8) {
        try {
            return read(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
        } catch (CharacterCodingException e) {
            throw new InvalidSpecException(List.of("$: not UTF-8"));
        }
    }

    /**
     * Reads a document.
     *
     * @param json its text
     * @return the spec
     */
    public static JobSpec read(String json) {
        return SpecReader.read(json);
    }

    /**
     * The JSON Schema.
     *
     * @return its text
     */
    public static String schema() {
        try (InputStream in = SpecJson.class.getResourceAsStream(SCHEMA)) {
            if (in == null) {
                throw new IllegalStateException("this jar lacks " + SCHEMA);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes a document.
     *
     * @param spec a spec
     * @return JSON, indented
     */
    public static String write(JobSpec spec) {
        return Json.write(tree(spec, true));
    }

    /**
     * Writes a document for people.
     *
     * @param spec a spec
     * @return JSON in one line, without the values of environment variables
     */
    public static String describe(JobSpec spec) {
        return Json.writeCompact(tree(spec, false));
    }

    /**
     * The document as a tree.
     *
     * @param spec a spec
     * @param values whether values of environment variables are in it
     * @return what was said, in the order of the schema
     */
    public static Map<String, Object> tree(JobSpec spec, boolean values) {
        Tree tree = new Tree();
        tree.put("nsjob", (long) JobSpec.VERSION);
        tree.put("profile", spec.profile().jsonName());
        spec.name().ifPresent(name -> tree.put("name", name));
        if (!spec.command().isEmpty()) {
            tree.put("command", spec.command());
        }
        Tree namespaces = new Tree();
        spec.namespaces().forEach((kind, mode) -> namespaces.put(kind.kernelName(), mode(mode)));
        tree.putUnlessEmpty("namespaces", namespaces);
        PinJson.write(spec, tree);
        Tree offsets = new Tree();
        spec.monotonicOffset().ifPresent(offset -> offsets.put("monotonic", Durations.format(offset)));
        spec.boottimeOffset().ifPresent(offset -> offsets.put("boottime", Durations.format(offset)));
        tree.putUnlessEmpty("timeOffsets", offsets);
        spec.idMaps().ifPresent(maps -> tree.put("idMap", idMaps(maps)));
        spec.user().ifPresent(user -> tree.put("user", user(user)));
        spec.hostname().ifPresent(name -> tree.put("hostname", name));
        spec.domainname().ifPresent(name -> tree.put("domainname", name));
        Tree filesystem = new Tree();
        spec.propagation().ifPresent(propagation -> filesystem.put("propagation", propagation.jsonName()));
        spec.freshProc().ifPresent(proc -> filesystem.put("proc", proc));
        spec.freshSys().ifPresent(sys -> filesystem.put("sys", sys));
        FilesystemJson.write(spec, filesystem, values);
        tree.putUnlessEmpty("filesystem", filesystem);
        spec.loopback().ifPresent(up -> tree.put("network", Map.of("loopback", up)));
        tree.putUnlessEmpty("environment", environment(spec, values));
        process(spec, tree);
        tree.putUnlessEmpty("limits", limits(spec));
        LimitFields.write(spec, tree);
        CollectJson.write(spec, tree);
        return tree;
    }

    private static Object mode(NamespaceMode mode) {
        if (mode instanceof NamespaceMode.JoinPath join) {
            return Map.of("join", join.path());
        }
        if (mode instanceof NamespaceMode.JoinPid join) {
            return Map.of("joinPid", join.pid());
        }
        if (mode instanceof NamespaceMode.New fresh && fresh.copyOf().isPresent()) {
            return Map.of("copyPid", fresh.copyOf().getAsLong());
        }
        return mode instanceof NamespaceMode.New ? "new" : "inherit";
    }

    private static Tree idMaps(IdMaps maps) {
        Tree tree = new Tree();
        if (maps.preset() != IdMaps.Preset.DEFAULT || maps.users().isEmpty() && maps.groups().isEmpty()) {
            tree.put("preset", maps.preset().jsonName());
        }
        if (!maps.users().isEmpty()) {
            tree.put("users", ranges(maps.users()));
        }
        if (!maps.groups().isEmpty()) {
            tree.put("groups", ranges(maps.groups()));
        }
        maps.setgroups().ifPresent(setgroups -> tree.put("setgroups", setgroups.jsonName()));
        return tree;
    }

    /**
     * The lines of an id map.
     *
     * @param ranges its lines
     * @return an array
     */
    public static List<Map<String, Object>> ranges(List<IdRange> ranges) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (IdRange range : ranges) {
            Tree line = new Tree();
            line.put("inside", range.inside());
            line.put("outside", range.outside());
            line.put("count", range.count());
            list.add(line);
        }
        return list;
    }

    private static Tree user(JobUser user) {
        Tree tree = new Tree();
        tree.put("uid", user.uid());
        tree.put("gid", user.gid());
        if (!user.groups().isEmpty()) {
            tree.put("groups", user.groups());
        }
        return tree;
    }

    private static Tree environment(JobSpec spec, boolean values) {
        Tree tree = new Tree();
        spec.clearEnvironment().ifPresent(clear -> tree.put("clear", clear));
        if (!spec.environment().isEmpty()) {
            tree.put("set", values ? new LinkedHashMap<>(spec.environment()) : List.copyOf(spec.environment().keySet()));
        }
        if (!spec.passEnvironment().isEmpty()) {
            tree.put("pass", spec.passEnvironment());
        }
        return tree;
    }

    private static void process(JobSpec spec, Tree tree) {
        spec.cwd().ifPresent(cwd -> tree.put("cwd", cwd));
        spec.umask().ifPresent(umask -> tree.put("umask", octal(umask)));
        spec.noNewPrivileges().ifPresent(on -> tree.put("noNewPrivileges", on));
        spec.newSession().ifPresent(on -> tree.put("newSession", on));
        spec.capabilities().ifPresent(kept -> tree.put("capabilities", kept.jsonName().isEmpty() ? changes(kept) : kept.jsonName()));
        spec.newKeyring().ifPresent(on -> tree.put("newKeyring", on));
        spec.landlock().ifPresent(mode -> tree.put("landlock", mode.jsonName()));
        spec.allowNestedUserNamespaces().ifPresent(on -> tree.put("allowNestedUserNamespaces", on));
        spec.seccomp().ifPresent(seccomp -> tree.put("seccomp",
            seccomp.profileJson().map(SeccompReader::tree).orElse(seccomp.jsonName())));
        spec.seccompLog().ifPresent(log -> tree.put("seccompLog", log));
        if (spec.asPid1()) {
            tree.put("asPid1", true);
        }
        spec.terminal().ifPresent(on -> tree.put("terminal", spec.terminalSize().isPresent()
            ? terminalSize(spec.terminalSize().get()) : on));
    }

    private static Tree terminalSize(TerminalSize size) {
        Tree tree = new Tree();
        tree.put("rows", (long) size.rows());
        tree.put("columns", (long) size.columns());
        return tree;
    }

    private static Tree changes(Capabilities capabilities) {
        Tree tree = new Tree();
        if (!capabilities.added().isEmpty()) {
            tree.put("add", capabilities.added());
        }
        if (!capabilities.dropped().isEmpty()) {
            tree.put("drop", capabilities.dropped());
        }
        return tree;
    }

    private static String octal(int umask) {
        String digits = Integer.toOctalString(umask);
        return "0".repeat(Math.max(0, 3 - digits.length())) + digits;
    }

    private static Tree limits(JobSpec spec) {
        Tree tree = new Tree();
        spec.wallTime().ifPresent(limit -> tree.put("wallTime", Durations.format(limit)));
        spec.cpuTime().ifPresent(limit -> tree.put("cpuTime", Durations.format(limit)));
        spec.killGrace().ifPresent(grace -> tree.put("killGrace", Durations.format(grace)));
        spec.setupTime().ifPresent(limit -> tree.put("setupTime", Durations.format(limit)));
        spec.outputLimit().ifPresent(limit -> tree.put("output", Sizes.format(limit)));
        spec.outputAction().ifPresent(action -> tree.put("outputAction", action.jsonName()));
        ResourceFields.write(spec.resources(), tree);
        return tree;
    }

    /** An object that keeps its order. */
    private static final class Tree extends LinkedHashMap<String, Object> {
        private static final long serialVersionUID = 1L;

        void putUnlessEmpty(String name, Tree tree) {
            if (!tree.isEmpty()) {
                put(name, tree);
            }
        }
    }
}
