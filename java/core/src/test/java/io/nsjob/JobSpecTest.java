package io.nsjob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.testing.Fixtures;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JobSpecTest {
    private static final Path VALID = Fixtures.directory("specs/valid");
    private static final Path INVALID = Fixtures.directory("specs/invalid");

    static Stream<String> valid() {
        return Fixtures.names(VALID).stream();
    }

    static Stream<String> invalid() {
        return Fixtures.names(INVALID).stream();
    }

    @Test
    void indexesListExactlyTheFilesThatAreThere() {
        assertEquals(Fixtures.names(VALID), Fixtures.index(VALID).keySet().stream().sorted().toList());
        assertEquals(Fixtures.names(INVALID), Fixtures.index(INVALID).keySet().stream().sorted().toList());
        assertTrue(Fixtures.names(INVALID).size() > 50 && Fixtures.names(VALID).size() > 20, "fixtures are missing");
    }

    @ParameterizedTest
    @MethodSource("valid")
    void validDocumentsAreReadAndWrittenWithoutLoss(String name) {
        JobSpec spec = JobSpec.fromJson(Fixtures.bytes(VALID.resolve(name)));
        JobSpec again = JobSpec.fromJson(spec.toJson());
        assertEquals(spec, again);
        assertEquals(spec.hashCode(), again.hashCode());
        assertEquals(spec.toJson(), again.toJson());
        assertEquals(spec, spec.toBuilder().build());
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void invalidDocumentsAreRefusedNamingTheField(String name) {
        String path = Fixtures.index(INVALID).get(name).getAsString();
        InvalidSpecException e = assertThrows(InvalidSpecException.class,
            () -> Launcher.plan(JobSpec.fromJson(Fixtures.bytes(INVALID.resolve(name)))));
        assertTrue(e.violations().stream().anyMatch(violation -> violation.startsWith(path)), e.getMessage());
        assertTrue(e.violations().stream().allMatch(violation -> violation.matches("(?s)\\$.*: .+")), e.getMessage());
    }

    @Test
    void allViolationsAreListedAtOnce() {
        InvalidSpecException e = assertThrows(InvalidSpecException.class, () -> JobSpec.bare().name("a b").cwd("here")
            .hostname("x").umask(01000).env("", "v").loopback(true).wallTime(Duration.ofSeconds(-1)).outputLimit(-1).build());
        assertEquals(List.of("$.name", "$.hostname", "$.network.loopback", "$.environment.set", "$.cwd", "$.umask",
            "$.limits.wallTime", "$.limits.output"), paths(e));
    }

    @Test
    void problemsOfTheDocumentAndOfItsValuesAreListedTogether() {
        InvalidSpecException e = assertThrows(InvalidSpecException.class, () -> JobSpec.fromJson("{\"nsjob\": 1, \"nmae\": 1,"
            + " \"name\": \"-\", \"limits\": {\"wallTime\": 5, \"x\": null}, \"umask\": \"9\"}"));
        List<String> paths = new ArrayList<>(paths(e));
        paths.sort(null);
        assertEquals(List.of("$.limits.wallTime", "$.limits.x", "$.name", "$.nmae", "$.umask"), paths);
    }

    private static List<String> paths(InvalidSpecException e) {
        return e.violations().stream().map(violation -> violation.substring(0, violation.indexOf(": "))).toList();
    }

    @Test
    void aDerivedSpecLeavesItsOriginAlone() {
        JobSpec origin = JobSpec.isolated().command("true").env("A", "1").passEnv("TERM").build();
        JobSpec.Builder builder = origin.toBuilder();
        JobSpec derived = builder.name("other").env("B", "2").passEnv("LANG")
            .namespace(NamespaceKind.NET, NamespaceMode.inherit()).build();
        builder.env("C", "3");
        assertEquals(Optional.empty(), origin.name());
        assertEquals(List.of("A"), List.copyOf(origin.environment().keySet()));
        assertEquals(List.of("A", "B"), List.copyOf(derived.environment().keySet()));
        assertEquals(List.of("TERM", "LANG"), derived.passEnvironment());
        assertEquals(NamespaceMode.fresh(), origin.namespace(NamespaceKind.NET));
        assertEquals(NamespaceMode.inherit(), derived.namespace(NamespaceKind.NET));
        assertNotEquals(origin, derived);
        assertThrows(UnsupportedOperationException.class, () -> origin.environment().put("X", "Y"));
        assertThrows(UnsupportedOperationException.class, () -> origin.command().add("x"));
    }

    @Test
    void valuesOfTheEnvironmentAreNowhereButInTheDocument() {
        JobSpec spec = JobSpec.isolated().command("true").env("TOKEN", "s3cr3t").build();
        assertFalse(spec.toString().contains("s3cr3t"), spec.toString());
        assertTrue(spec.toString().contains("TOKEN"), spec.toString());
        assertTrue(spec.toJson().contains("s3cr3t"));
        InvalidSpecException bad = assertThrows(InvalidSpecException.class,
            () -> JobSpec.isolated().env("TOKEN", "s3cr3t\0").build());
        assertFalse(bad.getMessage().contains("s3cr3t"), bad.getMessage());
        for (String broken : List.of("{\"nsjob\":1,\"environment\":{\"set\":{\"T\":\"s3cr3t\" \"x\"}}}",
                "{\"nsjob\":1,\"environment\":{\"set\":{\"T\":\"s3cr3t\",\"T\":\"s3cr3t\"}}}",
                "{\"nsjob\":1,\"environment\":{\"set\":{\"T\":[\"s3cr3t\"]}}}",
                "{\"nsjob\":1,\"environment\":{\"set\":\"s3cr3t\"}}", "{\"nsjob\":1,\"environment\":{\"set\":{\"T\": s3cr3t}}}")) {
            InvalidSpecException e = assertThrows(InvalidSpecException.class, () -> JobSpec.fromJson(broken), broken);
            assertFalse(e.getMessage().contains("s3cr3t"), e.getMessage());
        }
    }

    @Test
    void nullsAreRefusedByName() {
        assertEquals("name", assertThrows(NullPointerException.class, () -> JobSpec.isolated().name(null)).getMessage());
        assertEquals("json", assertThrows(NullPointerException.class, () -> JobSpec.fromJson((String) null)).getMessage());
    }

    @Test
    void lineMapsOfTheKernelsMaximumAreTaken() {
        List<IdRange> lines = new ArrayList<>();
        for (int i = 0; i < 340; i++) {
            lines.add(new IdRange(2 * i, 700_000 + 2 * i, 1));
        }
        JobSpec.bare(NamespaceKind.USER).idMaps(IdMaps.of(lines, lines)).build();
        lines.add(new IdRange(1000, 1, 1));
        assertThrows(InvalidSpecException.class,
            () -> JobSpec.bare(NamespaceKind.USER).idMaps(IdMaps.of(lines, lines)).build());
    }
}
