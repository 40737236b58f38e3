package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Each isolation is taken away from each demo: the checks that prove it must fail, as otherwise they would prove nothing. */
@Tag("integration")
class DemoControlsIT {

    @TestFactory
    List<DynamicTest> checksFailWithoutWhatTheyProve() throws Exception {
        var result = CliProcess.run("demo", "all", "--controls", "--json");
        assertTrue(result.status() <= 1, result.errText());
        List<?> controls = (List<?>) ((Map<?, ?>) JsonTree.parse(result.outText())).get("controls");
        List<DynamicTest> tests = new ArrayList<>();
        TreeSet<String> seen = new TreeSet<>();
        for (Object element : controls) {
            Map<?, ?> control = (Map<?, ?>) element;
            String name = control.get("demo") + " without " + control.get("without");
            seen.add(name);
            tests.add(DynamicTest.dynamicTest(name, () -> {
                assertEquals(List.of(), control.get("held"), "these checks did not fail");
                assertEquals(true, control.get("passed"), control.toString());
            }));
        }
        tests.add(DynamicTest.dynamicTest("all of them", () -> {
            assertEquals(proven(), seen);
            assertEquals(seen.stream().allMatch(name -> result.status() == 0), result.status() == 0);
        }));
        return tests;
    }

    /** Each isolation that a check of a demo proves. */
    private static TreeSet<String> proven() throws IOException {
        TreeSet<String> proven = new TreeSet<>();
        try (Stream<Path> files = Files.list(CliProcess.fixtures().resolve("demos"))) {
            for (Path file : files.toList()) {
                Map<?, ?> demo = (Map<?, ?>) JsonTree.parse(Files.readString(file));
                for (Object step : (List<?>) demo.get("steps")) {
                    Object checks = ((Map<?, ?>) step).get("checks");
                    for (Object check : checks == null ? List.of() : (List<?>) checks) {
                        Object proves = ((Map<?, ?>) check).get("proves");
                        for (Object isolation : proves == null ? List.of() : proves instanceof List<?> list ? list : List.of(proves)) {
                            proven.add(demo.get("name") + " without " + isolation);
                        }
                    }
                }
            }
        }
        return proven;
    }
}
