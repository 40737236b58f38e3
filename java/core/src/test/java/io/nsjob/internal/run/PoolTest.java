package io.nsjob.internal.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.CommandSpec;
import io.nsjob.InvalidSpecException;
import io.nsjob.Job;
import io.nsjob.JobReport;
import io.nsjob.JobSpec;
import io.nsjob.Sandbox;
import io.nsjob.SandboxException;
import io.nsjob.SandboxPool;
import io.nsjob.StartOptions;
import io.nsjob.testing.Await;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pool's bookkeeping, with sandboxes that are none. */
@Timeout(120)
class PoolTest {
    /** The common pool has one thread where there are two processors: who waits in it for who waits behind it waits for ever. */
    private static final Executor OWN = task -> new Thread(task, "pool-test").start();

    private final List<Fake> made = Collections.synchronizedList(new ArrayList<>());
    private final Semaphore allowed = new Semaphore(1000);
    private final Deque<Exception> failures = new ArrayDeque<>();

    private final AtomicInteger working = new AtomicInteger();

    private Pool pool(int size, int max, SandboxPool.Mode mode) {
        Pool pool = new Pool(this::make, size, max, mode, work -> {
            working.incrementAndGet();
            Threads.executor().execute(() -> {
                work.run();
                working.decrementAndGet();
            });
        });
        pool.begin();
        return pool;
    }

    private PoolMember make() throws SandboxException, InterruptedException {
        allowed.acquire();
        synchronized (failures) {
            Exception failure = failures.poll();
            if (failure instanceof SandboxException e) {
                throw e;
            }
            if (failure instanceof RuntimeException e) {
                throw e;
            }
        }
        Fake fake = new Fake();
        made.add(fake);
        return fake;
    }

    private static SandboxException refused() {
        return new SandboxException("clone", "clone3", 28, "user", "no more namespaces", "");
    }

    private static void awaitReady(Pool pool, int count) throws Exception {
        Await.until(count + " ready", () -> pool.statistics().ready() == count && pool.statistics().opening() == 0);
    }

    @Test
    void itKeepsSomeReadyAndHandsEachOutOnce() throws Exception {
        try (Pool pool = pool(3, 10, SandboxPool.Mode.FRESH)) {
            awaitReady(pool, 3);
            Map<String, Boolean> seen = new ConcurrentHashMap<>();
            for (int i = 0; i < 10; i++) {
                try (Sandbox sandbox = pool.take()) {
                    assertTrue(sandbox.isOpen());
                    assertEquals(null, seen.put(sandbox.name(), true));
                }
            }
            awaitReady(pool, 3);
            assertEquals(10, pool.statistics().handedOut());
            assertEquals(0, pool.statistics().taken());
            assertEquals(10, made.stream().filter(fake -> fake.closed).count());
            assertEquals(13, pool.statistics().opened());
        }
        assertTrue(made.stream().allMatch(fake -> fake.closed));
    }

    @Test
    void whoTakesSeveralInARowIsNotDisturbed() throws Exception {
        try (Pool pool = pool(8, 16, SandboxPool.Mode.FRESH)) {
            awaitReady(pool, 8);
            // Whoever would make one now waits for this: only where it is asked for one does that count.
            allowed.drainPermits();
            List<Sandbox> taken = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                taken.add(pool.take());
            }
            assertEquals(8, made.size());
            assertTrue(pool.statistics().opening() <= 1, "one waits for its time, and no second beside it");
            allowed.release(1000);
            awaitReady(pool, 8);
            assertEquals(12, made.size(), "a moment later it is full again");
            taken.forEach(Sandbox::close);
        }
    }

    @Test
    void thoseThatAreToBeResetHoldNoThreads() throws Exception {
        try (Pool pool = pool(16, 32, SandboxPool.Mode.RESET)) {
            awaitReady(pool, 16);
            Await.until("its threads to be done", () -> working.get() == 0);
            List<Sandbox> taken = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                taken.add(pool.take());
            }
            taken.forEach(Sandbox::close);
            // However long this thread was away: two may fill, and that is all.
            assertTrue(working.get() <= 2, working::toString);
            awaitReady(pool, 16);
            assertEquals(10, made.stream().mapToInt(fake -> fake.resets.get()).sum() + made.size() - 16);
            assertEquals(16, live());
        }
        assertEquals(0, live());
    }

    @Test
    void aPoolThatIsClosedDoesNotFillFirst() throws Exception {
        Pool pool = pool(4, 8, SandboxPool.Mode.RESET);
        awaitReady(pool, 4);
        Sandbox sandbox = pool.take();
        sandbox.close();
        pool.close();
        assertEquals(0, live(), "the one that was given back is closed, reset or not");
    }

    @Test
    void theBoundHoldsAndTheNextWaits() throws Exception {
        try (Pool pool = pool(2, 2, SandboxPool.Mode.FRESH)) {
            Sandbox first = pool.take();
            Sandbox second = pool.take();
            assertThrows(TimeoutException.class, () -> pool.take(Duration.ofMillis(20)));
            assertThrows(TimeoutException.class, () -> pool.take(Duration.ZERO));
            assertEquals(2, made.size());
            CompletableFuture<Sandbox> third = CompletableFuture.supplyAsync(() -> takeFrom(pool), OWN);
            first.close();
            third.get(30, TimeUnit.SECONDS).close();
            second.close();
            assertTrue(live() <= 2);
        }
    }

    private long live() {
        return made.stream().filter(fake -> !fake.closed).count();
    }

    private static Sandbox takeFrom(Pool pool) {
        try {
            return pool.take();
        } catch (SandboxException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void thoseThatAreResetComeAgain() throws Exception {
        try (Pool pool = pool(1, 1, SandboxPool.Mode.RESET)) {
            for (int i = 0; i < 3; i++) {
                try (Sandbox sandbox = pool.take()) {
                    assertEquals(made.get(0).name(), sandbox.name());
                    assertEquals(i, made.get(0).resets.get());
                }
            }
            awaitReady(pool, 1);
            assertEquals(1, made.size());
            assertEquals(3, made.get(0).resets.get());
            // Killed before close() returned, not only by the reset.
            assertEquals(3, made.get(0).ends.get());
            made.get(0).failing = refused();
            pool.take().close();
            SandboxException e = assertThrows(SandboxException.class, pool::take);
            assertSame(made.get(0).failing, e);
            pool.take().close();
            assertEquals(2, made.size());
        }
    }

    @Test
    void aFailureIsToldToTheNextWhoWaitsAndTriedAgain() throws Exception {
        synchronized (failures) {
            failures.add(refused());
            failures.add(new InvalidSpecException(List.of("$.x: is wrong")));
        }
        // One at a time: of two that fail at once the first is told.
        try (Pool pool = pool(1, 1, SandboxPool.Mode.FRESH)) {
            assertEquals("no more namespaces", assertThrows(SandboxException.class, pool::take).getMessage());
            assertThrows(InvalidSpecException.class, pool::take);
            pool.take().close();
            assertEquals(2, pool.statistics().failures());
        }
    }

    @Test
    void whatHasDiedIsNotHandedOut() throws Exception {
        try (Pool pool = pool(2, 4, SandboxPool.Mode.FRESH)) {
            awaitReady(pool, 2);
            Fake known = made.get(0);
            Fake unknown = made.get(1);
            known.alive = false;
            known.ended.complete(null);
            Await.until("its removal", () -> pool.statistics().died() == 1);
            unknown.alive = false;
            try (Sandbox sandbox = pool.take()) {
                assertFalse(List.of(known.name(), unknown.name()).contains(sandbox.name()));
            }
            assertEquals(2, pool.statistics().died());
            Await.until("their end", () -> known.closed && unknown.closed);
        }
    }

    @Test
    void closingEndsWhatWaitsAndWhoWaits() throws Exception {
        Pool pool = pool(1, 2, SandboxPool.Mode.FRESH);
        Sandbox taken = pool.take();
        allowed.drainPermits();
        Sandbox other = null;
        try {
            other = pool.take(Duration.ofSeconds(1));
        } catch (TimeoutException e) {
            assertTrue(pool.statistics().opening() > 0);
        }
        CompletableFuture<Sandbox> waiter = CompletableFuture.supplyAsync(() -> takeFrom(pool), OWN);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(pool::close, OWN);
        assertTrue(assertThrows(ExecutionException.class, () -> waiter.get(30, TimeUnit.SECONDS)).getCause() instanceof IllegalStateException);
        allowed.release(10);
        closing.get(30, TimeUnit.SECONDS);
        assertThrows(IllegalStateException.class, pool::take);
        assertTrue(taken.isOpen(), "the taker's");
        taken.close();
        taken.close();
        assertEquals("the sandbox was given back to its pool",
            assertThrows(SandboxException.class, () -> taken.run("true")).getMessage());
        if (other != null) {
            other.close();
        }
        assertEquals(0, live());
        assertEquals(0, pool.statistics().taken());
        pool.close();
    }

    @Test
    void anInterruptEndsTheWaiting() throws Exception {
        try (Pool pool = pool(1, 1, SandboxPool.Mode.FRESH); Sandbox taken = pool.take()) {
            CountDownLatch interrupted = new CountDownLatch(1);
            Thread waiter = new Thread(() -> {
                try {
                    pool.take().close();
                } catch (InterruptedException e) {
                    interrupted.countDown();
                } catch (SandboxException e) {
                    throw new IllegalStateException(e);
                }
            });
            waiter.start();
            waiter.interrupt();
            assertTrue(interrupted.await(30, TimeUnit.SECONDS));
            assertTrue(taken.isOpen());
        }
    }

    @Test
    void manyTakeAtOnce() throws Exception {
        try (Pool pool = pool(2, 5, SandboxPool.Mode.FRESH)) {
            AtomicInteger most = new AtomicInteger();
            List<CompletableFuture<Void>> users = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                users.add(CompletableFuture.runAsync(() -> {
                    for (int j = 0; j < 50; j++) {
                        try (Sandbox sandbox = takeFrom(pool)) {
                            assertTrue(sandbox.isOpen());
                            most.accumulateAndGet(pool.statistics().taken(), Math::max);
                        }
                    }
                }, Threads.executor()));
            }
            for (CompletableFuture<Void> user : users) {
                user.get(50, TimeUnit.SECONDS);
            }
            assertTrue(most.get() <= 5, most::toString);
            assertEquals(800, pool.statistics().handedOut());
        }
        assertEquals(0, live());
    }

    @Test
    void whatCannotBeIsRefused() {
        JobSpec world = JobSpec.isolated().build();
        assertThrows(NullPointerException.class, () -> SandboxPool.of(null, world));
        assertNotSame(SandboxPool.Mode.FRESH, SandboxPool.Mode.RESET);
    }

    /** A sandbox in which nothing runs. */
    private static final class Fake implements PoolMember {
        private static final AtomicInteger NUMBER = new AtomicInteger();

        private final String name = "fake-" + NUMBER.incrementAndGet();
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private final AtomicInteger resets = new AtomicInteger();
        private final AtomicInteger ends = new AtomicInteger();
        private volatile boolean alive = true;
        private volatile boolean closed;
        private volatile SandboxException failing;

        @Override
        public String name() {
            return name;
        }

        @Override
        public JobReport report() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return !closed;
        }

        @Override
        public boolean isAlive() {
            return alive && !closed;
        }

        @Override
        public Job start(CommandSpec command, StartOptions options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void endWorld() {
            ends.incrementAndGet();
        }

        @Override
        public void onEnd(Runnable action) {
            ended.thenRun(action);
        }

        @Override
        public void reset() throws SandboxException {
            if (failing != null) {
                closed = true;
                throw failing;
            }
            resets.incrementAndGet();
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
