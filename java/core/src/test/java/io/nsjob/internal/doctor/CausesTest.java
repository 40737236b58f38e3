package io.nsjob.internal.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.Diagnosis.Cause;
import io.nsjob.Diagnosis.Failure;
import io.nsjob.internal.os.CgroupHierarchy;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.Fixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Machines made of captured files, test-fixtures/machines: each failure that was seen on them has the right cause. */
class CausesTest {
    private static final Path MACHINES = Fixtures.directory("machines");

    @TempDir
    Path elsewhere;

    /** A failure seen on a machine, and what is to be said about it. */
    record Case(String machine, JsonObject expected) {
        @Override
        public String toString() {
            return machine + ": " + expected.get("feature").getAsString();
        }
    }

    /** Files below one directory, with the modes that a working tree does not keep. */
    record Captured(Path root, JsonObject index) implements Machine.Sources {
        @Override
        public Optional<String> text(String path) {
            try {
                return Optional.of(Files.readString(root.resolve(path.substring(1)), StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        @Override
        public OptionalInt mode(String path) {
            JsonObject modes = index.has("modes") ? index.getAsJsonObject("modes") : new JsonObject();
            if (modes.has(path)) {
                return OptionalInt.of(Integer.parseInt(modes.get(path).getAsString(), 8));
            }
            return Files.exists(root.resolve(path.substring(1))) ? OptionalInt.of(0644) : OptionalInt.empty();
        }

        @Override
        public HostFacts facts() {
            return new HostFacts(new HostFacts.Roots(root.resolve("proc"), root.resolve("etc"), root.resolve("run"), List.of()));
        }

        @Override
        public Optional<String> program(String name) {
            String path = "/usr/bin/" + name;
            return mode(path).isPresent() ? Optional.of(path) : Optional.empty();
        }

        @Override
        public List<CgroupHierarchy> hierarchies() {
            return CgroupHierarchy.read(root.resolve("proc/self"));
        }

        @Override
        public Optional<String> helper() {
            return Optional.of("/usr/libexec/nsjob/nsjob-helper");
        }
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String machine : Fixtures.names(MACHINES)) {
            for (JsonElement failure : index(machine).getAsJsonArray("failures")) {
                cases.add(new Case(machine, failure.getAsJsonObject()));
            }
        }
        return cases.stream();
    }

    private static JsonObject index(String machine) {
        return Fixtures.index(MACHINES.resolve(machine));
    }

    private static Failure failure(JsonObject json) {
        return new Failure(text(json, "stage"), text(json, "syscall"), json.has("errno") ? json.get("errno").getAsInt() : 0,
            text(json, "subject"), text(json, "message"));
    }

    private static String text(JsonObject json, String field) {
        return json.has(field) ? json.get(field).getAsString() : "";
    }

    private static Cause cause(Path root, Case one) {
        Causes causes = new Causes(new Machine(new Captured(root, index(one.machine()))));
        return causes.of(text(one.expected(), "feature"), failure(one.expected()), "the helper's hint");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void hasItsCause(Case one) {
        Cause cause = cause(MACHINES.resolve(one.machine()), one);
        JsonObject expected = one.expected();
        assertEquals(text(expected, "code"), cause.code(), cause::toString);
        assertEquals(text(expected, "command"), cause.command().orElse(""), cause::toString);
        if (expected.has("says")) {
            assertTrue((cause.text() + "; " + cause.hint()).contains(text(expected, "says")), cause::toString);
        }
        // A remedy there always is, in words at least.
        assertTrue(cause.command().isPresent() || !cause.hint().isEmpty(), cause::toString);
        assertFalse((cause.text() + cause.hint() + cause.command().orElse("")).contains("\n"), cause::toString);
    }

    /** The control: it is the files that tell, as on a machine that says nothing the cause is another. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void hasAnotherCauseElsewhere(Case one) throws IOException {
        Path self = Files.createDirectories(elsewhere.resolve("proc/self"));
        Files.writeString(self.resolve("status"),
            "Uid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nGroups:\t\nSeccomp:\t0\n");
        if (!one.expected().has("anywhere")) {
            assertFalse(text(one.expected(), "code").equals(cause(elsewhere, one).code()), () -> cause(elsewhere, one)
                .toString());
        }
    }

    @Test
    void allThatUsersMeetAreThere() {
        Set<String> codes = new TreeSet<>();
        cases().forEach(one -> codes.add(text(one.expected(), "code")));
        assertTrue(codes.containsAll(Set.of("apparmor-restricts-user-namespaces", "unprivileged-userns-clone-off",
            "max-namespaces",
            "seccomp-filter", "masked-proc", "hidepid", "newuidmap-missing", "newuidmap-not-setuid", "no-subordinate-ids",
            "no-passwd-entry",
            "no-cgroup-delegation", "no-cap-sys-admin", "noexec", "security-module", "chroot", "no-new-privileges")),
            codes::toString);
    }
}
