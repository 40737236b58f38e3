package io.nsjob.cli;

import java.util.Map;

/** Whether the job gets a terminal, and what follows from a person sitting there. */
final class TerminalOptions {
    /** What -t meant before, and what timeout(1) takes first. */
    private static final String TIME = "[0-9.]+(ms|[smhd])?";
    private static final String WALL_TIME = "12h";
    private static final String CPU_TIME = "1h";

    private TerminalOptions() {}

    /** What was asked for. */
    static void apply(RunLine line, Map<String, Object> spec) throws UsageException {
        if (!line.has(RunOption.TTY)) {
            if (line.has(RunOption.NO_TTY)) {
                spec.put("terminal", false);
            }
            return;
        }
        if (line.has(RunOption.NO_TTY)) {
            throw new UsageException("run: --tty excludes --no-tty");
        }
        if (!line.command().isEmpty() && line.command().get(0).matches(TIME)) {
            throw new UsageException("run: -t is --tty and takes no value; a time limit is --timeout " + line.command().get(0));
        }
        if (!(spec.get("terminal") instanceof Map)) {
            spec.put("terminal", true);
        }
    }

    /**
     * What goes without saying, as with the shells and containers that people know.
     *
     * @param keyboard whether standard input is a terminal that is ours to read
     * @param interactive whether the other two streams are terminals too
     */
    static void byDefault(RunLine line, boolean keyboard, boolean interactive, Map<String, Object> spec) {
        // bare is exactly what is named, as with unshare(1), and --new-session is there to lead away from a terminal.
        boolean free = !spec.containsKey("terminal") && !"bare".equals(spec.get("profile")) && !spec.containsKey("newSession")
            && !line.has(RunOption.STDIN);
        if (keyboard && interactive && free) {
            spec.put("terminal", true);
        }
        if (keyboard && line.has(RunOption.TTY) && !line.has(RunOption.STDIN) && !"bare".equals(spec.get("profile"))) {
            // A minute is for code that runs unattended. Who asks for a terminal sits there, and can end the job.
            Map<String, Object> limits = SpecAssembler.object(spec, "limits");
            limits.putIfAbsent("wallTime", WALL_TIME);
            limits.putIfAbsent("cpuTime", CPU_TIME);
        }
    }
}
