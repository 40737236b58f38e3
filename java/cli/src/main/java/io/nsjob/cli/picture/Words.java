package io.nsjob.cli.picture;

import io.nsjob.IdRange;
import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMap;
import io.nsjob.cli.Cells;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What pictures say of a namespace in words. */
final class Words {
    private static final int COMMAND_CELLS = 200;
    /** The same on every machine: PROC_USER_INIT_INO. */
    private static final long INITIAL = 0xEFFFFFFDL;
    private static final int LINES = 6;

    private Words() {}

    /** Its name, else the program of its first process. */
    static String headline(NamespaceInfo user) {
        if (!user.names().isEmpty()) {
            return String.join(", ", user.names());
        }
        if (user.inode() == INITIAL) {
            return "initial user namespace";
        }
        String program = user.command().split(" ", 2)[0].replaceFirst("^.*/(?=.)", "");
        return program.isEmpty() ? "user " + user.inode() : program + " (" + user.inode() + ")";
    }

    static String members(NamespaceInfo info) {
        if (info.processes() == 0) {
            return "no process";
        }
        return info.processes() + (info.processes() == 1 ? " process" : " processes");
    }

    /** Of a job its command: the first process of each is the same init. */
    static String subline(NamespaceInfo user, NamespaceMap map) {
        String who = user.owner().map(owner -> owner.label() + " · ").orElse("");
        String command = job(user, map).map(job -> String.join(" ", job.command())).orElse(user.command());
        return who + members(user) + (command.isEmpty() ? "" : " · " + command);
    }

    /** Everything, for who points at it. */
    static String all(NamespaceInfo info, NamespaceMap map) {
        List<String> lines = new ArrayList<>();
        lines.add(info.kind().kernelName() + " " + info.inode()
            + (map.self().getOrDefault(info.kind(), 0L) == info.inode() ? " (yours)" : ""));
        info.names().forEach(name -> lines.add("name: " + name));
        info.owner().ifPresent(owner -> lines.add("owner: " + owner.label() + (owner.name().isEmpty() ? "" : " (" + owner.uid() + ")")));
        above(lines, info);
        lines.add(members(info) + (info.pid().isEmpty() ? "" : ", first " + info.pid().getAsLong() + ": "
            + Cells.clip(info.command(), COMMAND_CELLS)));
        some(lines, info.pins().stream().map(pin -> "pinned at " + pin.path()).toList());
        some(lines, info.holders().stream().map(pid -> "held open by " + pid).toList());
        some(lines, info.uidMap().stream().map(range -> "uid map: " + text(range)).toList());
        some(lines, info.gidMap().stream().map(range -> "gid map: " + text(range)).toList());
        job(info, map).ifPresent(job -> {
            lines.add("job " + job.name() + " (" + job.profile() + "), pid " + job.pid() + ": "
                + Cells.clip(String.join(" ", job.command()), COMMAND_CELLS));
            job.limits().forEach(limit -> lines.add("limit: " + limit));
        });
        return String.join("\n", lines);
    }

    private static void above(List<String> lines, NamespaceInfo info) {
        if (info.kind() == NamespaceKind.USER) {
            number(info.parent()).ifPresent(parent -> lines.add("parent: user " + parent));
            return;
        }
        number(info.userNamespace()).ifPresent(owner -> lines.add("owned by user " + owner));
        number(info.parent()).ifPresent(parent -> lines.add("parent: " + info.kind().kernelName() + " " + parent));
    }

    private static Optional<Long> number(OptionalLong number) {
        return number.isPresent() ? Optional.of(number.getAsLong()) : Optional.empty();
    }

    private static void some(List<String> lines, List<String> more) {
        lines.addAll(more.subList(0, Math.min(LINES, more.size())));
        if (more.size() > LINES) {
            lines.add("and " + (more.size() - LINES) + " more");
        }
    }

    private static String text(IdRange range) {
        return range.inside() + " → " + range.outside() + ", " + range.count();
    }

    static Optional<NamespaceMap.MappedJob> job(NamespaceInfo info, NamespaceMap map) {
        return map.jobs().stream().filter(job -> job.namespaces().contains(info.inode())).findFirst();
    }
}
