package io.nsjob.cli.demo;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The virtual machine that runs this, as a command: the one program that is there wherever nsjob is. */
final class JavaCommand {
    /** One class of each jar: where they were loaded from need not be the class path that Java was started with. */
    private static final List<String> JARS = List.of("io.nsjob.cli.Main", "io.nsjob.JobSpec", "com.google.gson.stream.JsonReader",
        "org.apache.commons.exec.CommandLine", "com.sun.jna.Native", "picocli.CommandLine");

    private JavaCommand() {}

    static List<String> of(Class<?> main, List<String> options, List<String> arguments) {
        Set<String> classes = new LinkedHashSet<>();
        for (String name : JARS) {
            location(name).ifPresent(classes::add);
        }
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

    /** Empty for what is on the boot class path. */
    private static Optional<String> location(String name) {
        try {
            CodeSource source = Class.forName(name, false, JavaCommand.class.getClassLoader()).getProtectionDomain().getCodeSource();
            return source == null ? Optional.empty() : Optional.of(Path.of(source.getLocation().toURI()).toString());
        } catch (ClassNotFoundException | URISyntaxException e) {
            return Optional.empty();
        }
    }
}
