package io.nsjob.cli;

/**
 * Every option of {@code nsjob run}, and of {@code nsjob exec}, which has some of them and a few of its own, once: the parser and the help are both made from this list. Letters and names that
 * unshare(1) has too mean what they mean there.
 */
enum RunOption {
    MOUNT(Section.NAMESPACES, "", "new mount namespace, with private propagation", "-m", "--mount"),
    UTS(Section.NAMESPACES, "", "new UTS namespace (hostname, domain name)", "-u", "--uts"),
    IPC(Section.NAMESPACES, "", "new IPC namespace", "-i", "--ipc"),
    NET(Section.NAMESPACES, "", "new network namespace, with lo up", "-n", "--net"),
    PID(Section.NAMESPACES, "", "new PID namespace; /proc is fresh when -m is there too", "-p", "--pid"),
    // The long form also takes ids, see RUN_AS; both meanings are in use and a number tells them apart.
    USER(Section.NAMESPACES, "", "new user namespace (--user without a number does the same)", "-U", "--user-ns"),
    CGROUP(Section.NAMESPACES, "", "new cgroup namespace", "-C", "--cgroup"),
    TIME(Section.NAMESPACES, "", "new time namespace", "-T", "--time"),
    JOIN(Section.NAMESPACES, "KIND=PATH|PID", "join the namespace behind a path, or that of a process; repeatable", true, "--join"),
    PERSIST(Section.NAMESPACES, "KIND=PATH", "pin the namespace to a file, so that it stays when the job is gone ('nsjob ns rm' removes it);"
        + " implies that it is new; repeatable", true, "--persist"),
    PROFILE(Section.NAMESPACES, "NAME",
        "isolated: everything new but time (the default); build: the same, with the host's tree read-only and a workspace; bare:"
        + " only what is named (the default with a letter of unshare(1), --join, an id map or --mount-proc)", "--profile"),
    NETWORK(Section.NAMESPACES, "none|host", "none: a network with nothing but lo (what isolated and build have); host: the caller's",
        "--network"),

    MAP_ROOT(Section.IDS, "", "be root inside; implies -U", "-r", "--map-root-user"),
    MAP_CURRENT(Section.IDS, "", "be the same user inside; implies -U", "-c", "--map-current-user"),
    MAP_USERS(Section.IDS, "RANGE",
        "map user ids: INSIDE:OUTSIDE:COUNT, or OUTSIDE,INSIDE,COUNT as unshare(1) has it, or auto; repeatable; implies -U",
        true, "--map-users"),
    MAP_GROUPS(Section.IDS, "RANGE", "the same for group ids", true, "--map-groups"),
    MAP_USER(Section.IDS, "UID", "be this user id inside; implies -U", "--map-user"),
    MAP_GROUP(Section.IDS, "GID", "be this group id inside; implies -U", "--map-group"),
    MAP_AUTO(Section.IDS, "", "map the subordinate ids of /etc/subuid and /etc/subgid; implies -U", "--map-auto"),
    SETGROUPS(Section.IDS, "allow|deny", "whether setgroups(2) works inside", "--setgroups"),
    RUN_AS(Section.IDS, "UID[:GID]", "run the command as these ids, as seen inside; without GID it is the same number", "--user"),
    SET_UID(Section.IDS, "UID", "the same, as unshare(1) has it", "-S", "--setuid"),
    SET_GID(Section.IDS, "GID", "group id beside --setuid", "-G", "--setgid"),

    HOSTNAME(Section.WORLD, "NAME", "host name (needs -u)", "--hostname"),
    DOMAINNAME(Section.WORLD, "NAME", "NIS domain name (needs -u)", "--domainname"),
    PROPAGATION(Section.WORLD, "KIND", "mount propagation: private, slave, shared or unchanged (needs -m)", "--propagation"),
    MOUNT_PROC(Section.WORLD, "", "mount a fresh /proc; implies -m (needs -p)", "--mount-proc"),
    MOUNT_SYS(Section.WORLD, "", "mount a /sys of the job's network; implies -m (needs -n or a joined one)", "--mount-sys"),
    NO_PROC(Section.WORLD, "", "keep the /proc that is there", "--no-proc"),
    BOOTTIME(Section.WORLD, "OFFSET", "shift CLOCK_BOOTTIME: 30d, -2h, or seconds (needs -T)", "--boottime"),
    MONOTONIC(Section.WORLD, "OFFSET", "shift CLOCK_MONOTONIC (needs -T)", "--monotonic"),

    ROOT(Section.FILES, "KIND", "what is at /: minimal: a read-only root of the job's own with /usr in it (what isolated has);"
        + " readonly-host: the host's tree, read-only, without its homes and sockets (what build has); or host", "--root"),
    WORKSPACE(Section.FILES, "DIR", "the directory to write to and start in, at its own path; what is written belongs to the"
        + " caller (build: by default the current one)", "--workspace"),
    BIND(Section.FILES, "SRC[:DST][,idmap]", "show a file or directory to the job, for writing; what the job writes there belongs to"
        + " the owner of SRC with idmap, and with idmap=try where the filesystem can; nosymfollow: no symlinks; repeatable", true,
        "--bind"),
    BIND_RO(Section.FILES, "SRC[:DST][,idmap]", "the same, for reading only", true, "--bind-ro", "--ro-bind"),
    BIND_TRY(Section.FILES, "SRC[:DST][,idmap]", "as --bind, and nothing where there is no SRC", true, "--bind-try"),
    BIND_RO_TRY(Section.FILES, "SRC[:DST][,idmap]", "as --bind-ro, and nothing where there is no SRC", true, "--bind-ro-try",
        "--ro-bind-try"),
    TMPFS(Section.FILES, "DST[:size=SIZE]", "an empty directory in memory, 64m without a size; repeatable", true, "--tmpfs"),
    OVERLAY(Section.FILES, "DIR[:DIR...][:DST][,size=SIZE|,kept=DIR2]", "a directory, or several with the uppermost first, that the job may"
        + " change while it stays as it is: in memory, or with kept in DIR2; repeatable", true, "--overlay"),
    FILE(Section.FILES, "DST=SRC", "put a copy of a small file into the job's root, or over one of the host's; repeatable", true,
        "--file", "--add-file"),
    ROOTFS(Section.FILES, "DIR[,ACCESS]", "an unpacked image as the root: read-only; with overlay or overlay=SIZE changed in memory only, with"
        + " kept=DIR2 in DIR2, with writable in place", "--rootfs"),
    CHROOT(Section.FILES, "DIR", "run in DIR by chroot(2), as unshare(1)'s --root does; profile bare only (as with -U), and no boundary:"
        + " --rootfs is one", "-R", "--chroot"),
    ALLOW_SUID(Section.FILES, "", "let the job leave set-user-id programs in binds with idmap, below a directory that is 0700",
        "--allow-suid-in-workspace"),
    COLLECT(Section.FILES, "SRC[:DST]", "when the job is dead, copy a file or directory of it to DST (its own name here without it),"
        + " never through a link; repeatable", true, "--collect"),

    ENV(Section.PROCESS, "NAME[=VALUE]", "set a variable, or pass the caller's on; repeatable", true, "-E", "--env"),
    CLEAR_ENV(Section.PROCESS, "", "start from an empty environment", "--clear-env"),
    CWD(Section.PROCESS, "DIR", "working directory", "-w", "--cwd", "--wd"),
    UMASK(Section.PROCESS, "OCTAL", "file mode creation mask", "--umask"),
    STDIN(Section.PROCESS, "FILE", "read standard input from a file", "--stdin"),
    TTY(Section.PROCESS, "", "give the job a terminal of its own, shown on this one; so it is without being asked for when this is"
        + " interactive and the profile is not bare. Unless they are named, the limits of a person's session hold: --timeout 12h,"
        + " --cpu-time 1h. Ctrl-] three times within a second ends the job", "-t", "--tty"),
    NO_TTY(Section.PROCESS, "", "give the job these three streams as they are", "--no-tty"),
    AS_PID_1(Section.PROCESS, "", "be pid 1, in a PID namespace inside init's (needs -p)", "--as-pid-1"),
    NEW_SESSION(Section.PROCESS, "", "run in a session of its own, away from the terminal", "--new-session"),
    NO_NEW_PRIVS(Section.PROCESS, "", "no privileges from set-user-id programs", "--no-new-privs"),
    KEEP_CAPS(Section.PROCESS, "", "keep the capabilities that the profile drops (bare drops none)", "--keep-caps"),
    CAP_ADD(Section.PROCESS, "NAME", "keep a capability in the job's own user namespace: NET_BIND_SERVICE, or ALL; repeatable", true,
        "--cap-add"),
    CAP_DROP(Section.PROCESS, "NAME", "drop a capability; with ALL, what --cap-add names is all that is left; repeatable", true,
        "--cap-drop"),
    NEW_KEYRING(Section.PROCESS, "", "an empty session keyring of its own (what isolated has)", "--new-keyring"),
    ALLOW_NESTING(Section.PROCESS, "", "let the job make user namespaces and mount in them (bare may)", "--allow-nesting"),
    LANDLOCK(Section.PROCESS, "auto|off|required",
        "repeat what is read-only by Landlock: where the kernel has it (what isolated does), not, or else do not run", "--landlock"),
    SECCOMP(Section.PROCESS, "FILE|default|none",
        "system call filter: a profile in the form of Docker and OCI, nsjob's own list (what isolated has), or none",
        "--seccomp"),
    SECCOMP_LOG(Section.PROCESS, "", "let the kernel log the system calls that the filter does not allow", "--seccomp-log"),

    TIMEOUT(Section.LIMITS, "TIME", "end the job after this time: 500ms, 10s, 1m30s, or seconds; exit status 124",
        "--timeout"),
    CPU_TIME(Section.LIMITS, "TIME", "end the job when all its processes together have used this much processor time;"
        + " exit status 124", "--cpu-time"),
    KILL_GRACE(Section.LIMITS, "TIME", "time between TERM and KILL when the job is ended", "--kill-grace"),
    OUTPUT_LIMIT(Section.LIMITS, "SIZE", "cut standard output and error after this many bytes each: 64k, 8m", "--output-limit"),
    OUTPUT_ACTION(Section.LIMITS, "truncate|kill", "whether a job that writes more goes on (the default) or is ended",
        "--output-action"),
    MEMORY(Section.LIMITS, "SIZE", "memory of all its processes together, with tmpfs and pipes: 64m, 2g, unlimited", "--memory"),
    SWAP(Section.LIMITS, "SIZE", "swap beside that", "--swap"),
    PIDS(Section.LIMITS, "N", "processes and threads at any time, or unlimited", "--pids"),
    CPUS(Section.LIMITS, "N", "processors' worth of time: 1.5 is one and a half", "--cpus"),
    CPU_WEIGHT(Section.LIMITS, "N", "share of the processors, 1 to 10000, where others have 100", "--cpu-weight"),
    CPUSET_CPUS(Section.LIMITS, "LIST", "the only processors it can have: 0-1,3", "--cpuset-cpus"),
    CPUSET_MEMS(Section.LIMITS, "LIST", "the only memory nodes it can have", "--cpuset-mems"),
    IO(Section.LIMITS, "DISK,KEY=N,...", "speed of a disk: /dev/vda,read-bps=10m,write-iops=200; keys read-bps, write-bps, read-iops,"
        + " write-iops; repeatable", true, "--io"),
    IO_WEIGHT(Section.LIMITS, "N", "share of the disks, 1 to 10000, where others have 100", "--io-weight"),
    STRICT(Section.LIMITS, "", "refuse the job where one of the limits from --memory to --io-weight, or the profile's, cannot be"
        + " enforced for all its processes together", "--strict"),
    RLIMIT(Section.LIMITS, "NAME=SOFT[:HARD]",
        "resource limit of each process, as in prlimit(1): nofile=256, core=0, as=2g, cpu=30s, unlimited; repeatable", true,
        "--rlimit"),
    NICE(Section.LIMITS, "N", "nice value: 19 is the most modest", "--nice"),
    IONICE(Section.LIMITS, "CLASS[:LEVEL]", "disk priority: idle, best-effort or realtime; level 0 (high) to 7", "--ionice"),
    CPU_AFFINITY(Section.LIMITS, "LIST", "run on these processors only: 0-1,3", "--cpu-affinity"),
    OOM_SCORE_ADJ(Section.LIMITS, "N", "how readily to be killed when memory runs out: 1000 is first", "--oom-score-adj"),

    SPEC(Section.RUN, "SPEC.json", "job spec to start from (- is standard input); options on the line override it", "-f", "--spec"),
    NAME(Section.RUN, "NAME", "name of the job", "--name"),
    REPORT(Section.RUN, "FILE", "write the result as one JSON object to FILE (- is standard output)", "--report"),
    TABLE(Section.RUN, "", "show the namespaces of host and job, as read from the kernel, before the job runs", "--table"),
    VERBOSE(Section.RUN, "", "the table, and afterwards the stages with their times and the outcome", "-v", "--verbose"),
    DRY_RUN(Section.RUN, "", "print spec and launch plan as JSON and run nothing; values of variables and contents of files are"
        + " hidden", "--dry-run"),
    DEBUG(Section.RUN, "", "show a stack trace when nsjob itself fails", "--debug"),
    HELP(Section.RUN, "", "this text", "-h", "--help"),

    ALL(Section.EXEC, "", "all kinds of namespaces that are not the caller's (the default)", "-a", "--all"),
    PRESERVE_CREDENTIALS(Section.EXEC, "", "keep the caller's ids, groups and capabilities, instead of the target's",
        "--preserve-credentials"),
    PRESERVE_ENV(Section.EXEC, "", "keep the caller's environment, instead of the target's", "--preserve-env"),

    FORK(Section.HIDDEN, "", "accepted for the sake of unshare(1): it is always so", "--fork"),
    KILL_CHILD(Section.HIDDEN, "", "accepted for the sake of unshare(1): it is always so", "--kill-child");

    /** Groups of the help text. */
    enum Section {
        NAMESPACES("Namespaces"),
        IDS("User and group ids"),
        WORLD("What the job sees"),
        FILES("Files"),
        PROCESS("The process"),
        LIMITS("Limits"),
        RUN("The run"),
        /** Of {@code nsjob exec} only. */
        EXEC("What is taken"),
        HIDDEN("");

        final String title;

        Section(String title) {
            this.title = title;
        }
    }

    final Section section;
    /** What stands for the value in the help; empty for a flag. */
    final String label;
    final String help;
    final boolean repeatable;
    private final String[] names;

    RunOption(Section section, String label, String help, String... names) {
        this(section, label, help, false, names);
    }

    RunOption(Section section, String label, String help, boolean repeatable, String... names) {
        this.section = section;
        this.label = label;
        this.help = help;
        this.repeatable = repeatable;
        this.names = names;
    }

    String[] names() {
        return names.clone();
    }

    boolean isNamed(String name) {
        for (String known : names) {
            if (known.equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** The name used in messages. */
    String longName() {
        for (String name : names) {
            if (name.startsWith("--")) {
                return name;
            }
        }
        return names[0];
    }

    boolean isFlag() {
        return label.isEmpty();
    }
}
