package io.nsjob.cli;

import java.util.ArrayList;
import java.util.List;

/** The help pages. Options come from {@link RunOption}, so that none can be missing here. */
public final class HelpText {
    private static final int WIDTH = 80;
    private static final int INDENT = 2;
    private static final int TEXT_COLUMN = 30;

    private final Style style;
    private final StringBuilder text = new StringBuilder();

    HelpText(Style style) {
        this.style = style;
    }

    static String overview(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob COMMAND [ARG...]");
        help.paragraph("Runs a command in Linux namespaces of its own and tells how it ended.");
        help.heading("Commands");
        help.entry("run", "run one job");
        help.entry("exec", "run a command in a job, or in the namespaces of a process");
        help.entry("unshare", "become a command in new namespaces, under the same pid, as unshare(1) does");
        help.entry("spec", "validate or show a job spec, or print the schema");
        help.entry("demo", "see what namespaces do, each claim checked on this machine");
        help.entry("netns", "network namespaces by name, as ip netns has them, also without root");
        help.entry("gc", "remove what a killed run left behind");
        help.entry("doctor", "find out what jobs can have here, and what to do about the rest");
        help.entry("ps, inspect JOB", "the running jobs that have a name; all about one of them, also as a picture");
        help.entry("ns", "namespaces themselves: list, tree, graph");
        help.entry("explain", "show what a job is made of, and read command lines of other tools");
        help.entry("help [COMMAND]", "help for a command; the same as COMMAND --help");
        help.heading("Options");
        help.entry("-h, --help", "this text");
        help.entry("-V, --version", "version of nsjob and of Java");
        help.heading("Examples");
        help.example("nsjob run -- id", "unknown code: everything isolated, limits on");
        help.example("nsjob run -Urmp ps aux", "as 'unshare -Urmpf --mount-proc ps aux'");
        return help.text.toString();
    }

    static String run(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob run [OPTION...] [--] COMMAND [ARG...]", "nsjob run [OPTION...] -f SPEC.json [--] [COMMAND [ARG...]]");
        help.paragraph("Without options the profile is 'isolated'. With letters of unshare(1), exactly the namespaces named"
            + " are new ('bare'), and without a command $SHELL is run. Letters can be joined: -Urmp.");
        for (RunOption.Section section : RunOption.Section.values()) {
            if (section != RunOption.Section.HIDDEN && section != RunOption.Section.EXEC) {
                help.heading(section.title);
                help.options(section);
            }
        }
        help.heading("Exit status");
        help.entry("the job's own", "when it ended by itself");
        help.entry("124", "a limit of time ended it: --timeout or --cpu-time");
        help.entry("125", "nsjob failed: one line on standard error says at which stage and why");
        help.entry("126, 127", "the command cannot be executed, or was not found");
        help.entry("128+N", "signal N ended it; 137 also when it ran out of memory or of allowed output");
        help.heading("Examples");
        help.example("nsjob run -t -- bash", "a shell, with job control");
        help.example("nsjob run --table -- id", "what is isolated, read from the kernel");
        help.example("nsjob run -Urn ip link", "root in a network of its own, without being root");
        help.example("nsjob run -Uru --hostname box hostname", "another host name");
        help.example("nsjob run -UrT --boottime 30d uptime", "a month from now, for one process");
        help.example("nsjob run --profile build --timeout 5m --report out.json -- make",
            "five minutes for a build, and the result as JSON");
        help.example("nsjob run --join net=/run/netns/ns1 ip link", "in a namespace that is there");
        return help.text.toString();
    }

    static String spec(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob spec validate FILE...", "nsjob spec show FILE", "nsjob spec schema");
        help.paragraph("Works on job specs, the JSON documents that 'nsjob run -f' takes; - is standard input.");
        help.entry("validate", "say what is wrong with each file, one line each; exit status 0 or 125");
        help.entry("show", "print the spec as nsjob understands it; values of variables and contents of files are hidden");
        help.entry("schema", "print the JSON Schema");
        return help.text.toString();
    }

    /** Public, as the command is in a package of its own. */
    public static String demo(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob demo", "nsjob demo [OPTION...] NAME...|FILE.json...|all");
        help.paragraph("Without a name, lists the demos. Each tells what one kind of namespace does, step by step, in a shell of the"
            + " host and one with namespaces of its own, and checks each claim. A demo of your own is a JSON file.");
        help.heading("Options");
        help.entry("--lang en|ko", "the language of the story; by default that of the locale");
        help.entry("--step", "wait for a key before each step");
        help.entry("--plain", "one column, without colour");
        help.entry("--record FILE", "write a recording for asciinema (asciicast v2) as well");
        help.entry("--markdown FILE", "write the story as Markdown as well");
        help.entry("--html FILE", "write it as one HTML page as well");
        help.entry("--json", "print the result as JSON, and nothing else");
        help.entry("--rootless", "do as who is not root, also as root");
        help.entry("--without WHAT", "leave out an isolation, such as uts, to see the checks fail. A kind of namespace is left out in"
            + " an outer sandbox only, never on this machine");
        help.entry("--controls", "leave out each isolation in turn, and expect all checks that prove it to fail");
        help.heading("Exit status");
        help.entry("0", "every claim holds; what cannot be shown here was skipped (a failure with STRICT=1)");
        help.entry("1", "a claim failed");
        help.entry("125", "nsjob failed");
        return help.text.toString();
    }

    static String netns(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob netns [list] [--json]", "nsjob netns add [--up] NAME...", "nsjob netns exec [--host-sys] NAME [--] COMMAND [ARG...]",
            "nsjob netns exec --home [--] COMMAND [ARG...]",
            "nsjob netns delete NAME...");
        help.paragraph("Network namespaces by name. For root they are those of ip-netns(8), in /run/netns: what ip netns adds is there, and"
            + " the other way round. For other users they are their own, held by one process until the last name is deleted; who"
            + " runs a command in one is root there, and sees the names in its /run/netns.");
        help.entry("list", "print the names");
        help.entry("add", "make a namespace and name it; its lo is down, as ip netns leaves it, or up with --up");
        help.entry("exec", "run a command in one, with a /sys of it, and with what is in /etc/netns/NAME over the files of /etc;"
            + " --host-sys leaves /sys as it is; with --home in none of them, to wire them together: ip link add v1 netns ns1"
            + " type veth peer name v2 netns ns2");
        help.entry("delete", "take a name away; the namespace ends with the last process in it");
        return help.text.toString();
    }

    static String gc(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob gc");
        help.paragraph("Removes what runs that were killed left behind (sockets, state, id blocks, cgroups, half-made pins) and prints each thing"
            + " removed. What is in use is never touched. A run does so too when it starts, but for id blocks, which it takes again.");
        return help.text.toString();
    }

    static String doctor(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob doctor [--json]");
        help.paragraph("Tries every feature out in jobs that are thrown away, which takes about a second and changes nothing, and"
            + " says of each one that fails why, and the command that mends it.");
        help.entry("--json", "the same as one JSON object");
        help.heading("Exit status");
        help.entry("0", "jobs of profile isolated can be had, perhaps weakened");
        help.entry("1", "they cannot");
        help.entry("125", "nsjob failed");
        return help.text.toString();
    }

    static String explain(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob explain [OPTION...] run [OPTION...] [--] COMMAND [ARG...]", "nsjob explain [OPTION...] SPEC.json",
            "nsjob explain [--json] unshare|nsenter|ip|bwrap ARG...", "nsjob explain [--json] config.json");
        help.paragraph("Nothing is run. The first two forms show a job as the stages that it would pass here, with their system calls,"
            + " and how other tools are asked for the same, with what they would leave out. The others read a command line of"
            + " another tool, or the config.json of an OCI bundle, into a job spec, and say what means something else. Values of"
            + " variables are never shown.");
        help.entry("--as TOOL", "only the line of unshare, nsenter, ip-netns or bwrap, or the config.json: oci");
        help.entry("--json", "the same as one JSON object");
        help.heading("Examples");
        help.example("nsjob explain run -- id", "what profile isolated is made of");
        help.example("nsjob explain --as bwrap run -- id", "the same by bubblewrap");
        help.example("nsjob explain unshare -mu --fork -- bash", "what that line is here");
        return help.text.toString();
    }

    /** What has been written so far: for the commands that keep their pages in files of their own. */
    String text() {
        return text.toString();
    }

    void usage(String... forms) {
        String word = "Usage: ";
        for (String form : forms) {
            text.append(style.bold(word)).append(form).append('\n');
            word = "       ";
        }
    }

    void paragraph(String words) {
        text.append('\n');
        wrap(words, WIDTH).forEach(line -> text.append(line).append('\n'));
    }

    void heading(String title) {
        text.append('\n').append(style.bold(title)).append('\n');
    }

    private void options(RunOption.Section section) {
        for (RunOption option : RunOption.values()) {
            if (option.section == section) {
                entry(term(option), option.help);
            }
        }
    }

    static String term(RunOption option) {
        String[] names = option.names();
        boolean onlyLong = names[0].startsWith("--");
        String term = (onlyLong ? "    " : "") + String.join(", ", names);
        return option.isFlag() ? term : term + " " + option.label;
    }

    void entry(String term, String words) {
        text.append(" ".repeat(INDENT)).append(style.cyan(term));
        int column = INDENT + term.length();
        // A long term has the line to itself.
        boolean fits = column < TEXT_COLUMN - 1;
        String gap = fits ? " ".repeat(TEXT_COLUMN - column) : "\n" + " ".repeat(TEXT_COLUMN);
        for (String line : wrap(words, WIDTH - TEXT_COLUMN)) {
            text.append(gap).append(line);
            gap = "\n" + " ".repeat(TEXT_COLUMN);
        }
        text.append('\n');
    }

    void example(String command, String words) {
        text.append(" ".repeat(INDENT)).append(style.dim("# " + words)).append('\n');
        text.append(" ".repeat(INDENT)).append("$ ").append(command).append('\n');
    }

    /**
     * Breaks words into lines; a word that is longer has one to itself.
     *
     * @param words separated by blanks
     * @param width of a line
     * @return at least one line
     */
    public static List<String> wrap(String words, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : words.split(" ")) {
            if (line.length() > 0 && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
