package io.nsjob.internal.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.Seccomp;
import io.nsjob.internal.seccomp.Action;
import io.nsjob.internal.seccomp.Architecture;
import io.nsjob.internal.seccomp.Condition;
import io.nsjob.internal.seccomp.FilterProfile;
import io.nsjob.internal.seccomp.Rule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeccompReaderTest {
    private static FilterProfile read(String json) {
        return SeccompReader.read(json.replace('\'', '"'), Architecture.X86_64);
    }

    private static List<Rule> rules(String rule) {
        return read("{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[" + rule + "]}").rules();
    }

    /** What Docker, Podman and runc write, empty and null fields included. */
    @Test
    void theFormOfContainersIsRead() {
        FilterProfile profile = read("{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,'defaultErrno':'ENOSYS',"
            + "'architectures':['SCMP_ARCH_X86_64'],'flags':['SECCOMP_FILTER_FLAG_LOG'],"
            + "'archMap':[{'architecture':'SCMP_ARCH_X86_64','subArchitectures':['SCMP_ARCH_X86','SCMP_ARCH_X32']}],"
            + "'syscalls':[{'names':['read','write'],'action':'SCMP_ACT_ALLOW','args':null,'comment':'','includes':{},"
            + "'excludes':{}},{'name':'clone','action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':2114060288,'valueTwo':0,"
            + "'op':'SCMP_CMP_MASKED_EQ'}]},{'names':['kill'],'action':'SCMP_ACT_ERRNO','errno':'EACCES'},"
            + "{'names':['tkill'],'action':'SCMP_ACT_KILL'}]}");
        assertEquals(Action.errno(38), profile.defaultAction());
        assertTrue(profile.log());
        assertEquals(List.of(
            new Rule(List.of("read", "write"), Action.ALLOW, List.of()),
            new Rule(List.of("clone"), Action.ALLOW, List.of(
                new Condition(0, Condition.Op.MASKED_EQ, 2114060288L, 0, false))),
            new Rule(List.of("kill"), Action.errno(13), List.of()),
            new Rule(List.of("tkill"), Action.KILL_THREAD, List.of())), profile.rules());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "true  | 'includes':{'arches':['amd64']}",
        "true  | 'includes':{'arches':['arm64','x86_64']}",
        "false | 'includes':{'arches':['arm64']}",
        "false | 'excludes':{'arches':['amd64']}",
        "false | 'includes':{'caps':['CAP_SYS_ADMIN']}",
        "true  | 'excludes':{'caps':['CAP_SYS_ADMIN']}",
        "true  | 'includes':{'minKernel':'4.8'}",
        "false | 'includes':{'minKernel':'4000.0'}",
        "false | 'excludes':{'minKernel':'4.8'}",
        "false | 'includes':{'minKernel':'4.8','caps':['CAP_BPF']}",
    })
    void includesAndExcludes(boolean applies, String fields) {
        assertEquals(applies, !rules("{'names':['mount'],'action':'SCMP_ACT_ALLOW'," + fields + "}").isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "$.seccomp.defaultAction: is required | {}",
        "$.seccomp: must be an object | []",
        "$.seccomp: not JSON | {",
        "$.seccomp.defaultAction: must be one of | {'defaultAction':'SCMP_ACT_NOTIFY'}",
        "$.seccomp.defaultErrnoRet: must be 0 to 4095 | {'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4096}",
        "$.seccomp.defaultErrnoRet: only goes with | {'defaultAction':'SCMP_ACT_ALLOW','defaultErrnoRet':1}",
        "$.seccomp.listenerPath: unknown field | {'defaultAction':'SCMP_ACT_ALLOW','listenerPath':'/x'}",
        "$.seccomp.flags[0]: is not supported | {'defaultAction':'SCMP_ACT_ALLOW','flags':['SECCOMP_FILTER_FLAG_SPEC_ALLOW']}",
        "$.seccomp.syscalls: must be an array | {'defaultAction':'SCMP_ACT_ALLOW','syscalls':{}}",
    })
    void mistakesAreNamedByTheirPath(String start, String json) {
        assertRefused(start, json);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        ".action: is required | 'names':['read']",
        ".action: must be one of | 'names':['read'],'action':'SCMP_ACT_TRACE'",
        ".names: must name at least one | 'action':'SCMP_ACT_ALLOW'",
        ".names[0]: must be a string | 'names':[1],'action':'SCMP_ACT_ALLOW'",
        ".errno: is not a name | 'names':['read'],'action':'SCMP_ACT_ERRNO','errno':'EWHAT'",
        ".priority: unknown field | 'names':['read'],'action':'SCMP_ACT_ALLOW','priority':1",
        ".includes.minKernel: must be MAJOR.MINOR | 'names':['read'],'action':'SCMP_ACT_ALLOW','includes':{'minKernel':'new'}",
        ".args[0].index: must be 0 to 5 | 'names':['read'],'action':'SCMP_ACT_ALLOW',"
            + "'args':[{'index':6,'value':0,'op':'SCMP_CMP_EQ'}]",
        ".args[0].op: must be one of | 'names':['read'],'action':'SCMP_ACT_ALLOW','args':[{'index':1,'value':0,'op':'EQ'}]",
        ".args[0].value: must be an integer | 'names':['read'],'action':'SCMP_ACT_ALLOW',"
            + "'args':[{'index':1,'value':-1,'op':'SCMP_CMP_EQ'}]",
        ".args[0].valueTwo: has bits | 'names':['read'],'action':'SCMP_ACT_ALLOW','args':[{'index':1,'value':1,'valueTwo':2,"
            + "'op':'SCMP_CMP_MASKED_EQ'}]",
        ".args[0].value: does not fit the 32 bits of argument 1 of ioctl | 'names':['ioctl'],'action':'SCMP_ACT_ALLOW',"
            + "'args':[{'index':1,'value':4294967296,'op':'SCMP_CMP_EQ'}]",
        ".args[1].index: is compared twice | 'names':['read'],'action':'SCMP_ACT_ALLOW','args':[{'index':1,'value':1,"
            + "'op':'SCMP_CMP_EQ'},{'index':1,'value':2,'op':'SCMP_CMP_EQ'}]",
    })
    void mistakesInARuleAreNamedByTheirPath(String start, String rule) {
        assertRefused("$.seccomp.syscalls[0]" + start, "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{" + rule + "}]}");
    }

    private static void assertRefused(String start, String json) {
        InvalidSpecException e = assertThrows(InvalidSpecException.class, () -> read(json));
        assertTrue(e.violations().stream().anyMatch(line -> line.startsWith(start)), e.violations().toString());
    }

    @Test
    void sixtyFourBitsAreRead() {
        List<Rule> rules = rules("{'names':['read'],'action':'SCMP_ACT_ALLOW','args':[{'index':2,"
            + "'value':18446744073709551615,'op':'SCMP_CMP_NE'}]}");
        assertEquals(-1, rules.get(0).conditions().get(0).value());
    }

    @Test
    void aProfileSurvivesTheJobSpec() {
        String profile = "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_LOG\","
            + "\"args\":[{\"index\":2,\"value\":18446744073709551615,\"op\":\"SCMP_CMP_NE\"}],\"comment\":null}]}";
        for (Seccomp seccomp : List.of(Seccomp.DEFAULT, Seccomp.NONE, Seccomp.profile(profile))) {
            JobSpec spec = JobSpec.isolated().command("true").seccomp(seccomp).build();
            JobSpec again = JobSpec.fromJson(spec.toJson());
            assertEquals(spec, again);
            assertEquals(seccomp, again.seccomp().orElseThrow());
            assertEquals(seccomp, again.toBuilder().build().seccomp().orElseThrow());
        }
        assertEquals(profile, Seccomp.profile(profile).profileJson().orElseThrow());
    }
}
