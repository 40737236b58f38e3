package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Job;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SignalRelayTest {
    private final List<String> calls = new ArrayList<>();
    private long millis = 7;

    /** Only signal and cancel are called; writing them down is all that is needed. */
    private Job job() {
        return (Job) Proxy.newProxyInstance(Job.class.getClassLoader(), new Class<?>[] {Job.class}, (proxy, method, args) -> {
            calls.add(method.getName() + Arrays.toString(args));
            return null;
        });
    }

    private SignalRelay relay(boolean ownSession) {
        return new SignalRelay(Thread.currentThread(), ownSession, false) {
            @Override
            long nanos() {
                return TimeUnit.MILLISECONDS.toNanos(millis);
            }
        };
    }

    @Test
    void goesToTheMainProcess() {
        SignalRelay relay = relay(true);
        relay.attach(job());
        for (String name : List.of("TERM", "HUP", "USR1", "USR2", "CONT")) {
            relay.received(name);
        }
        assertEquals(List.of("signal[TERM, false]", "signal[HUP, false]", "signal[USR1, false]", "signal[USR2, false]",
            "signal[CONT, false]"), calls);
    }

    @Test
    void terminalSignalsGoToTheGroupOfASessionOfItsOwn() {
        SignalRelay relay = relay(true);
        relay.attach(job());
        relay.received("INT");
        relay.received("WINCH");
        assertEquals(List.of("signal[INT, true]", "signal[WINCH, true]"), calls);
    }

    @Test
    void secondInterruptWithinASecondCancels() {
        SignalRelay relay = relay(true);
        relay.attach(job());
        relay.received("INT");
        assertEquals(OptionalInt.empty(), relay.statusOfCancel());
        millis += 200;
        relay.received("INT");
        assertEquals(List.of("signal[INT, true]", "cancel[PT0S]"), calls);
        assertEquals(OptionalInt.of(130), relay.statusOfCancel());
    }

    @Test
    void interruptsAtTheSameTimeAreOne() {
        SignalRelay relay = relay(true);
        relay.attach(job());
        relay.received("INT");
        relay.received("INT");
        assertEquals(List.of("signal[INT, true]"), calls);
    }

    @Test
    void interruptsFarApartDoNotCancel() {
        SignalRelay relay = relay(true);
        relay.attach(job());
        relay.received("INT");
        millis += 1100;
        relay.received("INT");
        assertEquals(List.of("signal[INT, true]", "signal[INT, true]"), calls);
    }

    @Test
    void endingSignalBeforeTheJobEndsTheSetUp() {
        SignalRelay relay = relay(true);
        relay.received("TERM");
        assertTrue(Thread.interrupted());
        assertEquals(OptionalInt.of(143), relay.statusOfSetUp());
    }

    @Test
    void otherSignalsWaitForTheJob() {
        SignalRelay relay = relay(true);
        relay.received("USR1");
        assertFalse(Thread.interrupted());
        relay.attach(job());
        assertEquals(List.of("signal[USR1, false]"), calls);
        assertEquals(OptionalInt.empty(), relay.statusOfSetUp());
    }

    @Test
    void signalThatCameAsTheSetUpEndedReachesTheJob() {
        SignalRelay relay = relay(true);
        relay.received("TERM");
        relay.attach(job());
        assertFalse(Thread.interrupted(), "the interrupt must not hit what follows");
        assertEquals(List.of("signal[TERM, false]"), calls);
    }
}
