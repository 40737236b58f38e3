package io.nsjob.cli;

import io.nsjob.Job;
import io.nsjob.Signals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Passes the signals this process gets on to the job. QUIT is not among them: the virtual machine keeps it for itself.
 *
 * <p>A signal that comes before there is a job either ends the set-up (INT, TERM, HUP) or waits for the job.
 */
class SignalRelay implements SignalHandler {
    private static final List<String> RELAYED = List.of("TERM", "HUP", "INT", "USR1", "USR2", "WINCH", "CONT");
    /** The terminal sends these to the whole foreground group. */
    private static final Set<String> FROM_TERMINAL = Set.of("INT", "WINCH");
    private static final Set<String> ENDING = Set.of("INT", "TERM", "HUP");
    private static final long SECOND_INTERRUPT_NANOS = Duration.ofSeconds(1).toNanos();
    /** Nobody presses a key twice in this time, but timeout(1) signals its child and then the whole group. */
    private static final long SAME_INTERRUPT_NANOS = Duration.ofMillis(50).toNanos();

    private final Thread starter;
    private final boolean ownSession;
    private final boolean ownTerminal;
    private final List<String> waiting = new ArrayList<>();
    private Job job;
    private String endedSetUp = "";
    private boolean interrupted;
    private long interruptedAt;
    private boolean cancelled;

    /**
     * @param starter the thread that sets the job up, interrupted by an ending signal
     * @param ownSession whether the job has a session of its own, away from this terminal
     * @param ownTerminal whether it has a terminal of its own, whose size the supervisor sees to
     */
    SignalRelay(Thread starter, boolean ownSession, boolean ownTerminal) {
        this.starter = starter;
        this.ownSession = ownSession;
        this.ownTerminal = ownTerminal;
    }

    void install() {
        for (String name : RELAYED) {
            try {
                Signal.handle(new Signal(name), this);
            } catch (IllegalArgumentException e) {
                // The virtual machine was told to leave this one alone (-Xrs): then so do we.
                continue;
            }
        }
    }

    /** From here on signals go to this job; those that waited go first. To be called by the thread that set it up. */
    synchronized void attach(Job started) {
        Thread.interrupted();
        job = started;
        for (String name : waiting) {
            job.signal(name, toGroup(name));
        }
        waiting.clear();
        endedSetUp = "";
    }

    /** The exit status when a signal ended the set-up. */
    synchronized OptionalInt statusOfSetUp() {
        return endedSetUp.isEmpty() ? OptionalInt.empty() : status(endedSetUp);
    }

    /** The exit status when the user asked twice. */
    synchronized OptionalInt statusOfCancel() {
        return cancelled ? status("INT") : OptionalInt.empty();
    }

    private static OptionalInt status(String name) {
        return OptionalInt.of(ExitStatus.signal(Signals.number(name).orElseThrow()));
    }

    @Override
    public void handle(Signal signal) {
        received(signal.getName());
    }

    synchronized void received(String name) {
        if (ownTerminal && name.equals("WINCH")) {
            return;
        }
        if (job != null) {
            relay(name);
            return;
        }
        waiting.add(name);
        if (ENDING.contains(name)) {
            endedSetUp = name;
            starter.interrupt();
        }
    }

    private void relay(String name) {
        if (name.equals("INT")) {
            long now = nanos();
            long since = interrupted ? now - interruptedAt : Long.MAX_VALUE;
            if (since < SAME_INTERRUPT_NANOS) {
                return;
            }
            interrupted = true;
            interruptedAt = now;
            if (since < SECOND_INTERRUPT_NANOS) {
                cancelled = true;
                job.cancel(Duration.ZERO);
                return;
            }
        }
        // A job in our session is in our foreground group as well: what the terminal sends has reached it already and
        // would come twice. Who sent a signal cannot be told here, so a kill -INT from elsewhere to a foreground nsjob
        // is taken for the terminal's too; TERM always gets through.
        boolean terminalSentIt = FROM_TERMINAL.contains(name) && !ownSession && Terminal.inForeground();
        if (!terminalSentIt) {
            job.signal(name, toGroup(name));
        }
    }

    /** The time, which has to be somebody's to be tested. */
    long nanos() {
        return System.nanoTime();
    }

    /** In a session of its own the job gets the terminal's signals as the terminal would send them: to the group. */
    private boolean toGroup(String name) {
        return ownSession && FROM_TERMINAL.contains(name);
    }
}
