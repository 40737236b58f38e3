package io.nsjob.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Looks into the results of a quick run: every row is there and has a figure, whatever it is. For {@code make bench-check}. */
public final class Check {
    /** What is aimed at, one pattern for each; the machine may lack only what is said to be not installed, or not allowed. */
    private static final List<String> ROWS = List.of(
        "five kinds, /proc / ProcessBuilder, back to back", "five kinds, /proc / ProcessBuilder, apart",
        "all eight kinds, /proc / ProcessBuilder, back to back", "all eight kinds, /proc / ProcessBuilder, apart",
        "profile isolated / ProcessBuilder, back to back", "profile isolated / ProcessBuilder, apart",
        ".* / ProcessBuilder by VFORK, back to back", ".* / ProcessBuilder by VFORK, apart",
        "five kinds, /proc / C floor, (back to back|apart)", "all eight kinds, /proc / C floor, (back to back|apart)",
        "profile isolated / C floor, (back to back|apart)", ".* / C floor with a supervisor, apart",
        "profile isolated from Java / bwrap from Java, (back to back|apart)",
        "profile isolated from C / bwrap from C, (back to back|apart)",
        "profile isolated from a full pool / (ProcessBuilder|C floor, entering one), back to back",
        "profile isolated from a full pool / (ProcessBuilder|C floor, entering one), apart",
        "profile isolated from a pool refilled meanwhile / ProcessBuilder, back to back",
        "a reset and a command, profile isolated / ProcessBuilder, (back to back|apart)",
        "the JVM's share, (five kinds, /proc|all eight kinds, /proc|profile isolated), (back to back|apart)",
        "a command in it, (five kinds, /proc|profile isolated) / C vfork\\+exec, (back to back|apart)",
        "stages of the helper, (five kinds, /proc|all eight kinds, /proc|profile isolated), sum of medians",
        "jobs a second, [1248] at a time, (five kinds, /proc|profile isolated), .* / C floor loop",
        "launch latency, five kinds, .* alive / none alive", "memory of each outside the JVM, five kinds, .* alive",
        "memory of each outside the JVM, profile isolated, .* alive", "Java threads in all of the library, .* alive",
        "captured output, MB a second, .* / ProcessBuilder", "nsjob run -- true / java Hello", "helper, static and stripped",
        "lines of C in native/src", "(descriptors|processes|mounts|namespaces|cgroups|files) .*more after .* launches");
    private static final Pattern EXCUSED = Pattern.compile(".*(not installed|not allowed here|no block of ids).*");

    private Check() {
    }

    /**
     * Looks.
     *
     * @param args the directory of the results
     * @throws IOException when there are none
     */
    public static void main(String[] args) throws IOException {
        JsonObject all = JsonParser.parseString(Files.readString(Path.of(args[0], "results.json"))).getAsJsonObject();
        String problems = problems(all);
        for (String file : List.of("table.txt", "chart.svg", "readme.md")) {
            problems += Files.size(Path.of(args[0], file)) > 0 ? "" : file + " is empty\n";
        }
        if (!problems.isEmpty()) {
            System.err.print(problems);
            System.exit(1);
        }
        System.out.println("bench-check: " + all.getAsJsonArray("rows").size() + " rows, " + all.getAsJsonArray("ways").size()
            + " ways");
    }

    private static String problems(JsonObject all) {
        StringBuilder problems = new StringBuilder();
        for (String wanted : ROWS) {
            boolean found = false;
            for (JsonElement element : all.getAsJsonArray("rows")) {
                JsonObject row = element.getAsJsonObject();
                if (!row.get("what").getAsString().matches(wanted)) {
                    continue;
                }
                found = true;
                String detail = row.get("detail").getAsString();
                if (!row.has("measured") && !EXCUSED.matcher(detail).matches()) {
                    problems.append("no figure: ").append(row.get("what").getAsString()).append(": ").append(detail).append('\n');
                }
            }
            problems.append(found ? "" : "no row: " + wanted + "\n");
        }
        return problems.toString();
    }
}
