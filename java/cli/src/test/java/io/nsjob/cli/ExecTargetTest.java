package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.nsjob.JoinTarget;
import io.nsjob.NamespaceKind;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the words of {@code nsjob exec} mean. */
class ExecTargetTest {
    private static JoinTarget target(String line) throws UsageException {
        return ExecCommand.target(RunLine.parse("exec", ExecCommand.OPTIONS, line.split(" ")));
    }

    @Test
    void targets() throws Exception {
        assertEquals(JoinTarget.job("web"), target("web id -u"));
        assertEquals(JoinTarget.pid(4711), target("-a 4711"));
        assertEquals(JoinTarget.pid(4711).only(NamespaceKind.NET, NamespaceKind.UTS), target("-nu 4711 id"));
        assertEquals(JoinTarget.job("web").only(NamespaceKind.USER).withCallersCredentials(), target("-U --preserve-credentials web"));
        assertEquals(JoinTarget.namespaces(Map.of(NamespaceKind.NET, "/run/netns/a,b", NamespaceKind.UTS, "/x=y")),
            target("net=/run/netns/a,b,uts=/x=y -- ip link"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "foo=/x| exec: 'foo=/x' is not KIND=PATH, with a KIND of user, mnt, pid, net, ipc, uts, cgroup, time",
        "net=x| exec: net=x: the path must be absolute",
        "net=/a,net=/b| exec: net is named twice",
        "-n net=/a| exec: letters choose kinds of a job or of a process; net=/a names them already",
        "-a -n web| exec: --all excludes letters that choose kinds",
        "--hostname x web| exec: unknown option --hostname",
        "--preserve-envv web| exec: unknown option --preserve-envv; did you mean --preserve-env?",
    })
    void mistakes(String line, String message) {
        assertEquals(message, assertThrows(UsageException.class, () -> target(line)).getMessage());
    }
}
