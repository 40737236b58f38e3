package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read without picocli is read as picocli would, and what it would refuse is left to it. */
class PlainLineTest {
    private static final int RANDOM_LINES = 3000;
    private static final Set<RunOption> RUN = EnumSet.complementOf(EnumSet.range(RunOption.ALL, RunOption.PRESERVE_ENV));

    @ParameterizedTest
    @ValueSource(strings = {"-- true", "true", "true -- -x", "-- -x --name y", "-mun -- sh -c x", "-m -u --net --pid true a -b",
        "--name x --memory 64m -- true", "--name=x --memory=64m true", "-f spec.json", "-v --report - true", "--env A=B --env C true",
        "--map-users 0:1:2 -r -S 0 -G 5 id", "--profile build -- make -j 2", "--kill-child --fork true", "-h", "--name a --name b true",
        "--bind /a:/b,idmap -- true", "--", "true --", "sh -c -- --help"})
    void isAsPicocliReadsIt(String line) throws UsageException {
        PlainLine plain = PlainLine.read(RUN, line.split(" "));
        assertNotNull(plain, line);
        compare(plain, line.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--nmae x true", "--name", "--name --net true", "--name -- true", "--name= true", "-mx true", "-m=1 true", "-",
        "--mount=yes true", "--all true", "-S5 true", "-mS 5 true", "--user 5 id", "--user=5 id", "--boottime -2h true", "--net- x"})
    void isLeftToPicocli(String line) {
        assertNull(PlainLine.read(RUN, line.split(" ")), line);
    }

    @Test
    void anyLineThatItTakesIsAsPicocliReadsIt() throws UsageException {
        List<String> words = List.of("-m", "-u", "-r", "-mun", "-p", "--net", "--name", "--memory", "--env", "--name=x", "--env=A=B=C", "-f",
            "--", "true", "-c", "x", "--unknown", "-x", "-v", "--report", "-", "A=B", "", "-S", "0", "--tmpfs=/t:size=1m", "é", "'q'", "\"q\"",
            "@file", "${x}", "--no-tty");
        Random random = new Random(5);
        int read = 0;
        for (int i = 0; i < RANDOM_LINES; i++) {
            String[] line = random.ints(random.nextInt(7), 0, words.size()).mapToObj(words::get).toArray(String[]::new);
            PlainLine plain = PlainLine.read(RUN, line);
            if (plain != null) {
                read++;
                compare(plain, line);
            }
        }
        assertEquals(true, read > RANDOM_LINES / 10, read + " lines");
    }

    private static void compare(PlainLine plain, String... line) throws UsageException {
        RunLine full = FullLine.parse("run", RUN, line);
        assertEquals(full.command(), plain.command(), String.join(" ", line));
        for (RunOption option : RunOption.values()) {
            assertEquals(full.values(option), plain.values.getOrDefault(option, List.of()), String.join(" ", line) + ": " + option);
        }
    }
}
