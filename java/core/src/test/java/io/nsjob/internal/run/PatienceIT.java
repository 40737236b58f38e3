package io.nsjob.internal.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.SandboxException;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.StateBase;
import java.io.BufferedReader;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What waits for others gives up with a word that says for whom. */
@Tag("integration")
class PatienceIT {
    private static final long SHORT = 200;

    private static String refused() {
        SandboxException failure = assertThrows(SandboxException.class, () -> Keeper.alone(() -> "alone", SHORT, TimeUnit.MILLISECONDS));
        assertEquals("netns", failure.stage());
        return failure.getMessage();
    }

    private static String alone() throws Exception {
        return Keeper.alone(() -> "alone");
    }

    @Test
    void anotherThreadIsNotWaitedForForEver() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        CompletableFuture<Void> other = CompletableFuture.runAsync(() -> {
            try {
                Keeper.alone(() -> {
                    inside.countDown();
                    over.await();
                    return null;
                });
            } catch (SandboxException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        inside.await();
        try {
            assertTrue(refused().startsWith("another thread has been"));
        } finally {
            over.countDown();
            other.get(60, TimeUnit.SECONDS);
        }
        assertEquals("alone", alone());
    }

    @Test
    void anotherProcessIsNotWaitedForForEver() throws Exception {
        Path lock = StateBase.require(HostFacts.real().identity()).resolve("netns.lock");
        Path classes = Path.of(LockMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UsePerfData",
            "-Xshare:auto", "-cp", classes.toString(), LockMain.class.getName(), lock.toString()).start();
        try (BufferedReader said = process.inputReader()) {
            assertEquals("held", said.readLine());
            String told = refused();
            assertTrue(told.startsWith("another process has been") && told.contains(lock.toString()), told);
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertEquals("alone", alone());
    }

    @Test
    void aRelayThatSaysNothingIsNotWaitedForForEver() {
        SocketTimeoutException silent = assertThrows(SocketTimeoutException.class,
            () -> NetRelay.await(new CompletableFuture<>(), "listening", SHORT, TimeUnit.MILLISECONDS));
        assertEquals("the relay in the network namespace has not said \"listening\" within 200 milliseconds", silent.getMessage());
    }
}
