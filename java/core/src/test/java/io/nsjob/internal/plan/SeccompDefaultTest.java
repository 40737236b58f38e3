package io.nsjob.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.internal.seccomp.Architecture;
import io.nsjob.internal.seccomp.BpfProgram;
import io.nsjob.internal.seccomp.FilterCompiler;
import io.nsjob.internal.seccomp.FilterProfile;
import io.nsjob.internal.seccomp.LaunchCalls;
import io.nsjob.internal.wire.SeccompReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What was compiled beforehand is what the compiler makes of the list now. */
class SeccompDefaultTest {
    private static final int WIDTH = 112;

    @ParameterizedTest
    @CsvSource({"X86_64, false", "X86_64, true", "AARCH64, false", "AARCH64, true"})
    void isWhatTheCompilerMakes(Architecture architecture, boolean withoutSuid) {
        BpfProgram program = compile(architecture, withoutSuid);
        assertEquals(base64(program), SeccompDefault.filter(architecture, withoutSuid),
            "the list or the compiler has changed: run the main method of this class on SeccompDefault.java");
        assertEquals(List.of(), LaunchCalls.forbidden(program, architecture));
        assertTrue(LaunchCalls.allowHelper(program, architecture));
        assertTrue(program.size() <= BpfProgram.MAX_INSTRUCTIONS);
    }

    private static String base64(BpfProgram program) {
        return Base64.getEncoder().encodeToString(program.bytes());
    }

    private static BpfProgram compile(Architecture architecture, boolean withoutSuid) {
        FilterProfile profile = SeccompReader.read(SeccompPlan.defaultProfile(), architecture, Set.of());
        assertEquals(false, profile.log());
        return FilterCompiler.compile(withoutSuid ? SuidRules.before(profile) : profile, architecture);
    }

    /**
     * Writes the constants.
     *
     * @param args the path of SeccompDefault.java
     */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]);
        List<String> lines = new ArrayList<>();
        boolean inConstant = false;
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("    private static final String ")) {
                String name = line.split(" +")[5];
                boolean withoutSuid = name.endsWith("_WITHOUT_SUID");
                lines.addAll(constant(name, base64(compile(Architecture.valueOf(name.replace("_WITHOUT_SUID", "")), withoutSuid))));
                inConstant = true;
            }
            if (!inConstant) {
                lines.add(line);
            }
            inConstant &= !line.endsWith(";");
        }
        Files.write(file, lines);
    }

    private static List<String> constant(String name, String value) {
        List<String> lines = new ArrayList<>(List.of("    private static final String " + name + " = \"\""));
        for (int i = 0; i < value.length(); i += WIDTH) {
            lines.add("        + \"" + value.substring(i, Math.min(value.length(), i + WIDTH)) + "\"");
        }
        lines.set(lines.size() - 1, lines.get(lines.size() - 1) + ";");
        return lines;
    }
}
