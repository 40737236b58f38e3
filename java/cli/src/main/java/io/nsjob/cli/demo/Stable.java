package io.nsjob.cli.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The same run as on any other machine: what differs from run to run is called by a name of its own instead. */
final class Stable {
    /** Inodes of namespaces: PROC_DYNAMIC_FIRST of the kernel, 0xF0000000, and those made at boot just below. */
    private static final Pattern INODE = Pattern.compile("\\b402653[0-9]{4}\\b");
    private static final long FIRST = 4_026_530_001L;
    private static final Pattern DIRECTORY = Pattern.compile("/[A-Za-z0-9_./-]*/nsjob-demo-[0-9a-f]{4}");

    private final Map<String, String> inodes = new LinkedHashMap<>();

    private Stable() {}

    static DemoRun of(DemoRun run) {
        Stable stable = new Stable();
        return new DemoRun(run.name(), run.title(), run.about(), run.sessions(), run.notes(),
            run.rows().stream().map(row -> row.stream().map(stable::step).toList()).toList(), run.skipped());
    }

    /** What this machine is called, in what commands say of it: a line of its own. */
    private static String named(String output) {
        return named(named(output, "hostname", "host"), "domainname", "(none)");
    }

    private static String named(String output, String file, String name) {
        try {
            String here = Files.readString(Path.of("/proc/sys/kernel", file), StandardCharsets.UTF_8).strip();
            return here.isEmpty() ? output : Pattern.compile("^" + Pattern.quote(here) + "$", Pattern.MULTILINE).matcher(output)
                .replaceAll(Matcher.quoteReplacement(name));
        } catch (IOException e) {
            return output;
        }
    }

    private StepRun step(StepRun step) {
        UnaryOperator<String> text = this::text;
        Output output = step.output();
        List<StepRun.Claim> claims = step.claims().stream().map(claim -> new StepRun.Claim(claim.proves(), text.apply(claim.text()),
            claim.passed(), text.apply(claim.found()))).toList();
        return new StepRun(step.id(), step.session(), step.session().equals(Demo.HOST) && !step.prompt().isEmpty() ? "$" : step.prompt(),
            text.apply(step.command()),
            new Output(named(text.apply(output.out())), text.apply(output.err()), output.status(), output.problem()), text.apply(step.say()),
            text.apply(step.look()), claims, 0);
    }

    private String text(String text) {
        Matcher matcher = INODE.matcher(DIRECTORY.matcher(text).replaceAll("/tmp/demo"));
        StringBuilder stable = new StringBuilder();
        while (matcher.find()) {
            matcher.appendReplacement(stable, inodes.computeIfAbsent(matcher.group(), inode -> Long.toString(FIRST + inodes.size())));
        }
        return matcher.appendTail(stable).toString();
    }
}
