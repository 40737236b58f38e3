package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The doctor where something has really been taken away: the right cause is named. As root most of it is examined for an
 * unprivileged user, as to root most of it is nothing.
 */
@Tag("integration")
class DoctorIT {
    private static final boolean ROOT = System.getProperty("user.name").equals("root");
    private static final String BECOME = ROOT ? "setpriv --reuid 12345 --regid 12345 --clear-groups -- " : "";
    /** A mount namespace to take things away in, with the ids kept. */
    private static final String OUTER = ROOT ? "unshare -m --propagation private"
        : "unshare -U -m -c --keep-caps --propagation private";

    @TempDir
    Path dir;

    @BeforeEach
    void letEveryJobIn() throws Exception {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** What it said, by feature. */
    private record Findings(int status, Map<String, Map<String, Object>> features) {
        String state(String feature) {
            return (String) features.get(feature).get("state");
        }

        String cause(String feature) {
            Object cause = features.get(feature).get("cause");
            return cause == null ? "" : (String) Redaction.cast(cause).get("code");
        }

        String command(String feature) {
            return (String) Redaction.cast(features.get(feature).get("cause")).getOrDefault("command", "");
        }
    }

    /** Runs a script in which {@code $0} is nsjob. */
    private static Findings doctor(int status, String script, String... args) throws Exception {
        CliProcess.Result result = CliProcess.shell(Map.of(), script, args).expect(status);
        assertEquals("", result.errText());
        Map<String, Object> tree = Redaction.cast(JsonTree.parse(result.outText()));
        assertEquals(status == 0, tree.get("isolated"));
        Map<String, Map<String, Object>> features = new LinkedHashMap<>();
        for (Object feature : (List<?>) tree.get("features")) {
            features.put((String) Redaction.cast(feature).get("feature"), Redaction.cast(feature));
        }
        return new Findings(status, features);
    }

    @Test
    void everythingIsHere() throws Exception {
        Findings here = doctor(0, "exec \"$0\" doctor --json");
        List<String> wrong = new ArrayList<>();
        here.features().forEach((feature, diagnosis) -> {
            // What cgroups there are is the machine's business, and a profile is as weak as they make it.
            boolean ofTheMachine = feature.startsWith("limits.") || feature.startsWith("profiles.");
            if (!here.state(feature).equals("ok") && !ofTheMachine && (ROOT || !feature.equals("ids.range"))) {
                wrong.add(feature + ": " + diagnosis);
            }
        });
        assertEquals(List.of(), wrong);
        assertTrue(here.features().keySet().containsAll(List.of("namespaces.user", "namespaces.time", "files.proc",
            "files.overlay",
            "hardening.seccomp", "hardening.landlock", "limits.memory", "limits.rlimits", "calls.jna", "tools.netns",
            "profiles.build")),
            here.features()::toString);
    }

    /** In a job that may not nest, and the control: in one that may. */
    @Test
    void userNamespacesAreForbidden() throws Exception {
        Path spec = Files.writeString(dir.resolve("spec.json"),
            "{\"nsjob\":1,\"profile\":\"bare\",\"namespaces\":{\"user\":\"new\"},"
            + "\"idMap\":{\"preset\":\"root\"},\"allowNestedUserNamespaces\":false}");
        Findings closed = doctor(1, "exec " + BECOME + "\"$0\" run -f \"$1\" -- \"$0\" doctor --json", spec.toString());
        assertEquals("max-namespaces", closed.cause("namespaces.user"));
        assertEquals("max-namespaces", closed.cause("profiles.isolated"));
        assertEquals("sysctl -w user.max_user_namespaces=10000", closed.command("namespaces.user"));
        Findings open = doctor(0, "exec " + BECOME + "\"$0\" run -f \"$1\" --allow-nesting -- \"$0\" doctor --json",
            spec.toString());
        assertEquals("", open.cause("namespaces.user"));
    }

    @Test
    void aFilterAsAroundContainers() throws Exception {
        Path profile = CliProcess.fixtures().resolve("seccomp/like-docker.json");
        Findings filtered = doctor(1, "exec " + BECOME + "\"$0\" run -Ur --seccomp \"$1\" -- \"$0\" doctor --json",
            profile.toString());
        for (String feature : List.of("namespaces.user", "namespaces.mnt", "files.root", "calls.clone3", "profiles.isolated")) {
            assertEquals("seccomp-filter", filtered.cause(feature), feature);
        }
    }

    @Test
    void maskedProc() throws Exception {
        String mask = "{ for f in /proc/timer_list /proc/keys /proc/interrupts; do [ ! -e $f ] || mount --bind /dev/null $f;"
            + " done; }";
        String script = "exec " + OUTER + " sh -c '" + mask + " && exec " + BECOME + "\"$0\" doctor --json' \"$0\"";
        Findings masked = doctor(1, script);
        assertEquals("masked-proc", masked.cause("files.proc"));
        assertEquals("masked-proc", masked.cause("profiles.isolated"));
        assertEquals("", masked.cause("files.root"));
        Findings whole = doctor(0, script.replace(mask, "true"));
        assertEquals("", whole.cause("files.proc"));
    }

    /** The remedy for a /proc that is not whole is typed, and is one. */
    @Test
    void partOfProc() throws Exception {
        String inside = (ROOT ? "unshare -mpf" : "unshare -Urmpf")
            + " --mount-proc sh -c 'mount -o remount,subset=pid /proc && %s \"$0\" doctor --json' \"$0\"";
        Findings part = doctor(1, "exec " + String.format(inside, "exec"));
        assertEquals("proc-subset", part.cause("hardening.nesting"));
        Findings whole = doctor(0, "exec " + String.format(inside, part.command("hardening.nesting") + " && exec"));
        assertEquals("", whole.cause("hardening.nesting"));
    }

    /** A user whom this machine knows, with ids to hand out, but without the tools; then with them, without privileges. */
    @Test
    void idsOfOthers() throws Exception {
        Files.writeString(dir.resolve("passwd"), "root:x:0:0::/root:/bin/sh\nalice:x:12345:12345::/:/bin/sh\n");
        Files.writeString(dir.resolve("subid"), "alice:1900000000:65536\n");
        String known = "mount --bind \"$1/passwd\" /etc/passwd; for f in subuid subgid; do mount --bind \"$1/subid\" /etc/$f;"
            + " done; ";
        String script = "exec " + OUTER + " sh -c '" + known + "%s; exec " + BECOME + "\"$0\" doctor --json' \"$0\" \"$@\"";
        Findings without = doctor(0, String.format(script, "mount --bind /dev/null \"$(readlink -f /usr/bin/newuidmap)\""),
            dir.toString());
        assertEquals("newuidmap-missing", without.cause("ids.range"));
        if (ROOT) {
            Findings all = doctor(0, String.format(script, "true"), dir.toString());
            assertEquals("", all.cause("ids.range"));
            Findings held = doctor(0, String.format(script.replace("setpriv ", "setpriv --no-new-privs "), "true"),
                dir.toString());
            assertEquals("no-new-privileges", held.cause("ids.range"));
        }
    }

    @Test
    void limitsOfTheCaller() throws Exception {
        Findings few = doctor(0, "ulimit -n 60 && exec " + BECOME + "\"$0\" doctor --json");
        assertEquals("hard-limit", few.cause("limits.rlimits"));
        if (!ROOT) {
            return;
        }
        // The remedy is typed as it stands, but for its sudo; then there are limits.
        String user = "setpriv --reuid 12345 --regid 12345 --clear-groups -- ";
        Findings none = doctor(0, "exec " + user + "\"$0\" doctor --json");
        assertEquals("no-cgroup-delegation", none.cause("limits.pids"));
        String command = none.command("limits.pids");
        assertTrue(!command.isEmpty(), command);
        if (!command.startsWith("sudo sh -c 'for d in ")) {
            // systemd's, which this shell has no session of.
            return;
        }
        try {
            Findings given = doctor(0, command.substring("sudo ".length()) + " && exec " + user + "\"$0\" doctor --json");
            assertEquals("ok", given.state("limits.pids"), given.features()::toString);
            assertEquals("ok", given.state("limits.memory"), given.features()::toString);
        } finally {
            CliProcess.shell(Map.of(), "find /sys/fs/cgroup -depth -type d -path '*/nsjob-12345*' -exec rmdir {} ';'").expect(0);
        }
    }
}
