package io.nsjob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reads the class files: who uses whom. The rules are those of CONTRIBUTING. */
class ArchitectureTest {
    /** Each internal package and the ones it may use; the public package uses and is used by all. */
    private static final Map<String, Set<String>> MAY_USE = Map.of(
        "io.nsjob.internal.os", Set.of(),
        "io.nsjob.internal.seccomp", Set.of(),
        "io.nsjob.internal.wire", Set.of("io.nsjob.internal.seccomp"),
        "io.nsjob.internal.plan", Set.of("io.nsjob.internal.os", "io.nsjob.internal.wire", "io.nsjob.internal.seccomp"),
        "io.nsjob.internal.launch", Set.of("io.nsjob.internal.os", "io.nsjob.internal.plan", "io.nsjob.internal.wire"),
        "io.nsjob.internal.doctor", Set.of("io.nsjob.internal.os", "io.nsjob.internal.launch"),
        "io.nsjob.internal.run", Set.of("io.nsjob.internal.os", "io.nsjob.internal.plan", "io.nsjob.internal.wire",
            "io.nsjob.internal.launch"));
    /** Each library, and the one package that sees it. */
    private static final Map<String, String> ONLY = Map.of(
        "com.google.gson", "io.nsjob.internal.wire",
        "org.apache.commons.exec", "io.nsjob.internal.launch",
        "com.sun.jna", "io.nsjob.internal.os");
    private static final Pattern CLASS_NAME = Pattern.compile("\\[*L?((?:[a-z0-9]+/)+[A-Z][A-Za-z0-9_$]*);?");

    private static Map<String, Set<String>> uses() throws IOException {
        Path classes = Path.of(JobSpec.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        Map<String, Set<String>> uses = new TreeMap<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                String name = classes.relativize(file).toString().replace('/', '.').replaceAll("\\.class$", "");
                if (!name.equals("module-info")) {
                    uses.put(name, used(file));
                }
            }
        }
        return uses;
    }

    /** All class names in the constant pool, descriptors and signatures included. */
    private static Set<String> used(Path file) throws IOException {
        Set<String> names = new TreeSet<>();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            in.readInt();
            in.readInt();
            int count = in.readUnsignedShort();
            for (int i = 1; i < count; i++) {
                int tag = in.readUnsignedByte();
                if (tag == 1) {
                    Matcher matcher = CLASS_NAME.matcher(in.readUTF());
                    while (matcher.find()) {
                        names.add(matcher.group(1).replace('/', '.'));
                    }
                } else {
                    in.skipNBytes(size(tag));
                    // Longs and doubles take two places, JVMS 4.4.5.
                    i += tag == 5 || tag == 6 ? 1 : 0;
                }
            }
        }
        return names;
    }

    private static int size(int tag) {
        switch (tag) {
            case 3: case 4: case 9: case 10: case 11: case 12: case 17: case 18:
                return 4;
            case 5: case 6:
                return 8;
            case 7: case 8: case 16: case 19: case 20:
                return 2;
            case 15:
                return 3;
            default:
                throw new IllegalStateException("constant pool tag " + tag);
        }
    }

    private static String packageOf(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }

    @Test
    void packagesUseEachOtherInOneDirection() throws IOException {
        List<String> wrong = new ArrayList<>();
        Map<String, Set<String>> uses = uses();
        assertTrue(uses.size() > 80, "only " + uses.size() + " classes were scanned");
        Set<String> seen = new TreeSet<>();
        uses.forEach((name, used) -> {
            String from = packageOf(name);
            seen.add(from);
            for (String to : used.stream().filter(other -> other.startsWith("io.nsjob.internal.")).map(ArchitectureTest::packageOf)
                    .distinct().toList()) {
                if (!from.equals("io.nsjob") && !from.equals(to) && !MAY_USE.get(from).contains(to)) {
                    wrong.add(name + " uses " + to);
                }
            }
        });
        Set<String> all = new TreeSet<>(MAY_USE.keySet());
        all.add("io.nsjob");
        assertEquals(all, seen);
        assertEquals(List.of(), wrong);
    }

    @Test
    void eachLibraryIsSeenByOnePackage() throws IOException {
        List<String> wrong = new ArrayList<>();
        Set<String> found = new TreeSet<>();
        uses().forEach((name, used) -> ONLY.forEach((library, home) -> {
            if (used.stream().anyMatch(other -> other.startsWith(library + ".") || other.equals(library))) {
                found.add(library);
                if (!packageOf(name).equals(home)) {
                    wrong.add(name + " uses " + library);
                }
            }
        }));
        assertEquals(List.of(), wrong);
        assertTrue(found.containsAll(Set.of("com.google.gson", "org.apache.commons.exec")), found.toString());
    }

    @Test
    void nothingIsPrinted() throws IOException {
        List<String> wrong = new ArrayList<>();
        uses().forEach((name, used) -> {
            if (used.contains("java.io.PrintStream") || used.contains("java.util.logging.Logger")) {
                wrong.add(name);
            }
        });
        assertEquals(List.of(), wrong, "the library prints nothing and logs by System.Logger");
    }

    @Test
    void publicSignaturesAreOursAndTheJdks() throws Exception {
        List<String> wrong = new ArrayList<>();
        int methods = 0;
        for (String name : uses().keySet()) {
            Class<?> type = Class.forName(name, false, JobSpec.class.getClassLoader());
            if (!name.matches("io\\.nsjob\\.[A-Z].*") || !Modifier.isPublic(type.getModifiers())) {
                continue;
            }
            List<Executable> members = new ArrayList<>(List.of(type.getDeclaredMethods()));
            members.addAll(List.of(type.getDeclaredConstructors()));
            for (Executable member : members) {
                if (Modifier.isPublic(member.getModifiers()) && !member.isSynthetic()) {
                    methods++;
                    types(member).stream().filter(used -> !isPublicType(used)).forEach(used -> wrong.add(member + ": " + used));
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(methods > 150, "only " + methods);
    }

    private static List<Class<?>> types(Executable member) {
        List<Class<?>> types = new ArrayList<>(List.of(member.getExceptionTypes()));
        for (Parameter parameter : member.getParameters()) {
            types.add(parameter.getType());
        }
        if (member instanceof Method method) {
            types.add(method.getReturnType());
        }
        assertTrue(member instanceof Method || member instanceof Constructor);
        return types;
    }

    private static boolean isPublicType(Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        String name = element.getName();
        return element.isPrimitive() || name.startsWith("java.") || name.matches("io\\.nsjob\\.[A-Z].*");
    }
}
