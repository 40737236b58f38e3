package io.nsjob.cli;

/** The help pages of the commands that look at jobs and namespaces. */
final class LookHelp {
    private LookHelp() {}

    static String ps(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob ps [--json]");
        help.paragraph("Lists your running jobs that were started with a name (--name, or the spec's): name, pid of the main process, profile,"
            + " kinds of namespaces that are its own, how long it runs, command.");
        return help.text();
    }

    static String inspect(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob inspect JOB [--json|--svg FILE]");
        help.paragraph("Tells what is known of a running job: its namespaces beside yours, maps, limits, cgroups, and how long each stage"
            + " of its launch took. JOB is a name, or the pid of its main process, its init or its supervisor.");
        help.heading("Options");
        help.entry("--json", "the whole record, with the spec (no values of variables) and credentials");
        help.entry("--svg FILE", "a picture: its stages on a scale of time, its namespaces before and after");
        return help.text();
    }

    static String ns(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob ns [list] [FILTER...] [--json]", "nsjob ns tree [--by user|pid] [FILTER...] [--json]",
            "nsjob ns graph --svg FILE|--html FILE|--dot FILE [--from FILE] [FILTER...]", "nsjob ns rm PATH...");
        help.paragraph("Shows every namespace that you can see: those of processes, those that open descriptors or bind mounts keep, and"
            + " the owners and parents of all these. What you may not see is counted on standard error.");
        help.heading("Pictures");
        help.entry("--svg FILE", "boxes of user namespaces with what each owns; point at something to see all about it");
        help.entry("--html FILE", "the same on a page, where things can be found; nothing is loaded from elsewhere");
        help.entry("--dot FILE", "for dot(1) of Graphviz");
        help.entry("--from FILE", "draw what 'nsjob ns list --json' wrote, here or elsewhere");
        help.heading("Pins");
        help.entry("rm PATH...", "let go of namespaces that are pinned to files (--persist, ip netns): unmount and remove them");
        help.heading("Filters");
        help.entry("-t, --kind KIND[,KIND…]", "user mnt pid net ipc uts cgroup time");
        help.entry("-p, --pid PID", "those of one process");
        help.entry("--owner USER", "those whose user namespace was made by a user, by name or uid");
        help.entry("--job JOB", "those of a running job, by its name or a pid");
        help.entry("--mine", "those that you own, or whose first process is yours");
        help.heading("Examples");
        help.example("nsjob ns -t net", "network namespaces, those without a process too");
        help.example("nsjob ns tree --mine", "what owns what");
        return help.text();
    }
}
