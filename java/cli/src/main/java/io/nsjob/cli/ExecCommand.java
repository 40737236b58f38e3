package io.nsjob.cli;

import io.nsjob.Job;
import io.nsjob.JobRecord;
import io.nsjob.JobSpec;
import io.nsjob.Jobs;
import io.nsjob.JoinTarget;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.StartOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code nsjob exec}: a command in what is running already. */
final class ExecCommand extends RunCommand {
    static final Set<RunOption> OPTIONS = EnumSet.of(RunOption.MOUNT, RunOption.UTS, RunOption.IPC, RunOption.NET, RunOption.PID,
        RunOption.USER, RunOption.CGROUP, RunOption.TIME, RunOption.ALL, RunOption.PRESERVE_CREDENTIALS, RunOption.PRESERVE_ENV,
        RunOption.RUN_AS, RunOption.SET_UID, RunOption.SET_GID, RunOption.ENV, RunOption.CLEAR_ENV, RunOption.CWD, RunOption.UMASK,
        RunOption.STDIN, RunOption.TTY, RunOption.NO_TTY, RunOption.NO_NEW_PRIVS, RunOption.KEEP_CAPS, RunOption.SECCOMP,
        RunOption.SECCOMP_LOG, RunOption.TIMEOUT, RunOption.CPU_TIME, RunOption.KILL_GRACE, RunOption.OUTPUT_LIMIT,
        RunOption.OUTPUT_ACTION, RunOption.RLIMIT, RunOption.NICE, RunOption.REPORT, RunOption.TABLE, RunOption.VERBOSE,
        RunOption.DEBUG, RunOption.HELP);
    private static final Map<RunOption, NamespaceKind> LETTERS = letters();
    /** What is otherwise than with run. */
    private static final Map<RunOption, String> OTHERWISE = Map.of(
        RunOption.TTY, "give the command a terminal of its own, in the target's /dev, shown on this one; so it is without being asked"
            + " for when this is interactive. Ctrl-] three times within a second ends the command",
        RunOption.KEEP_CAPS, "leave the capabilities to exec, instead of the target's");
    private static final String DEFAULT_SHELL = "/bin/sh";

    private JoinTarget target;

    ExecCommand(Console console) {
        super(console);
    }

    private static Map<RunOption, NamespaceKind> letters() {
        Map<RunOption, NamespaceKind> letters = new EnumMap<>(RunOption.class);
        letters.put(RunOption.MOUNT, NamespaceKind.MNT);
        letters.put(RunOption.UTS, NamespaceKind.UTS);
        letters.put(RunOption.IPC, NamespaceKind.IPC);
        letters.put(RunOption.NET, NamespaceKind.NET);
        letters.put(RunOption.PID, NamespaceKind.PID);
        letters.put(RunOption.USER, NamespaceKind.USER);
        letters.put(RunOption.CGROUP, NamespaceKind.CGROUP);
        letters.put(RunOption.TIME, NamespaceKind.TIME);
        return letters;
    }

    @Override
    int run(String... args) throws Exception {
        RunLine line = RunLine.parse("exec", OPTIONS, args);
        if (line.has(RunOption.HELP)) {
            console.out().print(help(console.outStyle()));
            return ExitStatus.OK;
        }
        try {
            CommandLineText.check(args);
            if (line.command().isEmpty()) {
                throw new UsageException("exec: no target given; see 'nsjob exec --help'");
            }
            target = target(line);
            return launch(line, command(line));
        } catch (UsageException e) {
            // What run and exec have in common speaks as run.
            throw new UsageException(e.getMessage().replaceFirst("^run: ", "exec: "));
        } catch (Exception e) {
            if (line.has(RunOption.DEBUG)) {
                e.printStackTrace(console.err());
            }
            throw e;
        }
    }

    @Override
    Job start(Launcher launcher, JobSpec spec, StartOptions options) throws Exception {
        return launcher.join(target, spec, options);
    }

    private static JobSpec command(RunLine line) throws UsageException, IOException {
        List<String> command = new ArrayList<>(line.command().subList(1, line.command().size()));
        if (!command.isEmpty() && command.get(0).equals("--")) {
            command.remove(0);
        }
        if (command.isEmpty()) {
            command.add(DEFAULT_SHELL);
        }
        Set<RunOption> taken = EnumSet.copyOf(LETTERS.keySet());
        taken.addAll(List.of(RunOption.ALL, RunOption.PRESERVE_CREDENTIALS, RunOption.PRESERVE_ENV));
        Map<String, Object> bare = new LinkedHashMap<>(Map.of("profile", "bare"));
        Map<String, Object> tree = SpecAssembler.assemble(line.with(command, taken), bare, IdMapOptions.Caller.current(), DEFAULT_SHELL);
        if (line.has(RunOption.PRESERVE_ENV)) {
            if (line.has(RunOption.CLEAR_ENV)) {
                throw new UsageException("exec: --preserve-env excludes --clear-env");
            }
            SpecAssembler.object(tree, "environment").put("clear", false);
        }
        tree.putIfAbsent("newSession", true);
        boolean person = Terminal.isTerminal(0) && Terminal.inForeground() && Terminal.isTerminal(1) && Terminal.isTerminal(2);
        if (person && !line.has(RunOption.STDIN)) {
            tree.putIfAbsent("terminal", true);
        }
        return JobSpec.fromJson(JsonTree.compact(tree));
    }

    static JoinTarget target(RunLine line) throws UsageException {
        String word = line.command().get(0);
        JoinTarget target = word.indexOf('=') >= 0 ? files(word) : isPid(word) ? JoinTarget.pid(Long.parseLong(word)) : JoinTarget.job(word);
        EnumSet<NamespaceKind> kinds = EnumSet.noneOf(NamespaceKind.class);
        LETTERS.forEach((letter, kind) -> {
            if (line.has(letter)) {
                kinds.add(kind);
            }
        });
        if (!kinds.isEmpty() && word.indexOf('=') >= 0) {
            throw new UsageException("exec: letters choose kinds of a job or of a process; " + word + " names them already");
        }
        if (!kinds.isEmpty() && line.has(RunOption.ALL)) {
            throw new UsageException("exec: --all excludes letters that choose kinds");
        }
        target = kinds.isEmpty() ? target : target.only(kinds.toArray(new NamespaceKind[0]));
        return line.has(RunOption.PRESERVE_CREDENTIALS) ? target.withCallersCredentials() : target;
    }

    /** A number is a pid, unless a job has it for a name. */
    private static boolean isPid(String word) {
        return word.matches("[1-9][0-9]{0,9}") && Jobs.list().stream().map(JobRecord::name).noneMatch(word::equals);
    }

    private static JoinTarget files(String list) throws UsageException {
        Map<NamespaceKind, String> files = new EnumMap<>(NamespaceKind.class);
        for (String entry : list.split(",(?=[a-z]+=)")) {
            int equals = entry.indexOf('=');
            String name = entry.substring(0, Math.max(equals, 0));
            String path = entry.substring(equals + 1);
            NamespaceKind kind = NamespaceKind.ofKernelName(name).orElseThrow(() -> new UsageException("exec: '" + entry
                + "' is not KIND=PATH, with a KIND of user, mnt, pid, net, ipc, uts, cgroup, time"));
            if (!path.startsWith("/")) {
                throw new UsageException("exec: " + entry + ": the path must be absolute");
            }
            if (files.put(kind, path) != null) {
                throw new UsageException("exec: " + name + " is named twice");
            }
        }
        return JoinTarget.namespaces(files);
    }

    static String help(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob exec [OPTION...] TARGET [--] [COMMAND [ARG...]]");
        help.paragraph("Runs a command, or /bin/sh, in what is running already. TARGET is a job's name, a pid, or a list of files:"
            + " KIND=PATH[,KIND=PATH...].");
        help.paragraph("Of a job or a process everything is taken that is not the caller's: namespaces, root and working directory, control"
            + " groups, ids, capabilities, no_new_privs, system call filter, resource limits, umask, environment. The command"
            + " has no more than the target; where it is held to less, --verbose and --report say so ('weakened'). Of files only the"
            + " namespaces are taken, with ids 0 in a user namespace, as nsenter(1) does.");
        help.heading("Only some kinds, and the root and directory with -m, the control groups with -C");
        for (Map.Entry<RunOption, NamespaceKind> letter : LETTERS.entrySet()) {
            help.entry(HelpText.term(letter.getKey()), letter.getValue().kernelName());
        }
        for (RunOption.Section section : List.of(RunOption.Section.EXEC, RunOption.Section.IDS, RunOption.Section.PROCESS,
            RunOption.Section.LIMITS, RunOption.Section.RUN)) {
            help.heading(section.title);
            for (RunOption option : OPTIONS) {
                if (option.section == section) {
                    help.entry(HelpText.term(option), OTHERWISE.getOrDefault(option, option.help));
                }
            }
        }
        help.heading("Exit status");
        help.entry("as for run", "the command's own; 124, 125, 126, 127, 128+N");
        help.heading("Examples");
        help.example("nsjob exec web", "a shell in the job named web");
        help.example("nsjob exec -n 4711 ss -tln", "what a process listens to");
        help.example("nsjob exec net=/run/netns/ns1 ip link", "in a namespace that has a file");
        return help.text();
    }
}
