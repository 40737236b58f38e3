package io.nsjob.internal.os;

import io.nsjob.IdRange;
import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** One namespace while it is being found out about. */
final class NamespaceDraft {
    final NamespaceKind kind;
    final long inode;
    /** Files by which it can be opened, the surest first. */
    final List<String> files = new ArrayList<>();
    int processes;
    OptionalLong pid = OptionalLong.empty();
    Optional<NamespaceInfo.User> user = Optional.empty();
    String command = "";
    final List<NamespaceInfo.Pin> pins = new ArrayList<>();
    final Set<Long> holders = new TreeSet<>();
    final Set<String> names = new TreeSet<>();
    Optional<NamespaceInfo.User> owner = Optional.empty();
    OptionalLong userNamespace = OptionalLong.empty();
    OptionalLong parent = OptionalLong.empty();
    List<IdRange> uidMap = List.of();
    List<IdRange> gidMap = List.of();

    NamespaceDraft(NamespaceKind kind, long inode) {
        this.kind = kind;
        this.inode = inode;
    }

    void member(long process) {
        processes++;
        if (pid.isEmpty() || process < pid.getAsLong()) {
            pid = OptionalLong.of(process);
        }
    }

    NamespaceInfo info() {
        return new NamespaceInfo(kind, inode, owner, userNamespace, parent, processes, pid, user, command, pins,
            List.copyOf(holders), List.copyOf(names), uidMap, gidMap);
    }
}
