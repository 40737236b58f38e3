package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.InvalidSpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each option to the part of the job spec it stands for. */
class SpecAssemblerTest {
    private static final IdMapOptions.Caller CALLER = new IdMapOptions.Caller(1234, 5678);

    private static Map<String, Object> assemble(Map<String, Object> base, String line) throws UsageException {
        return SpecAssembler.assemble(RunLine.parse(line.isEmpty() ? new String[0] : line.split(" ")), base, CALLER, "/bin/shell");
    }

    private static void assertSpec(String expected, Map<String, Object> spec) throws IOException {
        assertEquals(JsonTree.parse(expected), JsonTree.parse(JsonTree.compact(spec)));
    }

    static Stream<Arguments> bareOptions() {
        return Stream.of(
            Arguments.of("-m", "'namespaces':{'mnt':'new'}"),
            Arguments.of("--mount", "'namespaces':{'mnt':'new'}"),
            Arguments.of("-u", "'namespaces':{'uts':'new'}"),
            Arguments.of("--uts", "'namespaces':{'uts':'new'}"),
            Arguments.of("-i", "'namespaces':{'ipc':'new'}"),
            Arguments.of("--ipc", "'namespaces':{'ipc':'new'}"),
            Arguments.of("-n", "'namespaces':{'net':'new'}"),
            Arguments.of("--net", "'namespaces':{'net':'new'}"),
            Arguments.of("-p", "'namespaces':{'pid':'new'}"),
            Arguments.of("--pid", "'namespaces':{'pid':'new'}"),
            Arguments.of("-U", "'namespaces':{'user':'new'}"),
            Arguments.of("--user-ns", "'namespaces':{'user':'new'}"),
            Arguments.of("--user", "'namespaces':{'user':'new'}"),
            Arguments.of("-C", "'namespaces':{'cgroup':'new'}"),
            Arguments.of("--cgroup", "'namespaces':{'cgroup':'new'}"),
            Arguments.of("-T", "'namespaces':{'time':'new'}"),
            Arguments.of("--time", "'namespaces':{'time':'new'}"),
            Arguments.of("-muinpUCT", "'namespaces':{'user':'new','mnt':'new','pid':'new','net':'new','ipc':'new','uts':'new',"
                + "'cgroup':'new','time':'new'}"),
            Arguments.of("-p --fork --kill-child", "'namespaces':{'pid':'new'}"),
            Arguments.of("--join net=/run/netns/a", "'namespaces':{'net':{'join':'/run/netns/a'}}"),
            Arguments.of("--join mount=77 --join uts=78", "'namespaces':{'mnt':{'joinPid':77},'uts':{'joinPid':78}}"),
            Arguments.of("--persist net=/run/a --persist mount=/run/b",
                "'namespaces':{'net':'new','mnt':'new'},'pins':[{'kind':'net','path':'/run/a'},{'kind':'mnt','path':'/run/b'}]"),
            Arguments.of("-r", "'namespaces':{'user':'new'},'idMap':{'preset':'root'}"),
            Arguments.of("--map-root-user", "'namespaces':{'user':'new'},'idMap':{'preset':'root'}"),
            Arguments.of("-c", "'namespaces':{'user':'new'},'idMap':{'preset':'current'}"),
            Arguments.of("--map-current-user", "'namespaces':{'user':'new'},'idMap':{'preset':'current'}"),
            Arguments.of("--map-auto", "'namespaces':{'user':'new'},'idMap':{'preset':'auto'}"),
            Arguments.of("-r --map-auto", "'namespaces':{'user':'new'},'idMap':{'preset':'auto'}"),
            Arguments.of("--map-users auto --map-groups auto", "'namespaces':{'user':'new'},'idMap':{'preset':'auto'}"),
            Arguments.of("--map-users 0:100000:65536",
                "'namespaces':{'user':'new'},'idMap':{'users':[{'inside':0,'outside':100000,'count':65536}]}"),
            // util-linux has the outer id first
            Arguments.of("--map-groups 100000,0,65536",
                "'namespaces':{'user':'new'},'idMap':{'groups':[{'inside':0,'outside':100000,'count':65536}]}"),
            Arguments.of("--map-users 0:1234:1 --map-users 1:100000:10",
                "'namespaces':{'user':'new'},'idMap':{'users':[{'inside':0,'outside':1234,'count':1},"
                    + "{'inside':1,'outside':100000,'count':10}]}"),
            Arguments.of("-r --map-users 1:100000:10",
                "'namespaces':{'user':'new'},'idMap':{'users':[{'inside':0,'outside':1234,'count':1},"
                    + "{'inside':1,'outside':100000,'count':10}],'groups':[{'inside':0,'outside':5678,'count':1}]}"),
            Arguments.of("--map-user 7 --map-group=8", "'namespaces':{'user':'new'},"
                + "'idMap':{'users':[{'inside':7,'outside':1234,'count':1}],'groups':[{'inside':8,'outside':5678,'count':1}]}"),
            Arguments.of("-U --setgroups allow", "'namespaces':{'user':'new'},'idMap':{'setgroups':'allow'}"),
            Arguments.of("-m -p --no-proc", "'namespaces':{'mnt':'new','pid':'new'},'filesystem':{'proc':false}"),
            Arguments.of("--mount-proc -p", "'namespaces':{'pid':'new','mnt':'new'},'filesystem':{'proc':true}"),
            Arguments.of("--mount-sys -n", "'namespaces':{'net':'new','mnt':'new'},'filesystem':{'sys':true}"),
            Arguments.of("-m --propagation slave", "'namespaces':{'mnt':'new'},'filesystem':{'propagation':'slave'}"),
            Arguments.of("-u --hostname a --domainname b", "'namespaces':{'uts':'new'},'hostname':'a','domainname':'b'"),
            Arguments.of("-T --boottime 30d --monotonic -5s",
                "'namespaces':{'time':'new'},'timeOffsets':{'monotonic':'-5s','boottime':'30d'}"),
            Arguments.of("-T --boottime 86400 --monotonic=-1.5",
                "'namespaces':{'time':'new'},'timeOffsets':{'monotonic':'-1s500ms','boottime':'86400s'}"));
    }

    @ParameterizedTest
    @MethodSource("bareOptions")
    void namesNamespaces(String options, String fields) throws Exception {
        assertSpec("{'nsjob':1,'profile':'bare','command':['id','-u'],".replace('\'', '"') + fields.replace('\'', '"') + "}",
            assemble(null, options + " id -u"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "--name a; 'name':'a','command':['id']",
        "--profile isolated; 'profile':'isolated','command':['id']",
        "--profile bare; 'profile':'bare','command':['id']",
        "--hostname=a; 'command':['id'],'hostname':'a'",
        "--env A=b --env C; 'command':['id'],'environment':{'set':{'A':'b'},'pass':['C']}",
        "-E A=b=c; 'command':['id'],'environment':{'set':{'A':'b=c'},'pass':[]}",
        "-E A= ; 'command':['id'],'environment':{'set':{'A':''},'pass':[]}",
        "-E A=b -E A; 'command':['id'],'environment':{'set':{},'pass':['A']}",
        "-E A -E A=b; 'command':['id'],'environment':{'set':{'A':'b'},'pass':[]}",
        "--clear-env; 'command':['id'],'environment':{'clear':true}",
        "--cwd /x; 'command':['id'],'cwd':'/x'",
        "--root minimal; 'command':['id'],'filesystem':{'root':'minimal'}",
        "--bind /a:/b --bind=/c; 'command':['id'],'filesystem':{'binds':[{'source':'/a','target':'/b','readOnly':false},{'source':'/c','target':'/c','readOnly':false}]}",
        "--rootfs /srv/i,overlay=1m; 'command':['id'],'filesystem':{'root':'directory','rootfs':{'directory':'/srv/i','access':'overlay','size':1048576}}",
        "--rootfs /srv/i,kept=/s; 'command':['id'],'filesystem':{'root':'directory','rootfs':{'directory':'/srv/i','access':'overlayKept','upper':'/s'}}",
        "--overlay /srv; 'command':['id'],'filesystem':{'overlays':[{'lower':['/srv'],'target':'/srv'}]}",
        "--overlay /a:/b:/c:/m,size=1m; 'command':['id'],'filesystem':{'overlays':[{'size':1048576,'lower':['/a','/b','/c'],'target':'/m'}]}",
        "--overlay /a:/m,kept=/s --overlay=/x,y:/n; 'command':['id'],'filesystem':{'overlays':[{'upper':'/s','lower':['/a'],'target':'/m'},{'lower':['/x,y'],'target':'/n'}]}",
        "--rootfs /srv/i; 'command':['id'],'filesystem':{'root':'directory','rootfs':{'directory':'/srv/i'}}",
        "--chroot /nonexistent/../usr/; 'command':['id'],'filesystem':{'chroot':'/usr'}",
        "-R /nonexistent/x; 'command':['id'],'filesystem':{'chroot':'/nonexistent/x'}",
        "-UR /usr; 'profile':'bare','command':['id'],'namespaces':{'user':'new'},'filesystem':{'chroot':'/usr'}",
        "--workspace /srv --allow-suid-in-workspace; 'command':['id'],'filesystem':{'workspace':'/srv','allowSuidInWorkspace':true}",
        "--bind /a:/b,idmap --bind=/c,nosymfollow,idmap=try; 'command':['id'],'filesystem':{'binds':[{'source':'/a','target':'/b','readOnly':false,'idMap':true},{'source':'/c','target':'/c','readOnly':false,'idMap':'try','noSymfollow':true}]}",
        "--ro-bind /a:b:/c; 'command':['id'],'filesystem':{'binds':[{'source':'/a:b','target':'/c','readOnly':true}]}",
        "--ro-bind /a/../b; 'command':['id'],'filesystem':{'binds':[{'source':'/a/../b','target':'/b','readOnly':true}]}",
        "--bind-ro /a --bind-try /b; 'command':['id'],'filesystem':{'binds':[{'source':'/a','target':'/a','readOnly':true},{'source':'/b','target':'/b','readOnly':false,'optional':true}]}",
        "--bind-ro-try /a:/b,idmap; 'command':['id'],'filesystem':{'binds':[{'source':'/a','target':'/b','readOnly':true,'idMap':true,'optional':true}]}",
        "--profile build --workspace /usr/../usr; 'profile':'build','command':['id'],'filesystem':{'workspace':'/usr'}",
        "--workspace /nonexistent/x; 'command':['id'],'filesystem':{'workspace':'/nonexistent/x'}",
        "--network host; 'command':['id'],'namespaces':{'net':'inherit'}",
        "--network=none; 'command':['id'],'namespaces':{'net':'new'}",
        "--tmpfs /t:size=1m; 'command':['id'],'filesystem':{'tmpfs':[{'target':'/t','size':1048576}]}",
        "--file /x=/dev/null; 'command':['id'],'filesystem':{'files':[{'path':'/x','content':''}]}",
        "--tmpfs /t --tmpfs /u:2k; 'command':['id'],'filesystem':{'tmpfs':[{'target':'/t'},{'target':'/u','size':2048}]}",
        "--root minimal --add-file /x=/dev/null; 'command':['id'],'filesystem':{'root':'minimal','files':[{'path':'/x','content':''}]}",
        "--wd /x; 'command':['id'],'cwd':'/x'",
        "-w/x; 'command':['id'],'cwd':'/x'",
        "--user 7; 'command':['id'],'user':{'uid':7,'gid':7}",
        "--user 7:8; 'command':['id'],'user':{'uid':7,'gid':8}",
        "--user=7:8; 'command':['id'],'user':{'uid':7,'gid':8}",
        "-S 7; 'command':['id'],'user':{'uid':7,'gid':7}",
        "-S 7 -G 8; 'command':['id'],'user':{'uid':7,'gid':8}",
        "--umask 22; 'command':['id'],'umask':'022'",
        "--umask 0027; 'command':['id'],'umask':'0027'",
        "--as-pid-1; 'command':['id'],'asPid1':true",
        "-t; 'command':['id'],'terminal':true",
        "--tty; 'command':['id'],'terminal':true",
        "--no-tty; 'command':['id'],'terminal':false",
        "--new-session; 'command':['id'],'newSession':true",
        "--no-new-privs; 'command':['id'],'noNewPrivileges':true",
        "--keep-caps; 'command':['id'],'capabilities':'keep'",
        "--cap-add net_raw --cap-add CAP_CHOWN,KILL --cap-drop all; 'command':['id'],'capabilities':{'add':['NET_RAW','CHOWN','KILL'],'drop':['ALL']}",
        "--keep-caps --cap-drop SYS_ADMIN; 'command':['id'],'capabilities':{'add':['ALL'],'drop':['SYS_ADMIN']}",
        "--new-keyring --allow-nesting --landlock=off; 'command':['id'],'newKeyring':true,'allowNestedUserNamespaces':true,'landlock':'off'",
        "--seccomp none; 'command':['id'],'seccomp':'none'",
        "--seccomp=default --seccomp-log; 'command':['id'],'seccomp':'default','seccompLog':true",
        "--timeout 5; 'command':['id'],'limits':{'wallTime':'5s'}",
        "--timeout 1m30s; 'command':['id'],'limits':{'wallTime':'1m30s'}",
        "--timeout .25; 'command':['id'],'limits':{'wallTime':'0s250ms'}",
        "--kill-grace 250ms; 'command':['id'],'limits':{'killGrace':'250ms'}",
        "--output-limit 64k; 'command':['id'],'limits':{'output':'65536'}",
        "--cpu-time 1.5; 'command':['id'],'limits':{'cpuTime':'1s500ms'}",
        "--output-limit 1k --output-action kill; 'command':['id'],'limits':{'output':'1024','outputAction':'kill'}",
        "--output-action truncate; 'command':['id'],'limits':{'outputAction':'truncate'}",
        "--collect /work/out --collect /a/b:c/d; 'command':['id'],'collect':[{'from':'/work/out','to':'out'},{'from':'/a/b','to':'c/d'}]",
        "--rlimit nofile=256 --rlimit=core=0:unlimited --rlimit nofile=9; 'command':['id'],'rlimits':{'nofile':'9','core':'0:unlimited'}",
        "--memory 64m --swap 0 --pids 10 --cpus 1.5 --cpu-weight 20 --strict; 'command':['id'],'limits':{'memory':'67108864','swap':'0',"
            + "'pids':10,'cpus':1.5,'cpuWeight':20,'strict':true}",
        "--memory unlimited --pids=unlimited --cpuset-cpus 0-1 --cpuset-mems 0; 'command':['id'],'limits':{'memory':'unlimited',"
            + "'pids':'unlimited','cpuset':{'cpus':'0-1','mems':'0'}}",
        "--io /dev/vda,read-bps=1m,write-iops=20 --io 7:0,read-iops=1 --io-weight 50; 'command':['id'],'limits':{'ioWeight':50,'io':["
            + "{'device':'/dev/vda','readBps':'1048576','writeIops':'20'},{'device':'7:0','readIops':'1'}]}",
        "--nice -5; 'command':['id'],'nice':-5",
        "--nice=+19; 'command':['id'],'nice':19",
        "--ionice idle; 'command':['id'],'ionice':{'class':'idle'}",
        "--ionice best-effort:7; 'command':['id'],'ionice':{'class':'best-effort','level':7}",
        "--cpu-affinity 0-1,3; 'command':['id'],'cpuAffinity':'0-1,3'",
        "--oom-score-adj 1000; 'command':['id'],'oomScoreAdj':1000",
        "--timeout 5 --timeout 6; 'command':['id'],'limits':{'wallTime':'6s'}",
        "--report x --table --verbose --dry-run --debug --stdin y; 'command':['id']",
    })
    void keepsTheDefaultProfile(String options, String fields) throws Exception {
        assertSpec(("{'nsjob':1," + fields + "}").replace('\'', '"'), assemble(null, options + " id"));
    }

    @Test
    void seccompReadsAFile(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("profile.json");
        Files.writeString(file, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
            + "\"action\":\"SCMP_ACT_LOG\",\"args\":null}]}");
        assertSpec("{\"nsjob\":1,\"command\":[\"id\"],\"seccomp\":" + Files.readString(file) + "}",
            assemble(null, "--seccomp " + file + " id"));
        Files.writeString(file, "{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}");
        InvalidSpecException wrong = assertThrows(InvalidSpecException.class, () -> assemble(null, "--seccomp " + file + " id"));
        assertTrue(wrong.getMessage().contains("$.seccomp.defaultAction"), wrong.getMessage());
        UsageException missing = assertThrows(UsageException.class, () -> assemble(null, "--seccomp /no/such id"));
        assertTrue(missing.getMessage().contains("no such file; words are default and none"), missing.getMessage());
    }

    private static Map<String, Object> interactive(Map<String, Object> base, boolean keyboard, boolean all, String line) throws Exception {
        Map<String, Object> spec = assemble(base, line);
        TerminalOptions.byDefault(RunLine.parse(line.split(" ")), keyboard, all, spec);
        return spec;
    }

    @Test
    void aTerminalGoesWithoutSayingWhereSomebodySitsAtOne() throws Exception {
        for (String asked : List.of("id", "--profile isolated id", "--profile build id")) {
            assertEquals(true, interactive(null, true, true, asked).get("terminal"), asked);
            assertEquals(null, interactive(null, true, false, asked).get("terminal"), asked);
            assertEquals(null, interactive(null, false, false, asked).get("terminal"), asked);
            assertFalse(interactive(null, true, true, asked).containsKey("limits"), asked);
        }
        for (String other : List.of("-m id", "--profile bare id", "--new-session id", "--stdin x id")) {
            assertEquals(null, interactive(null, true, true, other).get("terminal"), other);
        }
        assertEquals(false, interactive(null, true, true, "--no-tty id").get("terminal"));
        Map<String, Object> off = Redaction.cast(JsonTree.parse("{\"nsjob\":1,\"terminal\":false}"));
        assertEquals(false, interactive(off, true, true, "-f x id").get("terminal"));
        assertEquals(true, interactive(off, true, true, "-f x -t id").get("terminal"));
        Map<String, Object> sized = Redaction.cast(JsonTree.parse("{\"nsjob\":1,\"terminal\":{\"rows\":9,\"columns\":9}}"));
        assertEquals(sized.get("terminal"), interactive(sized, true, true, "-f x -t id").get("terminal"));
    }

    @Test
    void whoAsksForATerminalAndSitsThereHasTime() throws Exception {
        assertEquals("{wallTime=12h, cpuTime=1h}", interactive(null, true, false, "-t id").get("limits").toString());
        assertEquals("{wallTime=5s, cpuTime=1h}", interactive(null, true, true, "-t --timeout 5 id").get("limits").toString());
        for (String other : List.of("id", "-m -t id", "-t --stdin x id")) {
            assertFalse(interactive(null, true, true, other).containsKey("limits"), other);
        }
        assertFalse(interactive(null, false, false, "-t id").containsKey("limits"));
    }

    @Test
    void everyOptionIsTriedHere() {
        String tried = bareOptions().map(a -> (String) a.get()[0]).reduce("", (a, b) -> a + " " + b)
            + " -muinpUCT --name --profile --env --clear-env --cwd --user --setuid --setgid --umask --as-pid-1 --tty --no-tty --new-session"
            + " --no-new-privs --keep-caps --cap-add --cap-drop --new-keyring --allow-nesting --landlock --seccomp --seccomp-log --timeout --kill-grace --output-limit --cpu-time --output-action --rlimit --nice"
            + " --memory --swap --pids --cpus --cpu-weight --cpuset-cpus --cpuset-mems --io --io-weight --strict"
            + " --ionice --cpu-affinity"
            + " --oom-score-adj --report --table --verbose --dry-run --debug"
            + " --stdin --spec --help --root --bind --bind-ro --bind-try --bind-ro-try --workspace --network --tmpfs --file --collect --allow-suid-in-workspace --rootfs --overlay --chroot ";
        for (RunOption option : RunOption.values()) {
            assertTrue(option.section == RunOption.Section.EXEC || (tried + " ").contains(option.longName()), option.longName());
        }
    }

    @Test
    void commandIsLeftAlone() throws Exception {
        for (String rest : new String[] {"echo -m --hostname x -- y", "echo @file", "-- -m", "echo --help", "echo a=b -Z"}) {
            String[] words = ("-m " + rest).split(" ");
            String[] expected = rest.replaceFirst("^-- ", "").split(" ");
            assertEquals(java.util.List.of(expected), RunLine.parse(words).command(), rest);
        }
        assertEquals(java.util.List.of("echo", "", " a b ", "\"q\"", "$x", "한국어"),
            RunLine.parse("-m", "--", "echo", "", " a b ", "\"q\"", "$x", "한국어").command());
    }

    @Test
    void shellIsTheCommandOfBareRuns() throws Exception {
        assertSpec("{\"nsjob\":1,\"profile\":\"bare\",\"command\":[\"/bin/shell\"],\"namespaces\":{\"mnt\":\"new\"}}", assemble(null, "-m"));
        assertThrows(UsageException.class, () -> assemble(null, "--timeout 5"));
        assertThrows(UsageException.class, () -> assemble(null, "--profile bare"));
    }

    @Test
    void lineOverridesTheFile() throws Exception {
        Map<String, Object> base = Redaction.cast(JsonTree.parse("{\"nsjob\":1,\"profile\":\"isolated\",\"command\":[\"a\"],"
            + "\"namespaces\":{\"net\":\"inherit\"},\"environment\":{\"set\":{\"A\":\"1\",\"B\":\"2\"}},\"limits\":{\"wallTime\":\"1s\"}}"));
        String before = JsonTree.compact(base);
        assertSpec("{\"nsjob\":1,\"profile\":\"isolated\",\"command\":[\"b\",\"-x\"],"
            + "\"namespaces\":{\"net\":\"new\",\"time\":\"new\"},\"environment\":{\"set\":{\"A\":\"1\",\"B\":\"3\"},\"pass\":[]},"
            + "\"limits\":{\"wallTime\":\"9s\"}}", assemble(base, "-f x -nT --env B=3 --timeout 9 b -x"));
        assertEquals(before, JsonTree.compact(base), "the file's own document was changed");
        assertSpec(before, assemble(base, "-f x"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--nope x | unknown option --nope",
        "--hostnam x | did you mean --hostname?",
        "-Z x | unknown option -Z",
        "-mZ x | unknown option",
        "--hostname | option --hostname needs a value: NAME",
        "--profile strict x | --profile: 'strict' is not one of isolated, bare, build",
        "--profile isolate x | did you mean isolated?",
        "--join net x | --join: 'net' is not KIND=PATH",
        "--join nte=/x x | did you mean net?",
        "--join net=x x | an absolute path or a process id",
        "--network x x | --network: 'x' is not one of none, host",
        "-n --network host x | --network and --net exclude each other",
        "-n --join net=/x x | cannot be both new and joined",
        "-r --join user=/x x | ids can be mapped in a new user namespace only",
        "-rc x | --map-root-user excludes",
        "-c --map-user 5 x | --map-current-user excludes",
        "-c --map-auto x | an automatic map",
        "--map-users 1:2 x | --map-users: '1:2' is not INSIDE:OUTSIDE:COUNT",
        "--map-users 0:4294967295:1 x | is not a number from 0 to 4294967294",
        "--setgroups maybe x | is not one of allow, deny",
        "--propagation x x | is not one of private, slave, shared, unchanged",
        "--root mini x | --root: 'mini' is not one of host, minimal, readonly-host",
        "--bind :/x x | --bind: ':/x' is not SRC",
        "--tmpfs /t:1x x | --tmpfs: '1x' is not a size",
        "--add-file /x x | --file: '/x' is not DST=SRC",
        "--file /x=/nonexistent x | --file: cannot read /nonexistent",
        "--timeout -1 x | --timeout: '-1' is not a time",
        "--timeout 5x x | --timeout: '5x' is not a time",
        "--boottime x x | --boottime: 'x' is not an offset",
        "--output-limit -1 x | is not a size",
        "--collect out x | an absolute SRC",
        "--collect /out: x | an absolute SRC",
        "--output-action stop x | is not one of truncate, kill",
        "--rlimit nofile x | is not NAME=SOFT",
        "--rlimit nofiles=1 x | did you mean nofile?",
        "--rlimit nofile= x | is not NAME=SOFT",
        "--memory lots x | is not a size",
        "--pids 0 x | a number from 1 to",
        "--cpus half x | is not a number of processors",
        "--cpu-weight 10001 x | a number from 1 to 10000",
        "--io /dev/vda,bps=1 x | with the keys read-bps",
        "--io /dev/vda,read-bps=fast x | is not a size",
        "--nice 20 x | a number from -20 to 19",
        "--nice low x | a number from -20 to 19",
        "--ionice fast x | is not one of idle, best-effort, realtime",
        "--ionice best-effort:8 x | a level from 0 to 7",
        "--oom-score-adj 1001 x | a number from -1000 to 1000",
        "--cpu-time never x | is not a time",
        "--umask 8 x | is not an octal number",
        "-G 7 x | --setgid needs --setuid",
        "--user=root x | --user: 'root' is not a number",
        "--env =secret x | --env: a variable needs a name",
        "--overlay a:b x | with an absolute DST",
        "--overlay :/m x | with an absolute DST",
        "--overlay /a:/m,size=x x | is not a size",
        "--overlay /a:/m,kept= x | --overlay: '' is not a path",
        "--rootfs= x | --rootfs: '' is not a path",
        "--rootfs ,overlay x | --rootfs: '' is not a path",
        "--rootfs /i,kept= x | --rootfs: '' is not a path",
        "--chroot= x | --chroot: '' is not a path",
        "--workspace= x | --workspace: '' is not a path",
        "-t --no-tty x | --tty excludes --no-tty",
        "-t 5m -- x | a time limit is --timeout 5m",
        "--table=1 x | --table",
        "--name x | no command given",
    })
    void saysWhatIsWrongInOneLine(String line, String message) {
        UsageException e = assertThrows(UsageException.class, () -> assemble(null, line));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertTrue(e.getMessage().startsWith("run: "), e.getMessage());
        assertEquals(-1, e.getMessage().indexOf('\n'), e.getMessage());
        assertEquals(-1, e.getMessage().indexOf("secret"), e.getMessage());
    }
}
