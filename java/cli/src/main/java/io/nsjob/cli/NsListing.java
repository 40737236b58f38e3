package io.nsjob.cli;

import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMap;
import io.nsjob.Namespaces;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** {@code nsjob ns list} and {@code tree}. */
final class NsListing {
    private static final List<String> HEADS = List.of("NS", "TYPE", "NPROCS", "PID", "USER", "OWNER", "USERNS", "NAME", "COMMAND");
    private static final Set<String> NUMBERS = Set.of("NS", "NPROCS", "PID", "USERNS");
    private static final List<String> FLAGS =
        Stream.concat(Stream.of("-h,--help", "--json"), NsFilter.FLAGS.stream()).toList();
    private static final List<String> TREE_VALUED = Stream.concat(Stream.of("--by"), NsFilter.VALUED.stream()).toList();

    private final Console console;

    NsListing(Console console) {
        this.console = console;
    }

    int list(List<String> args) throws UsageException, IOException {
        LookLine line = LookLine.parse(new LookLine.Grammar("ns list", FLAGS, NsFilter.VALUED), args);
        if (helps(line, "ns list")) {
            return ExitStatus.OK;
        }
        Predicate<NamespaceInfo> wanted = NsFilter.of(line, "ns list");
        NamespaceMap map = Namespaces.read().where(wanted);
        if (line.has("--json")) {
            console.out().println(map.toJson());
            return ExitStatus.OK;
        }
        Columns table = new Columns(HEADS, NUMBERS);
        for (NamespaceInfo info : map.all()) {
            table.row(info.inode(), info.kind().kernelName(), info.processes(), text(info.pid()),
                info.user().map(NamespaceInfo.User::label).orElse("-"), info.owner().map(NamespaceInfo.User::label).orElse("-"),
                text(info.userNamespace()), name(info), info.command());
        }
        console.out().print(table.render(console.outStyle()));
        unread(map);
        return ExitStatus.OK;
    }

    private boolean helps(LookLine line, String command) throws UsageException {
        if (line.has("-h,--help")) {
            console.out().print(LookHelp.ns(console.outStyle()));
            return true;
        }
        if (!line.words().isEmpty()) {
            throw new UsageException(command + ": takes no argument, not " + line.words().get(0));
        }
        return false;
    }

    private static String text(OptionalLong number) {
        return number.isPresent() ? Long.toString(number.getAsLong()) : "-";
    }

    /** Names, else what keeps it alive besides processes. */
    static String name(NamespaceInfo info) {
        if (!info.names().isEmpty()) {
            return String.join(",", info.names());
        }
        if (!info.pins().isEmpty()) {
            return info.pins().get(0).path();
        }
        return info.processes() == 0 && !info.holders().isEmpty() ? "held by " + info.holders().get(0) : "";
    }

    private void unread(NamespaceMap map) {
        NamespaceMap.Unread unread = map.unread();
        List<String> missing = new ArrayList<>();
        if (unread.processes() > 0) {
            missing.add("the namespaces of " + count(unread.processes(), "process", "processes"));
        }
        if (unread.descriptors() > 0) {
            missing.add("what " + count(unread.descriptors(), "process holds", "processes hold") + " open");
        }
        if (unread.relations() > 0) {
            missing.add("owner or parent of " + count(unread.relations(), "namespace", "namespaces"));
        }
        if (!missing.isEmpty()) {
            console.err().println(console.errStyle().dim("not for this user to see: " + String.join("; ", missing)));
        }
    }

    private static String count(int number, String one, String several) {
        return number + " " + (number == 1 ? one : several);
    }

    int tree(List<String> args) throws UsageException, IOException {
        LookLine line = LookLine.parse(new LookLine.Grammar("ns tree", FLAGS, TREE_VALUED), args);
        if (helps(line, "ns tree")) {
            return ExitStatus.OK;
        }
        String by = line.value("--by").orElse("user");
        if (!by.equals("user") && !by.equals("pid")) {
            throw new UsageException("ns tree: --by: '" + by + "' is not one of user, pid");
        }
        NamespaceKind kind = by.equals("user") ? NamespaceKind.USER : NamespaceKind.PID;
        Predicate<NamespaceInfo> wanted = NsFilter.of(line, "ns tree").and(info -> kind == NamespaceKind.USER || info.kind() == kind);
        NamespaceMap map = NsFilter.withAncestors(Namespaces.read(), wanted, kind);
        console.out().print(line.has("--json") ? NsTree.json(map, kind) + "\n" : NsTree.text(map, kind, console.outStyle()));
        if (!line.has("--json")) {
            unread(map);
        }
        return ExitStatus.OK;
    }
}
