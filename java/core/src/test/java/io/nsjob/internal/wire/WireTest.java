package io.nsjob.internal.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.JobTerminal;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceReport;
import io.nsjob.Outcome;
import io.nsjob.TerminalSize;
import io.nsjob.testing.SampleEvents;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireTest {

    private static List<Event> readAll(byte[] bytes) throws IOException {
        FrameReader reader = new FrameReader(Channels.newChannel(new ByteArrayInputStream(bytes)), FrameType.Direction.TO_JAVA);
        List<Event> events = new ArrayList<>();
        for (Optional<Frame> frame = reader.read(); frame.isPresent(); frame = reader.read()) {
            events.add(EventReader.read(frame.get()));
        }
        return events;
    }

    private static Event event(FrameType type, String json) throws IOException {
        return EventReader.read(new Frame(type, json.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void framesAreWrittenAsTheProtocolSays() throws IOException {
        byte[] golden = {0, 0, 0, 29, 4, '{', '"', 's', 'i', 'g', 'n', 'a', 'l', '"', ':', '1', '5', ',', '"', 'g', 'r', 'o', 'u', 'p',
            '"', ':', 'f', 'a', 'l', 's', 'e', '}'};
        golden[3] = (byte) (golden.length - 5);
        ByteBuffer bytes = Frame.of(FrameType.SIGNAL, new LinkedHashMap<>(SampleEvents.signal(15))).encode();
        assertArrayEquals(golden, Arrays.copyOf(bytes.array(), bytes.limit()));
        assertArrayEquals(new byte[] {0, 0, 0, 0, 3}, Frame.empty(FrameType.RELEASE).encode().array());
    }

    @Test
    void framesOverTheirMaximumAreNotSent() {
        assertThrows(ProtocolException.class, () -> new Frame(FrameType.PLAN, new byte[(1 << 20) + 1]).encode());
        assertThrows(ProtocolException.class, () -> new Frame(FrameType.RELEASE, new byte[1]).encode());
        assertThrows(ProtocolException.class, () -> Frame.of(FrameType.CANCEL, Map.of("x", "y".repeat(4096))).encode());
    }

    @Test
    void aWholeConversationIsRead() throws IOException {
        List<Event> events = readAll(SampleEvents.conversation("ab".repeat(32)));
        assertEquals(5, events.size());
        Event.Hello hello = (Event.Hello) events.get(0);
        assertEquals(1, hello.protocol());
        assertFalse(hello.toString().contains("abab"), "the secret");
        Event.Prepared prepared = (Event.Prepared) events.get(1);
        assertEquals(80, prepared.hostPid());
        assertEquals(2, prepared.insidePid());
        assertEquals(OptionalLong.of(79), prepared.initPid());
        assertEquals(8, prepared.namespaces().all().size());
        NamespaceReport.Entry net = prepared.namespaces().get(NamespaceKind.NET);
        assertEquals(NamespaceReport.Mode.NEW, net.mode());
        assertTrue(net.isolated());
        assertEquals(OptionalLong.of(1000), prepared.credentials().uid().inside());
        assertEquals(OptionalLong.empty(), prepared.credentials().gid().inside());
        assertEquals(List.of(4L, 27L), prepared.credentials().groups());
        assertEquals(List.of("inheritable", "permitted", "effective", "bounding", "ambient"),
            List.copyOf(prepared.credentials().capabilities().keySet()));
        assertEquals("deny", prepared.setgroups());
        assertEquals(new Outcome.Exited(3), ((Event.Exited) events.get(3)).end());
        assertEquals(1_048_576, ((Event.Used) events.get(4)).maxRssBytes());
    }

    @Test
    void aTerminalIsReadWithOrWithoutTheCallers() throws IOException {
        Event.Prepared without = (Event.Prepared) event(FrameType.PREPARED, SampleEvents.PREPARED);
        assertEquals(Optional.empty(), without.terminal());
        assertEquals("", without.savedModes());
        String body = SampleEvents.PREPARED.replaceFirst("\\{", "{\"terminal\":{\"rows\":24,\"columns\":80,\"pts\":3,\"saved\":\"00ff\"},");
        Event.Prepared with = (Event.Prepared) event(FrameType.PREPARED, body);
        assertEquals(Optional.of(new JobTerminal(new TerminalSize(24, 80), 3)), with.terminal());
        assertEquals("00ff", with.savedModes());
        assertThrows(ProtocolException.class, () -> event(FrameType.PREPARED, body.replace("24", "0")));
        Event.Exited hungUp = (Event.Exited) event(FrameType.EXITED,
            "{\"exit\":{\"signal\":9},\"cause\":\"hangup\",\"wallMillis\":1}");
        assertEquals(Optional.of(Event.Cause.HANGUP), hungUp.cause());
    }

    /** However a peer is cut off, what comes is an exception or fewer events: never a hang, never anything else. */
    @Test
    void truncationAtEveryByteIsAnEndOrAProtocolException() throws IOException {
        byte[] whole = SampleEvents.conversation("00".repeat(32));
        int clean = 0;
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            try {
                assertTrue(readAll(part).size() < 5);
                clean++;
            } catch (ProtocolException e) {
                assertEquals("the connection ended within a frame", e.getMessage());
            }
        }
        assertEquals(5, clean, "ends between two frames");
    }

    @Test
    void garbageIsAProtocolException() {
        Random random = new Random(7);
        byte[] whole = SampleEvents.conversation("00".repeat(32));
        int refused = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = whole.clone();
            for (int k = random.nextInt(3); k >= 0; k--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                readAll(bytes);
            } catch (ProtocolException e) {
                refused++;
            } catch (IOException e) {
                throw new AssertionError("not the exception of the protocol", e);
            }
        }
        assertTrue(refused > 1_000, "only " + refused);
    }

    @Test
    void lengthsAreCheckedBeforeAnythingIsAllocated() {
        for (int[] header : new int[][] {{0x7F, 255, 255, 255, 66}, {255, 255, 255, 255, 66}, {0, 16, 0, 1, 65}}) {
            byte[] bytes = new byte[5];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) header[i];
            }
            ProtocolException e = assertThrows(ProtocolException.class, () -> readAll(bytes));
            assertEquals("a frame is over the maximum of its type", e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 9, 64, 71, 200, 255})
    void typesThatAHelperDoesNotSendAreRefused(int type) {
        assertThrows(ProtocolException.class, () -> readAll(new byte[] {0, 0, 0, 2, (byte) type, '{', '}'}));
    }

    @Test
    void unknownFieldsAreIgnored() throws IOException {
        Event event = event(FrameType.EXITED, "{\"exit\":{\"signal\":9,\"core\":true,\"new\":[]},\"wallMillis\":5,\"later\":{\"a\":1}}");
        assertEquals(new Event.Exited(new Outcome.Signaled(9, true), Optional.empty(), 5), event);
    }

    @Test
    void everyWayToEndIsTold() throws IOException {
        assertEquals(new Outcome.Exited(255), ((Event.Exited) event(FrameType.EXITED,
            "{\"exit\":{\"code\":255},\"wallMillis\":0}")).end());
        assertEquals(new Outcome.Lost("init"), ((Event.Exited) event(FrameType.EXITED, "{\"lost\":\"init\",\"wallMillis\":0}")).end());
        for (Event.Cause cause : Event.Cause.values()) {
            assertEquals(Optional.of(cause), ((Event.Exited) event(FrameType.EXITED, "{\"exit\":{\"code\":0},\"wallMillis\":1,"
                + "\"cause\":\"" + cause.name().toLowerCase(Locale.ROOT) + "\"}")).cause());
        }
    }

    @Test
    void anEndThatInitCouldNotTellHasACauseInstead() throws Exception {
        Event.Exited exited = (Event.Exited) event(FrameType.EXITED, "{\"cause\":\"cpu\",\"wallMillis\":760}");
        assertEquals(Optional.of(Event.Cause.CPU), exited.cause());
        assertEquals(new Outcome.Signaled(9, false), exited.end());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "[]", "null", "{}", "{\"wallMillis\":1}", "{\"exit\":{}}", "{\"exit\":{\"code\":0}}", "{\"exit\":{\"code\":256},\"wallMillis\":0}",
        "{\"exit\":{\"code\":-1},\"wallMillis\":0}", "{\"exit\":{\"code\":1.5},\"wallMillis\":0}", "{\"exit\":{\"code\":\"1\"},\"wallMillis\":0}",
        "{\"exit\":{\"code\":0},\"wallMillis\":0,\"cause\":\"boredom\"}", "{\"exit\":{\"code\":0},\"wallMillis\":0,\"wallMillis\":0}",
        "{\"exit\":{\"code\":0},\"wallMillis\":99999999999999999999}", "{\"exit\":{\"signal\":0,\"core\":1},\"wallMillis\":0}"})
    void badEventsAreProtocolExceptions(String body) {
        assertThrows(ProtocolException.class, () -> event(FrameType.EXITED, body));
    }

    @Test
    void aReportThatLacksAKindIsRefused() {
        for (NamespaceKind kind : NamespaceKind.values()) {
            String without = SampleEvents.PREPARED.replace("\"" + kind.kernelName() + "\":{\"inode\"", "\"gone\":{\"inode\"");
            ProtocolException e = assertThrows(ProtocolException.class, () -> event(FrameType.PREPARED, without));
            assertTrue(e.getMessage().contains("$.namespaces." + kind.kernelName() + ": is required"), e.getMessage());
        }
    }

    @Test
    void errorsArriveUnchanged() throws IOException {
        assertEquals(new Event.Failed("clone", "clone3", 1, "user,mnt", "not permitted", "do this"), event(FrameType.ERROR,
            "{\"stage\":\"clone\",\"syscall\":\"clone3\",\"errno\":1,\"subject\":\"user,mnt\",\"message\":\"not permitted\",\"hint\":\"do this\"}"));
    }

    @Test
    void everythingThatIsWrittenIsUtf8Json() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(Frame.of(FrameType.CANCEL, Map.of("\ud55c\uad6d\uc5b4 \ud83d\ude00", "\u2028<\"\\\u0001")).body());
        List<String> problems = new ArrayList<>();
        assertEquals(Map.of("\ud55c\uad6d\uc5b4 \ud83d\ude00", "\u2028<\"\\\u0001"),
            Json.parse(out.toString(StandardCharsets.UTF_8), problems));
        assertEquals(List.of(), problems);
    }
}
