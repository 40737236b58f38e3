package io.nsjob.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a helper says about a job of which nothing special is to be told. */
public final class SampleEvents {
    /** The report. */
    public static final String PREPARED = "{\"pid\":{\"host\":80,\"inside\":2,\"init\":79},\"namespaces\":{" + kind("user") + ","
        + kind("mnt") + "," + kind("pid") + "," + kind("net") + "," + kind("ipc") + "," + kind("uts") + "," + kind("cgroup") + ","
        + "\"time\":{\"inode\":1,\"device\":4,\"host\":1,\"hostDevice\":4,\"mode\":\"inherit\",\"isolated\":false}},"
        + "\"idMaps\":{\"uid\":[{\"inside\":0,\"outside\":524288,\"count\":65536}],\"gid\":[],\"setgroups\":\"deny\"},"
        + "\"credentials\":{\"uid\":{\"inside\":1000,\"outside\":525288},\"gid\":{\"inside\":null,\"outside\":7},\"groups\":[4,27],"
        + "\"capabilities\":{\"inheritable\":\"0\",\"permitted\":\"0\",\"effective\":\"0\",\"bounding\":\"0\",\"ambient\":\"0\"},"
        + "\"noNewPrivs\":true,\"seccomp\":0},\"stages\":[{\"name\":\"clone\",\"micros\":210}]}";
    /** Exec is proven. */
    public static final String STARTED = "{\"stages\":[{\"name\":\"exec\",\"micros\":95}]}";
    /** The end by itself. */
    public static final String EXITED = "{\"exit\":{\"code\":3},\"wallMillis\":1200}";
    /** The last frame. */
    public static final String USAGE = "{\"wallMillis\":1300,\"userMicros\":500,\"systemMicros\":400,\"maxRssBytes\":1048576,"
        + "\"minorFaults\":90,\"majorFaults\":0}";

    private SampleEvents() {
    }

    private static String kind(String name) {
        return "\"" + name + "\":{\"inode\":2,\"device\":4,\"host\":1,\"hostDevice\":4,\"mode\":\"new\",\"isolated\":true}";
    }

    /** The first frame. */
    public static String hello(int protocol, String secret) {
        return "{\"protocol\":" + protocol + ",\"version\":\"0.1.0\",\"secret\":\"" + secret + "\",\"pid\":71,\"features\":[]}";
    }

    /** One frame. */
    public static byte[] frame(int type, String body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] utf8 = body.getBytes(StandardCharsets.UTF_8);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(utf8.length);
            out.writeByte(type);
            out.write(utf8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Everything, from hello to usage. */
    public static byte[] conversation(String secret) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(frame(65, hello(1, secret)));
        bytes.writeBytes(frame(66, PREPARED));
        bytes.writeBytes(frame(67, STARTED));
        bytes.writeBytes(frame(68, EXITED));
        bytes.writeBytes(frame(69, USAGE));
        return bytes.toByteArray();
    }

    /** The body of a signal frame. */
    public static Map<String, Object> signal(int number) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("signal", number);
        body.put("group", false);
        return body;
    }
}
