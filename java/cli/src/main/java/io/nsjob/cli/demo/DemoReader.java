package io.nsjob.cli.demo;

import io.nsjob.NamespaceKind;
import io.nsjob.cli.JsonTree;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads a demo's file. It is as strict as the reader of job specs: a field that nobody looks at is a mistake. */
final class DemoReader {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final Pattern CAPTURE = Pattern.compile("[a-z][A-Za-z0-9]{0,31}");
    private static final Pattern SECONDS = Pattern.compile("([1-9][0-9]{0,3})s");
    private static final Set<String> FEATURES = Set.of("userns", "memory-limit", "time", "root", "user");
    /** Names that a step or session must not have, as variables are called so. */
    private static final Set<String> TAKEN = Set.of("dir", "uid", "gid");
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_STEPS = 200;

    private final Map<String, Map<String, String>> texts = new LinkedHashMap<>();

    private DemoReader() {}

    static Demo read(String json) {
        Object tree;
        try {
            tree = JsonTree.parse(json);
        } catch (IOException | IllegalStateException e) {
            throw new DemoException("not JSON: " + e.getMessage());
        }
        return new DemoReader().demo(new Node(tree, ""));
    }

    private Demo demo(Node node) {
        node.fields("demo", "name", "title", "about", "needs", "sessions", "steps");
        node.needed("demo").oneOf("1");
        String name = name(node.needed("name"));
        text(node, "title", "title");
        text(node, "about", "about");
        List<Demo.Need> needs = new ArrayList<>();
        node.optional("needs").ifPresent(list -> list.list().forEach(need -> needs.add(need(need))));
        Map<String, Demo.Place> sessions = new LinkedHashMap<>();
        node.optional("sessions").ifPresent(all -> all.fields().forEach((session, place) -> {
            if (!NAME.matcher(session).matches() || session.equals(Demo.HOST) || TAKEN.contains(session)) {
                throw place.wrong("not a name for a session: lower case letters, digits and -, and not host, dir, uid, gid");
            }
            sessions.put(session, session(place, sessions.keySet()));
        }));
        List<Node> all = node.needed("steps").list();
        if (all.isEmpty() || all.size() > MAX_STEPS) {
            throw node.needed("steps").wrong("1 to " + MAX_STEPS + " steps are needed");
        }
        List<Demo.Step> steps = new ArrayList<>();
        Map<String, Set<String>> earlier = new HashMap<>();
        for (Node step : all) {
            Demo.Step read = step(step, sessions, earlier, steps.isEmpty() ? "" : steps.get(steps.size() - 1).session());
            steps.add(read);
        }
        return new Demo(name, List.copyOf(needs), sessions, List.copyOf(steps), texts);
    }

    private static String name(Node node) {
        if (!NAME.matcher(node.string()).matches()) {
            throw node.wrong("not a name: lower case letters, digits and - are allowed, and a letter comes first");
        }
        return node.string();
    }

    /** A text of the file's own: for every language, or for each one of its own. */
    private void text(Node node, String field, String key) {
        node.optional(field).ifPresent(text -> {
            if (text.value() instanceof String all) {
                texts.put(key, Map.of("", all));
                return;
            }
            Map<String, String> languages = new LinkedHashMap<>();
            text.fields("en", "ko").forEach((language, words) -> languages.put(language, words.string()));
            if (languages.isEmpty()) {
                throw text.wrong("a string, or an object with en or ko, is needed");
            }
            texts.put(key, languages);
        });
    }

    private static Demo.Need need(Node node) {
        Map<String, Node> fields = node.fields("program", "package", "feature");
        if (fields.containsKey("feature") == fields.containsKey("program")) {
            throw node.wrong("either program or feature is needed");
        }
        if (fields.containsKey("feature")) {
            String feature = fields.get("feature").oneOf(FEATURES.stream().sorted().toArray(String[]::new));
            return new Demo.Need(Demo.Need.Kind.FEATURE, feature, "");
        }
        String program = fields.get("program").string();
        if (program.isEmpty() || program.lastIndexOf('/') > 0 && !program.startsWith("/")) {
            throw fields.get("program").wrong("a program's name is needed, or an absolute path");
        }
        return new Demo.Need(Demo.Need.Kind.PROGRAM, program, fields.containsKey("package") ? fields.get("package").string() : program);
    }

    private static Demo.Place session(Node node, Set<String> earlier) {
        node.fields("job", "joins", "without");
        return place(node.optional("job"), node.optional("joins"), node.optional("without"), new TemplateRules(earlier, Map.of()));
    }

    private static Demo.Place place(Optional<Node> job, Optional<Node> joins, Optional<Node> without, TemplateRules rules) {
        job.ifPresent(rules::checkAll);
        Map<String, Object> spec = job.map(DemoReader::jobSpec).orElse(Map.of());
        Map<String, String> joined = new LinkedHashMap<>();
        joins.ifPresent(all -> all.fields().forEach((kind, session) -> {
            if (NamespaceKind.ofKernelName(kind).isEmpty()) {
                throw session.wrong("there is no such kind of namespace");
            }
            if (!rules.sessions().contains(session.string())) {
                throw session.wrong("there is no earlier session " + session.string());
            }
            joined.put(kind, session.string());
        }));
        Map<String, Map<String, Object>> patches = new LinkedHashMap<>();
        without.ifPresent(all -> all.fields().forEach((isolation, patch) -> patches.put(isolation, jobSpec(patch))));
        return new Demo.Place(spec, joined, patches);
    }

    private static Map<String, Object> jobSpec(Node node) {
        Map<String, Object> spec = new LinkedHashMap<>();
        node.fields().forEach((name, field) -> {
            if (Set.of("nsjob", "command", "name", "terminal").contains(name)) {
                throw field.wrong("is not for a demo to say");
            }
            spec.put(name, field.value());
        });
        return spec;
    }

    private Demo.Step step(Node node, Map<String, Demo.Place> sessions, Map<String, Set<String>> earlier, String before) {
        node.fields("id", "session", "run", "job", "do", "show", "status", "timeout", "capture", "beside", "when", "say", "look", "checks");
        String id = name(node.needed("id"));
        if (earlier.containsKey(id) || sessions.containsKey(id) || id.equals(Demo.HOST) || TAKEN.contains(id)) {
            throw node.needed("id").wrong(id + " is the name of something else already");
        }
        String session = node.optional("session").map(Node::string).orElse(Demo.HOST);
        if (!session.equals(Demo.HOST) && !sessions.containsKey(session)) {
            throw node.needed("session").wrong("there is no session " + session);
        }
        boolean beside = node.optional("beside").map(Node::bool).orElse(false);
        if (beside && (before.isEmpty() || before.equals(Demo.HOST) == session.equals(Demo.HOST))) {
            throw node.needed("beside").wrong("the step before it is in the same pane, or there is none");
        }
        TemplateRules rules = new TemplateRules(sessions.keySet(), earlier);
        Demo.Act act = act(node, sessions, rules);
        node.optional("show").ifPresent(rules::check);
        Map<String, String> captures = captures(node);
        Set<String> values = new HashSet<>(captures.keySet());
        values.addAll(act instanceof Demo.Single ? Set.of("out", "err", "status", "outcome") : Set.of("out", "err", "status"));
        earlier.put(id, values);
        text(node, "say", id + ".say");
        text(node, "look", id + ".look");
        List<Check> checks = checks(node, id, new TemplateRules(sessions.keySet(), earlier));
        String status = node.optional("status").map(Node::scalar).orElse("0");
        if (!status.matches("any|failure|[0-9]{1,3}")) {
            throw node.needed("status").wrong("an exit status, any or failure is needed");
        }
        return new Demo.Step(id, session, act, node.optional("show").map(Node::string), status,
            node.optional("timeout").map(DemoReader::seconds).orElse(TIMEOUT), captures, beside, when(node), checks);
    }

    private static Duration seconds(Node node) {
        var matcher = SECONDS.matcher(node.string());
        if (!matcher.matches()) {
            throw node.wrong("seconds are needed, such as 10s");
        }
        return Duration.ofSeconds(Long.parseLong(matcher.group(1)));
    }

    private static Demo.When when(Node node) {
        return node.optional("when").map(word -> switch (word.oneOf("root", "user", "cgroup", "no-cgroup")) {
            case "root" -> Demo.When.ROOT;
            case "user" -> Demo.When.USER;
            case "cgroup" -> Demo.When.CGROUP;
            default -> Demo.When.NO_CGROUP;
        }).orElse(Demo.When.ALWAYS);
    }

    private static Demo.Act act(Node node, Map<String, Demo.Place> sessions, TemplateRules rules) {
        Map<String, Node> fields = node.fields();
        long acts = List.of("run", "job", "do").stream().filter(fields::containsKey).count();
        if (acts != 1) {
            throw node.wrong("exactly one of run, job, do is needed");
        }
        if (fields.containsKey("run")) {
            rules.check(fields.get("run"));
            return new Demo.Run(fields.get("run").lines());
        }
        if (fields.containsKey("do")) {
            return Actions.read(fields.get("do"), rules);
        }
        Node job = fields.get("job");
        job.fields("spec", "joins", "of", "command", "without");
        job.optional("of").ifPresent(of -> {
            if (!sessions.containsKey(of.string())) {
                throw of.wrong("there is no session " + of.string());
            }
        });
        List<Node> command = job.needed("command").list();
        if (command.isEmpty()) {
            throw job.needed("command").wrong("is empty");
        }
        command.forEach(rules::check);
        return new Demo.Single(place(job.optional("spec"), job.optional("joins"), job.optional("without"), rules),
            job.optional("of").map(Node::string), command.stream().map(Node::string).toList());
    }

    private static Map<String, String> captures(Node node) {
        Map<String, String> captures = new LinkedHashMap<>();
        node.optional("capture").ifPresent(all -> all.fields().forEach((name, regex) -> {
            if (!CAPTURE.matcher(name).matches() || Set.of("out", "err", "status", "outcome").contains(name)) {
                throw regex.wrong("not a name for what is captured: letters and digits, and not out, err, status, outcome");
            }
            if (regex(regex).matcher("").groupCount() < 1) {
                throw regex.wrong("there is no group in it");
            }
            captures.put(name, regex.string());
        }));
        return captures;
    }

    static Pattern regex(Node node) {
        try {
            return Check.pattern(node.string());
        } catch (PatternSyntaxException e) {
            throw node.wrong("not a regular expression: " + e.getDescription());
        }
    }

    private List<Check> checks(Node node, String id, TemplateRules rules) {
        List<Check> checks = new ArrayList<>();
        List<Node> all = node.optional("checks").map(Node::list).orElse(List.of());
        for (Node check : all) {
            text(check, "claim", id + ".claim" + (all.size() == 1 ? "" : "." + (checks.size() + 1)));
            checks.add(check(check, rules));
        }
        return List.copyOf(checks);
    }

    private static Check check(Node node, TemplateRules rules) {
        List<String> proves = node.optional("proves")
            .map(what -> what.value() instanceof String one ? List.of(one) : what.list().stream().map(Node::string).toList())
            .orElse(List.of());
        if (node.optional("namespace").isPresent()) {
            node.fields("namespace", "of", "differsFrom", "sameAs", "proves", "claim", "when");
            boolean same = node.optional("sameAs").isPresent();
            if (same == node.optional("differsFrom").isPresent()) {
                throw node.wrong("either differsFrom or sameAs is needed");
            }
            String kind = node.needed("namespace").string();
            NamespaceKind.ofKernelName(kind).orElseThrow(() -> node.needed("namespace").wrong("there is no such kind"));
            return new Check(proves, new Check.Namespace(kind, rules.session(node.needed("of")),
                rules.session(node.needed(same ? "sameAs" : "differsFrom")), same), when(node));
        }
        List<String> known = new ArrayList<>(List.of("value", "plus", "proves", "claim", "when", "namespace"));
        List<Check.Op> ops = new ArrayList<>();
        for (Check.Op op : Check.Op.values()) {
            known.add(op.field);
            if (node.optional(op.field).isPresent()) {
                ops.add(op);
            }
        }
        node.fields(known.toArray(new String[0]));
        if (ops.size() != 1) {
            throw node.wrong("exactly one comparison is needed");
        }
        Node operand = node.needed(ops.get(0).field);
        Optional<Node> plus = node.optional("plus");
        if (plus.isPresent() && !ops.get(0).numeric()) {
            throw plus.get().wrong("is for comparisons of numbers");
        }
        rules.check(operand);
        node.optional("value").ifPresent(rules::check);
        if ((ops.get(0) == Check.Op.MATCHES || ops.get(0) == Check.Op.LACKS_MATCH) && !operand.string().contains("${")) {
            regex(operand);
        }
        return new Check(proves, new Check.Compare(node.optional("value").map(Node::string), ops.get(0), operand.scalar(),
            plus.map(Node::number).orElse(BigDecimal.ZERO)), when(node));
    }
}
