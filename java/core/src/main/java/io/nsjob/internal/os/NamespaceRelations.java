package io.nsjob.internal.os;

import com.sun.jna.Memory;
import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Asks the kernel who owns which namespace and what is above it, ioctl_nsfs(2): the only way to those that no process, descriptor
 * or mount shows. Every answer is a descriptor, and its inode is read from its link.
 */
final class NamespaceRelations {
    /** Of the initial user and pid namespaces, which have nothing above them: enum init_ns_ino of linux/nsfs.h. */
    private static final Set<Long> INITIAL = Set.of(0xEFFFFFFDL, 0xEFFFFFFCL);

    private final Map<Long, NamespaceDraft> found;
    private final Deque<NamespaceDraft> waiting = new ArrayDeque<>();
    /** Of namespaces that nothing but a descriptor of ours leads to. */
    private final Map<Long, Integer> open = new HashMap<>();
    private final Set<Long> unknown = new HashSet<>();

    NamespaceRelations(Map<Long, NamespaceDraft> found) {
        this.found = found;
    }

    /** Fills in owners and parents, and adds the namespaces that are found on the way. Returns of how many not all is known. */
    int read() {
        waiting.addAll(found.values());
        try {
            while (!waiting.isEmpty()) {
                one(waiting.poll());
            }
            for (NamespaceDraft draft : found.values()) {
                draft.owner = draft.kind == NamespaceKind.USER ? draft.owner
                    : draft.userNamespace.isPresent() && found.containsKey(draft.userNamespace.getAsLong())
                        ? found.get(draft.userNamespace.getAsLong()).owner : Optional.empty();
            }
        } finally {
            open.values().forEach(Libc::closeQuietly);
        }
        return unknown.size();
    }

    private void one(NamespaceDraft draft) {
        int known = open.getOrDefault(draft.inode, -1);
        int fd = known >= 0 ? known : open(draft);
        if (fd < 0) {
            unknown.add(draft.inode);
            return;
        }
        try {
            boolean top = INITIAL.contains(draft.inode);
            draft.userNamespace = top && draft.kind == NamespaceKind.USER ? OptionalLong.empty() : ask(draft, fd, Libc.NS_GET_USERNS);
            if (draft.kind == NamespaceKind.USER) {
                draft.parent = draft.userNamespace;
                draft.owner = owner(fd);
            } else if (draft.kind == NamespaceKind.PID && !top) {
                draft.parent = ask(draft, fd, Libc.NS_GET_PARENT);
            }
        } finally {
            if (known < 0) {
                Libc.closeQuietly(fd);
            }
        }
    }

    /**
     * Through a descriptor that cannot act (O_PATH): by the time that it is opened a path may be somebody's fifo or device, and
     * opening one can block or do something.
     */
    private static int open(NamespaceDraft draft) {
        for (String file : draft.files) {
            int place = -1;
            try {
                place = Libc.openFile(file, Libc.O_PATH);
                if (!isOf(draft, place)) {
                    continue;
                }
                int fd = Libc.openFile("/proc/self/fd/" + place, Libc.O_RDONLY);
                if (isOf(draft, fd)) {
                    return fd;
                }
                Libc.closeQuietly(fd);
            } catch (ErrnoException e) {
                // The next one, then.
                continue;
            } finally {
                Libc.closeQuietly(place);
            }
        }
        return -1;
    }

    private static Optional<NamespaceLinks.Link> link(int fd) {
        return NamespaceLinks.Link.read(Path.of("/proc/self/fd", Integer.toString(fd)));
    }

    /** By device and inode: the link of a descriptor that was opened through a bind mount shows the path of the mount. */
    private static boolean isOf(NamespaceDraft draft, int fd) {
        try {
            return attribute("fd/" + fd, "ino") == draft.inode && attribute("fd/" + fd, "dev") == attribute("ns/user", "dev");
        } catch (IOException e) {
            return false;
        }
    }

    private static long attribute(String file, String name) throws IOException {
        return ((Number) Files.getAttribute(Path.of("/proc/self", file), "unix:" + name)).longValue();
    }

    private OptionalLong ask(NamespaceDraft draft, int fd, long request) {
        int answer;
        try {
            answer = Libc.control(fd, request, null, draft.kind.kernelName());
        } catch (ErrnoException e) {
            unknown.add(draft.inode);
            return OptionalLong.empty();
        }
        Optional<NamespaceLinks.Link> link = link(answer);
        if (link.isEmpty()) {
            Libc.closeQuietly(answer);
            unknown.add(draft.inode);
            return OptionalLong.empty();
        }
        long inode = link.get().inode();
        if (found.containsKey(inode)) {
            Libc.closeQuietly(answer);
        } else {
            NamespaceDraft ancestor = new NamespaceDraft(link.get().kind(), inode);
            found.put(inode, ancestor);
            open.put(inode, answer);
            waiting.add(ancestor);
        }
        return OptionalLong.of(inode);
    }

    private static Optional<NamespaceInfo.User> owner(int fd) {
        try (Memory uid = new Memory(Integer.BYTES)) {
            Libc.control(fd, Libc.NS_GET_OWNER_UID, uid, "user");
            return Optional.of(Users.user(Integer.toUnsignedLong(uid.getInt(0))));
        } catch (ErrnoException e) {
            return Optional.empty();
        }
    }
}
