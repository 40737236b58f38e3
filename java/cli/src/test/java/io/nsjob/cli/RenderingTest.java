package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceReport;
import io.nsjob.SandboxException;
import io.nsjob.StageTiming;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RenderingTest {
    private static NamespaceReport report() {
        List<NamespaceReport.Entry> entries = new ArrayList<>();
        for (NamespaceKind kind : NamespaceKind.values()) {
            boolean isolated = kind != NamespaceKind.TIME;
            long host = 4026531830L + kind.ordinal();
            entries.add(new NamespaceReport.Entry(kind, isolated ? host + 1000 : host, 4, host, 4,
                isolated ? NamespaceReport.Mode.NEW : NamespaceReport.Mode.INHERIT, isolated));
        }
        return new NamespaceReport(entries);
    }

    @Test
    void tableHasARowAKindAndStraightColumns() {
        List<String> lines = NamespaceTable.render(report(), Style.PLAIN).lines().toList();
        assertEquals("KIND    HOST          JOB           MODE     ISOLATED", lines.get(0));
        assertEquals("user    4026531830    4026532830    new      yes", lines.get(1));
        assertEquals("time    4026531837    4026531837    inherit  no", lines.get(8));
        assertEquals(9, lines.size());
        for (String line : lines) {
            assertTrue(line.charAt(21) == ' ' && line.charAt(22) != ' ', line);
        }
    }

    @Test
    void tableShowsNewInBoldAndTheRestDim() {
        List<String> lines = NamespaceTable.render(report(), Style.COLOUR).lines().toList();
        assertTrue(lines.get(1).startsWith("\u001b[1m") && lines.get(1).endsWith("\u001b[0m"), lines.get(1));
        assertTrue(lines.get(8).startsWith("\u001b[2m") && lines.get(8).endsWith("\u001b[0m"), lines.get(8));
    }

    @Test
    void stagesAddUp() {
        String text = RunTrace.stages(List.of(new StageTiming("clone", 250), new StageTiming("exec", 750)), Style.PLAIN);
        assertEquals("clone     0.250 ms  #####\nexec      0.750 ms  ###############\ntotal     1.000 ms\n", text);
        assertFalse(RunTrace.stages(List.of(), Style.PLAIN).isEmpty());
    }

    @Test
    void failureIsStageMessageHint() {
        assertEquals("clone: clone3(user): Operation not permitted (allow it)",
            Failure.describe(new SandboxException("clone", "clone3", 1, "user", "clone3(user): Operation not permitted", "allow it")));
        assertEquals("exec: cannot execute: prog: No such file or directory (set PATH)",
            Failure.describe(new SandboxException("exec", "execve", 2, "prog", "cannot execute", "set PATH")));
        assertEquals("clone: no", Failure.describe(new SandboxException("clone", "", 0, "", "no", "")));
    }

    @Test
    void filesAreNamedWithTheReason() {
        assertEquals("x: No such file or directory", Failure.describe(new NoSuchFileException("x")));
        assertEquals("x: Permission denied", Failure.describe(new AccessDeniedException("x")));
        assertEquals("x: Is a directory", Failure.describe(new FileSystemException("x", null, "Is a directory")));
        assertEquals("boom", Failure.describe(new IOException("boom")));
        assertEquals("internal: IllegalStateException: boom (--debug shows more)", Failure.describe(new IllegalStateException("boom")));
    }

    @ParameterizedTest
    @CsvSource({"exec,2,127", "exec,20,127", "exec,13,126", "exec,8,126", "exec,0,125", "cwd,2,125", "clone,1,125"})
    void exitStatusOfAFailure(String stage, int errno, int status) {
        assertEquals(status, ExitStatus.of(new SandboxException(stage, "", errno, "", "", "")));
    }
}
