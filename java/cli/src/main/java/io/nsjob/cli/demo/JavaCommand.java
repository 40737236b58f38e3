package io.nsjob.cli.demo;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The virtual machine that runs this, as a command: the one program that is there wherever nsjob is. */
final class JavaCommand {
    private JavaCommand() {}

    static List<String> of(Class<?> main, List<String> options, List<String> arguments) {
        Set<String> classes = new LinkedHashSet<>();
        for (String property : List.of("java.class.path", "jdk.boot.class.path.append")) {
            for (String entry : System.getProperty(property, "").split(File.pathSeparator)) {
                if (!entry.isEmpty()) {
                    classes.add(Path.of(entry).toAbsolutePath().normalize().toString());
                }
            }
        }
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xshare:auto"));
        command.addAll(options);
        command.addAll(List.of("-cp", String.join(File.pathSeparator, classes), main.getName()));
        command.addAll(arguments);
        return command;
    }
}
