package io.nsjob.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.nsjob.Capabilities;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.Seccomp;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SeccompPlanTest extends WithCompiler {
    private static final String NO_FILTER = "system calls: no seccomp filter";

    private CompiledPlan compile(JobSpec.Builder spec) {
        return PlanCompiler.compile(spec.command("true").build(), host.facts(),
            new PlanCompiler.Start(false, List.of(), false, "/run/nsjob/ids", "made-up"));
    }

    private JsonObject process(JobSpec.Builder spec) {
        return new Gson().fromJson(compile(spec).wire(), JsonObject.class).getAsJsonObject("process");
    }

    private static void assertRefused(String start, Executable what) {
        List<String> violations = assertThrows(InvalidSpecException.class, what).violations();
        assertTrue(violations.stream().anyMatch(violation -> violation.startsWith(start)), violations.toString());
    }

    @Test
    void isolatedHasAFilterAndBareHasNone() {
        assertFalse(process(JobSpec.bare()).has("seccomp"));
        assertFalse(process(JobSpec.isolated().seccomp(Seccomp.NONE)).has("seccomp"));
        JsonObject filter = process(JobSpec.isolated()).getAsJsonObject("seccomp");
        assertFalse(filter.get("log").getAsBoolean());
        assertEquals(0, Base64.getDecoder().decode(filter.get("filter").getAsString()).length % 8);
        JsonObject bare = process(JobSpec.bare().seccomp(Seccomp.DEFAULT).seccompLog(true));
        assertEquals(filter.get("filter"), bare.getAsJsonObject("seccomp").get("filter"));
        assertTrue(bare.getAsJsonObject("seccomp").get("log").getAsBoolean());
        assertTrue(bare.get("noNewPrivs").getAsBoolean(), "a filter needs it");
        assertFalse(process(JobSpec.bare().seccomp(Seccomp.DEFAULT).noNewPrivileges(false)).get("noNewPrivs").getAsBoolean());
    }

    @Test
    void lessThanTheListIsSaidSo() {
        assertTrue(compile(JobSpec.isolated().seccomp(Seccomp.NONE)).weakened().contains(NO_FILTER));
        assertFalse(compile(JobSpec.isolated()).weakened().contains(NO_FILTER));
        Seccomp allowing = Seccomp.profile("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"]}");
        CompiledPlan own = compile(JobSpec.isolated().seccomp(allowing));
        assertTrue(own.weakened().contains("system calls: a profile of the caller's own"), own.weakened().toString());
        assertTrue(own.wire().contains("\"log\":true"), own.wire());
        assertEquals(List.of(), compile(JobSpec.bare().seccomp(allowing)).weakened());
    }

    @Test
    void whatCouldNotStartIsRefused() {
        assertRefused("$.seccomp: a filter needs noNewPrivileges", JobSpec.isolated().noNewPrivileges(false)::build);
        assertRefused("$.seccomp: a filter needs noNewPrivileges", JobSpec.bare().seccomp(Seccomp.DEFAULT).noNewPrivileges(false)
            .capabilities(Capabilities.NONE)::build);
        JobSpec.isolated().noNewPrivileges(false).capabilities(Capabilities.KEEP).build();
        JobSpec.isolated().noNewPrivileges(false).seccomp(Seccomp.NONE).build();
        assertRefused("$.seccomp: forbids sendmsg, recvmsg, rt_sigaction, rt_sigprocmask, clock_gettime, brk, execve, exit_group",
            () -> Seccomp.profile("{\"defaultAction\":\"SCMP_ACT_ERRNO\"}"));
        StringBuilder rules = new StringBuilder();
        for (int i = 0; i < 1500; i++) {
            rules.append(i == 0 ? "" : ",").append("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",")
                .append("\"args\":[{\"index\":2,\"value\":").append(i).append(",\"op\":\"SCMP_CMP_EQ\"}]}");
        }
        String tooLong = "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" + rules + "]}";
        assertRefused("$.seccomp: is ", () -> Seccomp.profile(tooLong));
    }

    /** Many profiles: none is kept for ever, and each is compiled again when it is gone. */
    @Test
    void profilesAreKeptApart() {
        for (int round = 0; round < 2; round++) {
            for (int errno = 1; errno <= 70; errno++) {
                Seccomp profile = Seccomp.profile("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mount\"],"
                    + "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":" + errno + "}]}");
                byte[] code = Base64.getDecoder().decode(process(JobSpec.isolated().seccomp(profile))
                    .getAsJsonObject("seccomp").get("filter").getAsString());
                boolean found = false;
                for (int i = 0; i < code.length; i += 8) {
                    found |= code[i] == 6 && code[i + 4] == errno && code[i + 6] == 5;
                }
                assertTrue(found, "errno " + errno);
            }
        }
    }
}
