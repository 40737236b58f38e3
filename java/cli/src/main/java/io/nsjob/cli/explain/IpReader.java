package io.nsjob.cli.explain;

import io.nsjob.cli.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code ip netns exec NAME COMMAND} and {@code ip -n NAME …} of ip-netns(8). */
final class IpReader {
    private IpReader() {}

    static Reading read(List<String> args) throws UsageException {
        if (args.size() >= 2 && (args.get(0).equals("-n") || args.get(0).matches("-net(n(s)?)?"))) {
            List<String> command = new ArrayList<>(List.of("ip"));
            command.addAll(args.subList(2, args.size()));
            return enter(args.get(1), command);
        }
        if (!args.isEmpty() && args.get(0).startsWith("-")) {
            throw new UsageException("explain ip: unknown option " + args.get(0) + "; -n NAME is known");
        }
        if (args.isEmpty() || !"netns".startsWith(args.get(0)) || args.get(0).length() < 4) {
            throw new UsageException("explain ip: only 'ip netns exec NAME COMMAND' and 'ip -n NAME …' are jobs");
        }
        if (args.size() < 2 || !args.get(1).equals("exec")) {
            throw new UsageException("explain ip: netns " + (args.size() < 2 ? "list" : args.get(1))
                + " runs no command; see nsjob netns");
        }
        if (args.size() < 4) {
            throw new UsageException("explain ip: netns exec needs a name and a command");
        }
        return enter(args.get(2), args.subList(3, args.size()));
    }

    private static Reading enter(String name, List<String> command) throws UsageException {
        if (name.contains("/") || name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw new UsageException("explain ip: '" + name + "' is not the name of a network namespace");
        }
        List<String> line = new ArrayList<>(List.of("--join", "net=/run/netns/" + name, "--mount-sys", "--"));
        line.addAll(command);
        return new Reading(line, Map.of(), List.of("ip also binds what is in /etc/netns/" + name
            + " over /etc: --bind-ro does it here",
            "nsjob netns exec " + name + " takes names too, also those of a user who is not root"));
    }
}
