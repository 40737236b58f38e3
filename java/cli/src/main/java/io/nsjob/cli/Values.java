package io.nsjob.cli;

import io.nsjob.Durations;
import io.nsjob.Sizes;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values of options: from what people type to what a job spec holds. */
final class Values {
    private static final Pattern RANGE_OF_NSJOB = Pattern.compile("([0-9]+):([0-9]+):([0-9]+)");
    private static final Pattern RANGE_OF_UNSHARE = Pattern.compile("([0-9]+),([0-9]+),([0-9]+)");
    private static final Pattern SECONDS = Pattern.compile("-?[0-9]+");
    private static final Pattern FRACTION = Pattern.compile("(-?)([0-9]*)\\.([0-9]{1,3})s?");
    private static final long MAX_ID = 0xFFFF_FFFEL;
    private static final List<String> KINDS = List.of("user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time");
    private static final Map<String, String> KIND_ALIASES = Map.of("mount", "mnt", "network", "net");

    private Values() {}

    /** A plain number is seconds, as in timeout(1) and unshare(1). */
    static String duration(RunOption option, String typed, boolean signed) throws UsageException {
        String text = typed.startsWith("+") ? typed.substring(1) : typed;
        Matcher fraction = FRACTION.matcher(text);
        if (SECONDS.matcher(text).matches()) {
            text = text + "s";
        } else if (fraction.matches()) {
            text = fractionInMillis(fraction);
        }
        try {
            Durations.format(signed ? Durations.parseSigned(text) : Durations.parse(text));
            return text;
        } catch (IllegalArgumentException e) {
            throw bad(option, typed, signed ? "an offset such as 30d, -2h or 3600" : "a time such as 500ms, 10s, 1m30s or 10");
        }
    }

    private static String fractionInMillis(Matcher fraction) {
        String whole = fraction.group(2).isEmpty() ? "0" : fraction.group(2);
        String millis = (fraction.group(3) + "00").substring(0, 3);
        return fraction.group(1) + whole + "s" + Integer.parseInt(millis) + "ms";
    }

    static long size(RunOption option, String typed) throws UsageException {
        try {
            return Sizes.parse(typed);
        } catch (IllegalArgumentException e) {
            throw bad(option, typed, "a size such as 4096, 64k, 8m or 1g");
        }
    }

    static long id(RunOption option, String typed) throws UsageException {
        if (!typed.matches("[0-9]{1,10}") || Long.parseLong(typed) > MAX_ID) {
            throw bad(option, typed, "a number from 0 to " + MAX_ID);
        }
        return Long.parseLong(typed);
    }

    /** Both notations; the order of the first two numbers differs between them. */
    static Map<String, Object> range(RunOption option, String typed) throws UsageException {
        Matcher ours = RANGE_OF_NSJOB.matcher(typed);
        if (ours.matches()) {
            return range(id(option, ours.group(1)), id(option, ours.group(2)), id(option, ours.group(3)));
        }
        Matcher theirs = RANGE_OF_UNSHARE.matcher(typed);
        if (theirs.matches()) {
            return range(id(option, theirs.group(2)), id(option, theirs.group(1)), id(option, theirs.group(3)));
        }
        throw bad(option, typed, "INSIDE:OUTSIDE:COUNT, OUTSIDE,INSIDE,COUNT or auto");
    }

    static Map<String, Object> range(long inside, long outside, long count) {
        Map<String, Object> range = new LinkedHashMap<>();
        range.put("inside", inside);
        range.put("outside", outside);
        range.put("count", count);
        return range;
    }

    /** Namespace kind and mode of {@code --join KIND=PATH|PID}. */
    static Map.Entry<String, Map<String, Object>> join(String typed) throws UsageException {
        int equals = typed.indexOf('=');
        String target = equals < 0 ? "" : typed.substring(equals + 1);
        if (target.isEmpty()) {
            throw bad(RunOption.JOIN, typed, "KIND=PATH or KIND=PID");
        }
        String kind = kind(RunOption.JOIN, typed.substring(0, equals));
        if (target.matches("[0-9]{1,10}")) {
            return Map.entry(kind, Map.of("joinPid", Long.parseLong(target)));
        }
        if (!target.startsWith("/")) {
            throw bad(RunOption.JOIN, typed, "an absolute path or a process id");
        }
        return Map.entry(kind, Map.of("join", target));
    }

    /** Namespace kind and absolute path of {@code --persist KIND=PATH}. */
    static Map.Entry<String, String> pin(String typed) throws UsageException {
        int equals = typed.indexOf('=');
        if (equals < 0 || equals == typed.length() - 1) {
            throw bad(RunOption.PERSIST, typed, "KIND=PATH");
        }
        String path = Path.of(typed.substring(equals + 1)).toAbsolutePath().normalize().toString();
        return Map.entry(kind(RunOption.PERSIST, typed.substring(0, equals)), path);
    }

    private static String kind(RunOption option, String typed) throws UsageException {
        String kind = KIND_ALIASES.getOrDefault(typed, typed);
        if (!KINDS.contains(kind)) {
            throw new UsageException("run: " + option.longName() + ": no namespace kind '" + typed + "'; they are " + String.join(" ", KINDS)
                + Suggestion.didYouMean(typed, KINDS));
        }
        return kind;
    }

    /** One of a few words. */
    static String word(RunOption option, String typed, List<String> allowed) throws UsageException {
        if (!allowed.contains(typed)) {
            throw new UsageException("run: " + option.longName() + ": '" + typed + "' is not one of " + String.join(", ", allowed)
                + Suggestion.didYouMean(typed, allowed));
        }
        return typed;
    }

    static UsageException bad(RunOption option, String typed, String wanted) {
        return new UsageException("run: " + option.longName() + ": '" + typed + "' is not " + wanted);
    }
}
