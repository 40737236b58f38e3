package io.nsjob.cli;

import io.nsjob.JobRecord;
import io.nsjob.Jobs;
import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMap;
import io.nsjob.NamespaceReport;
import io.nsjob.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which namespaces were asked for. */
final class NsFilter {
    static final List<String> FLAGS = List.of("--mine");
    static final List<String> VALUED = List.of("-t,--kind,--type", "-p,--pid,--task", "--owner", "--job");

    private NsFilter() {}

    static boolean isAsked(LookLine line) {
        return Stream.concat(FLAGS.stream(), VALUED.stream()).anyMatch(line::has);
    }

    static Predicate<NamespaceInfo> of(LookLine line, String command) throws UsageException, IOException {
        Predicate<NamespaceInfo> wanted = info -> true;
        if (line.has(VALUED.get(0))) {
            Set<NamespaceKind> kinds = kinds(line.value(VALUED.get(0)).orElseThrow(), command);
            wanted = wanted.and(info -> kinds.contains(info.kind()));
        }
        if (line.has(VALUED.get(1))) {
            wanted = wanted.and(oneOf(ofProcess(line.value(VALUED.get(1)).orElseThrow(), command)));
        }
        if (line.has("--owner")) {
            String owner = line.value("--owner").orElseThrow();
            wanted = wanted.and(info -> info.owner().map(user -> isNamed(user, owner)).orElse(false));
        }
        if (line.has("--job")) {
            JobRecord job = Jobs.find(line.value("--job").orElseThrow());
            wanted = wanted.and(oneOf(job.namespaces().all().stream().map(NamespaceReport.Entry::inode).collect(Collectors.toSet())));
        }
        if (line.has("--mine")) {
            String uid = uid();
            wanted = wanted.and(info -> info.owner().map(user -> isNamed(user, uid)).orElse(false)
                || info.user().map(user -> isNamed(user, uid)).orElse(false));
        }
        return wanted;
    }

    private static boolean isNamed(NamespaceInfo.User user, String typed) {
        return user.name().equals(typed) || Long.toString(user.uid()).equals(typed);
    }

    private static Predicate<NamespaceInfo> oneOf(Collection<Long> inodes) {
        Set<Long> all = new HashSet<>(inodes);
        return info -> all.contains(info.inode());
    }

    private static Set<NamespaceKind> kinds(String typed, String command) throws UsageException {
        Set<NamespaceKind> kinds = EnumSet.noneOf(NamespaceKind.class);
        for (String word : typed.split(",")) {
            String name = word.equals("mount") ? "mnt" : word;
            List<String> all = Stream.of(NamespaceKind.values()).map(NamespaceKind::kernelName).toList();
            kinds.add(NamespaceKind.ofKernelName(name).orElseThrow(() -> new UsageException(command + ": no namespace kind '" + word
                + "'; they are " + String.join(" ", all) + Suggestion.didYouMean(word, all))));
        }
        return kinds;
    }

    private static Collection<Long> ofProcess(String typed, String command) throws UsageException, IOException {
        if (!typed.matches("[0-9]{1,10}")) {
            throw new UsageException(command + ": --pid: '" + typed + "' is not a pid");
        }
        try {
            return Namespaces.of(Long.parseLong(typed)).values();
        } catch (IOException e) {
            boolean there = Files.isDirectory(Path.of("/proc", typed));
            throw new UsageException(command + ": --pid: " + (there ? "the namespaces of process " + typed
                + " are not for you to see: it is another user's" : "there is no process " + typed));
        }
    }

    private static String uid() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString();
    }

    /** With what is above those wanted, so that a tree has its trunk. */
    static NamespaceMap withAncestors(NamespaceMap map, Predicate<NamespaceInfo> wanted, NamespaceKind by) {
        Set<Long> kept = new HashSet<>();
        for (NamespaceInfo info : map.all()) {
            NamespaceInfo at = wanted.test(info) ? info : null;
            while (at != null && kept.add(at.inode())) {
                OptionalLong above = by == NamespaceKind.PID ? at.parent() : at.userNamespace();
                at = above.isPresent() ? map.get(above.getAsLong()).orElse(null) : null;
            }
        }
        return map.where(info -> kept.contains(info.inode()));
    }
}
