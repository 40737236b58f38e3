package io.nsjob.internal.os;

import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Collects namespaces from what /proc says in links and tables. */
final class NamespaceLinks {
    private static final Pattern LINK = Pattern.compile("([a-z]+):\\[(\\d+)\\]");
    /** Fields of a line of mountinfo before the separator, proc_pid_mountinfo(5). */
    private static final int ROOT = 3;
    private static final int MOUNT_POINT = 4;
    private static final int FILES = 4;
    private static final Pattern NAMED = Pattern.compile("/(?:var/)?run/netns/([^/]+)");

    final Map<Long, NamespaceDraft> found = new TreeMap<>();
    private final Path proc;
    private int unreadProcesses;
    private int unreadDescriptors;

    NamespaceLinks(Path proc) {
        this.proc = proc;
    }

    /** What a link such as {@code mnt:[4026531832]} says. */
    record Link(NamespaceKind kind, long inode) {
        static Optional<Link> parse(String text) {
            Matcher parts = LINK.matcher(text);
            return parts.matches()
                ? NamespaceKind.ofKernelName(parts.group(1)).map(kind -> new Link(kind, Long.parseLong(parts.group(2))))
                : Optional.empty();
        }

        static Optional<Link> read(Path link) {
            try {
                return parse(Files.readSymbolicLink(link).toString());
            } catch (IOException | RuntimeException e) {
                // It is gone, or not ours to read; who counts finds out by other means.
                return Optional.empty();
            }
        }
    }

    int unreadProcesses() {
        return unreadProcesses;
    }

    int unreadDescriptors() {
        return unreadDescriptors;
    }

    /** The namespaces of one process; fails when none can be read. */
    static Map<NamespaceKind, Long> of(Path process) throws IOException {
        Map<NamespaceKind, Long> inodes = new LinkedHashMap<>();
        IOException why = null;
        for (NamespaceKind kind : NamespaceKind.values()) {
            try {
                Link.parse(Files.readSymbolicLink(process.resolve("ns").resolve(kind.kernelName())).toString())
                    .ifPresent(link -> inodes.put(kind, link.inode()));
            } catch (NoSuchFileException e) {
                // A kind that this kernel lacks, or a process that has ended: a zombie keeps two kinds.
                why = e;
            } catch (IOException e) {
                throw e;
            }
        }
        if (inodes.isEmpty() && why != null) {
            throw why;
        }
        return inodes;
    }

    void scan() {
        Map<Long, Path> processes = new TreeMap<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(proc, "[0-9]*")) {
            stream.forEach(path -> processes.put(Long.parseLong(path.getFileName().toString()), path));
        } catch (IOException | DirectoryIteratorException e) {
            Log.debug(NamespaceLinks.class, "cannot list " + proc, e);
        }
        processes.forEach(this::process);
        // The descriptors last: what a process is in is a surer way to open it.
        processes.forEach(this::descriptors);
        found.values().stream().filter(draft -> draft.kind == NamespaceKind.MNT && draft.pid.isPresent()).toList().forEach(this::pins);
        found.values().forEach(this::lowest);
    }

    private void process(long pid, Path process) {
        try {
            of(process).forEach((kind, inode) -> {
                NamespaceDraft draft = draft(kind, inode);
                draft.member(pid);
                // Some of them may have ended by the time that one is opened.
                if (draft.files.size() < FILES) {
                    draft.files.add(process.resolve("ns").resolve(kind.kernelName()).toString());
                }
            });
        } catch (NoSuchFileException e) {
            // It has ended meanwhile.
            return;
        } catch (IOException e) {
            unreadProcesses++;
        }
    }

    private NamespaceDraft draft(NamespaceKind kind, long inode) {
        return found.computeIfAbsent(inode, number -> new NamespaceDraft(kind, number));
    }

    private void descriptors(long pid, Path process) {
        for (String later : new String[] {"pid_for_children", "time_for_children"}) {
            Path link = process.resolve("ns").resolve(later);
            Link.read(link).filter(one -> !isIn(process, one)).ifPresent(one -> held(one, pid, link));
        }
        try (DirectoryStream<Path> open = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : open) {
                Link.read(descriptor).ifPresent(link -> held(link, pid, descriptor));
            }
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException | DirectoryIteratorException e) {
            unreadDescriptors++;
        }
    }

    private static boolean isIn(Path process, Link link) {
        return Link.read(process.resolve("ns").resolve(link.kind().kernelName())).map(link::equals).orElse(false);
    }

    private void held(Link link, long pid, Path file) {
        NamespaceDraft draft = draft(link.kind(), link.inode());
        draft.holders.add(pid);
        draft.files.add(file.toString());
    }

    /** The bind mounts of namespaces' files that the processes of a mount namespace see. */
    private void pins(NamespaceDraft mounts) {
        Path process = proc.resolve(Long.toString(mounts.pid.getAsLong()));
        for (String line : text(process.resolve("mountinfo")).split("\n")) {
            String[] fields = line.split(" ");
            if (fields.length <= MOUNT_POINT || !line.contains(" - nsfs ")) {
                continue;
            }
            Link.parse(fields[ROOT]).ifPresent(link -> {
                String path = plain(fields[MOUNT_POINT]);
                NamespaceDraft draft = draft(link.kind(), link.inode());
                draft.pins.add(new NamespaceInfo.Pin(path, mounts.inode));
                draft.files.add(process.resolve("root") + path);
                Matcher named = NAMED.matcher(path);
                if (link.kind() == NamespaceKind.NET && named.matches()) {
                    draft.names.add(named.group(1));
                }
            });
        }
    }

    /** Blanks, tabs, line feeds and backslashes are octal there. */
    private static String plain(String text) {
        return Pattern.compile("\\\\([0-7]{3})").matcher(text)
            .replaceAll(octal -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(octal.group(1), 8))));
    }

    private void lowest(NamespaceDraft draft) {
        if (draft.pid.isEmpty()) {
            return;
        }
        Path process = proc.resolve(Long.toString(draft.pid.getAsLong()));
        draft.command = command(process);
        draft.user = uid(process).stream().mapToObj(Users::user).findFirst();
        if (draft.kind == NamespaceKind.USER) {
            draft.uidMap = Identity.idMap(process.resolve("uid_map"));
            draft.gidMap = Identity.idMap(process.resolve("gid_map"));
        }
    }

    private static String command(Path process) {
        String words = text(process.resolve("cmdline")).replace('\0', ' ').strip();
        return words.isEmpty() ? "[" + text(process.resolve("comm")).strip() + "]" : words;
    }

    /** Of UTF-8, and of whatever else a stranger wrote there. */
    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private static OptionalLong uid(Path process) {
        for (String line : text(process.resolve("status")).split("\n")) {
            if (line.startsWith("Uid:")) {
                return OptionalLong.of(Long.parseLong(line.trim().split("\\s+")[1]));
            }
        }
        return OptionalLong.empty();
    }
}
