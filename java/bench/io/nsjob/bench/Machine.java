package io.nsjob.bench;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Where and when: no figure means anything without it. */
final class Machine {
    private Machine() {
    }

    static JsonObject describe() throws IOException, InterruptedException {
        JsonObject machine = new JsonObject();
        machine.addProperty("date", LocalDate.now().toString());
        machine.addProperty("commit", commit());
        machine.addProperty("processor", processor());
        machine.addProperty("processors", Runtime.getRuntime().availableProcessors());
        machine.addProperty("memoryMegabytes", meminfo("MemTotal") / 1024);
        machine.addProperty("kernel", Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
        machine.addProperty("system", system());
        machine.addProperty("java", System.getProperty("java.runtime.version") + " (" + System.getProperty("java.vm.name") + ")");
        machine.addProperty("user", (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0 ? "root"
            : "an ordinary user");
        machine.addProperty("loadBefore", Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        return machine;
    }

    /** A field of /proc/meminfo, in KB. */
    static long meminfo(String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith(name + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }

    private static String processor() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
            if (line.startsWith("model name")) {
                return line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return System.getProperty("os.arch");
    }

    private static String system() throws IOException {
        Path release = Path.of("/etc/os-release");
        List<String> lines = Files.exists(release) ? Files.readAllLines(release) : List.of();
        return lines.stream().filter(line -> line.startsWith("PRETTY_NAME=")).findFirst()
            .map(line -> line.substring("PRETTY_NAME=".length()).replace("\"", "")).orElse("?");
    }

    private static String commit() throws InterruptedException {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty",
                "--exclude=*").redirectErrorStream(true).start();
            String text = new String(git.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).strip();
            return git.waitFor(5, TimeUnit.SECONDS) && git.exitValue() == 0 ? text : "unknown";
        } catch (IOException e) {
            return "unknown";
        }
    }
}
