package io.nsjob.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Identity;
import io.nsjob.testing.Feature;
import io.nsjob.testing.Fixtures;
import io.nsjob.testing.RequiresFeature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every attack in profile isolated, and for every defence an attack that succeeds without it. */
@Tag("integration")
@Timeout(900)
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES})
class AttackIT {
    private static final int LANES = 2;
    private static final int LEAST = 60;

    private final String who = HostFacts.real().identity().caller() == Identity.Caller.HOST_ROOT ? "root" : "user";
    private final Map<String, Defence> defences = Defence.all();

    /** The indexes, the programs and the defences name each other. */
    @Test
    void nothingIsForgotten() {
        List<Attack> attacks = Attack.all();
        Set<String> programs = new TreeSet<>();
        Set<String> controlled = new TreeSet<>();
        for (Attack attack : attacks) {
            programs.add(attack.program() + ".c");
            attack.controls().forEach(control -> controlled.add(control.off()));
            for (Attack.Control control : attack.controls()) {
                assertTrue(defences.keySet().containsAll(control.without()), () -> attack + ": " + control);
            }
        }
        Set<String> sources = new TreeSet<>(Fixtures.names(Attack.DIRECTORY));
        sources.removeIf(name -> !name.endsWith(".c"));
        assertEquals(sources, programs);
        assertEquals(new TreeSet<>(defences.keySet()), controlled);
        assertTrue(attacks.stream().filter(attack -> attack.concerns(who) && !attack.known()).count() >= LEAST);
    }

    @Test
    void noneEscapesAndEachDefenceCounts(@TempDir Path directory) throws Exception {
        List<Attack> attacks = Attack.all().stream().filter(attack -> attack.concerns(who)).toList();
        Path helper = Path.of(System.getProperty("nsjob.helper"));
        String before = sum(helper);
        List<Row> rows;
        try (Canaries canaries = new Canaries(Canaries.open(directory)); Arena arena = new Arena(directory, canaries)) {
            rows = Lanes.map(LANES, attacks, attack -> row(arena, attack));
            assertEquals(Canaries.TEXT, Files.readString(Path.of(canaries.fill("${host-file}"))));
        }
        assertEquals(before, sum(helper), "the helper's own file");
        Table.print(who, rows);
        Set<String> wrong = new LinkedHashSet<>();
        Map<String, Boolean> flipped = new LinkedHashMap<>();
        for (Row row : rows) {
            wrong.addAll(row.problems());
            row.controls().forEach((control, verdict) -> flipped.merge(control.off(),
                verdict.is(Verdict.Kind.ESCAPED) || Row.isAbsent(control, verdict), Boolean::logicalOr));
        }
        defences.values().stream().filter(defence -> defence.caller().isEmpty() || defence.caller().equals(who))
            .filter(defence -> !flipped.getOrDefault(defence.name(), false))
            .forEach(defence -> wrong.add("nothing shows that this is needed: " + defence.name()));
        assertEquals(Set.of(), wrong);
    }

    private Row row(Arena arena, Attack attack) throws Exception {
        Verdict verdict = arena.attack(attack, List.of());
        Map<Attack.Control, Verdict> layers = new LinkedHashMap<>();
        Map<Attack.Control, Verdict> controls = new LinkedHashMap<>();
        for (Attack.Control control : attack.controls(who)) {
            List<Defence> off = new ArrayList<>(control.without().stream().map(defences::get).toList());
            if (!off.isEmpty()) {
                layers.put(control, arena.attack(attack, off));
            }
            off.add(defences.get(control.off()));
            controls.put(control, arena.attack(attack, off));
        }
        return new Row(attack, verdict, layers, controls);
    }

    private static String sum(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
