package io.nsjob.robust;

import com.google.gson.Gson;
import com.sun.jna.Native;
import io.nsjob.Driver;
import io.nsjob.Launcher;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.exec.DefaultExecutor;

/** A virtual machine like this one, to be killed or to be somebody else. */
final class Java {
    private Java() {
    }

    private static String driver() {
        return World.driver() == Driver.RESIDENT ? "resident" : "per-job";
    }

    /** The command that runs a class of these tests. */
    static List<String> command(Class<?> main, Path helper, String... arguments) {
        return command(driver(), main, helper, arguments);
    }

    /** The same, with one driver or the other. */
    static List<String> command(String driver, Class<?> main, Path helper, String... arguments) {
        return command(driver, String.join(File.pathSeparator, classPath()), main, helper, arguments);
    }

    /** The same with a copy of all classes, made below a directory. */
    static List<String> commandFrom(Path directory, Class<?> main, Path helper, String... arguments) throws Exception {
        List<String> copies = new ArrayList<>();
        for (String original : classPath()) {
            Path copy = directory.resolve(copies.size() + "-" + Path.of(original).getFileName());
            if (new ProcessBuilder("cp", "-R", original, copy.toString()).inheritIO().start().waitFor() != 0) {
                throw new IllegalStateException("cannot copy " + original);
            }
            copies.add(copy.toString());
        }
        return command(driver(), String.join(File.pathSeparator, copies), main, helper, arguments);
    }

    private static List<String> command(String driver, String classPath, Class<?> main, Path helper, String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            // Made to start fast and to leave nothing in /tmp.
            "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xmx64m",
            "-Dnsjob.helper=" + helper, "-Dnsjob.driver=" + driver));
        if (Runtime.version().feature() >= 22) {
            // Else it says on standard error that it loads JNA, before it says what is waited for.
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Where the classes came from: java.class.path may name the test launcher only, which has loaders of its own. */
    private static Set<String> classPath() {
        Set<String> path = new LinkedHashSet<>();
        for (Class<?> one : List.of(Java.class, Launcher.class, Gson.class, DefaultExecutor.class, Native.class)) {
            try {
                path.add(Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
            } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
            }
        }
        return path;
    }
}
