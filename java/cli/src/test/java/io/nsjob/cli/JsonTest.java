package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "{}", "[]", "\"a\"", "{\"a\":{\"b\":[1,2.50,true,false,null,\"한국어<>&'\"]},\"c\":9007199254740993}", "{\"a\":\"\\u0001\\\\\"}",
    })
    void sameAfterReadingAndWriting(String json) throws IOException {
        assertEquals(json, JsonTree.compact(JsonTree.parse(json)));
        assertEquals(json, JsonTree.compact(JsonTree.parse(JsonTree.pretty(JsonTree.parse(json)))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{} {}", "{'a':1}", "{a:1}", "[1,]", "{\"a\":1,}", "// x\n{}", "nul"})
    void refuses(String json) {
        assertThrows(IOException.class, () -> JsonTree.parse(json));
    }

    @Test
    void specKeepsNamesOfVariablesOnly() throws IOException {
        Map<String, Object> spec = Redaction.cast(JsonTree.parse(
            "{\"command\":[\"a\"],\"environment\":{\"clear\":true,\"set\":{\"A\":\"geheim\",\"B\":\"\"},\"pass\":[\"C\"]}}"));
        assertEquals("{\"command\":[\"a\"],\"environment\":{\"clear\":true,\"set\":{\"A\":\"(hidden)\",\"B\":\"(hidden)\"},\"pass\":[\"C\"]}}",
            JsonTree.compact(Redaction.spec(spec)));
        assertEquals("{}", JsonTree.compact(Redaction.spec(Map.of())));
    }

    @Test
    void planKeepsNamesOfVariablesOnly() throws IOException {
        Map<String, Object> plan = Redaction.cast(JsonTree.parse(
            "{\"job\":\"a\",\"process\":{\"argv\":[\"x=y\"],\"env\":[\"A=geheim=1\",\"B=\",\"odd\"]}}"));
        assertEquals("{\"job\":\"a\",\"process\":{\"argv\":[\"x=y\"],\"env\":[\"A=(hidden)\",\"B=(hidden)\",\"odd\"]}}",
            JsonTree.compact(Redaction.plan(plan)));
    }

    @Test
    void somethingUnexpectedIsHiddenAltogether() throws IOException {
        Map<String, Object> odd = Redaction.cast(JsonTree.parse("{\"environment\":\"geheim\",\"process\":[\"geheim\"]}"));
        assertFalse(JsonTree.compact(Redaction.spec(odd)).contains("environment\":\"geheim"));
        assertFalse(JsonTree.compact(Redaction.plan(odd)).contains("process\":[\"geheim"));
    }
}
