package io.nsjob.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchedTest {
    private static final int NONE = -1;

    /** A loop that has no descriptor, and refuses while it is told to. */
    private static final class Refusing extends Loop {
        private final List<String> asked = new ArrayList<>();
        private boolean refuses = true;

        @Override
        public boolean isHere() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public LoopTimer after(long millis, Runnable task) {
            return new LoopTimer(millis, task);
        }

        @Override
        ReadBuffer buffer() {
            throw new UnsupportedOperationException();
        }

        @Override
        Watched watch(int fd, Reactor.Handler handler) {
            return new Watched(this, fd, handler);
        }

        @Override
        void forget(Watched one) {
            asked.add("forget");
        }

        @Override
        void wants(Watched one, int before) {
            asked.add(before + ">" + one.wanted());
            if (refuses) {
                throw new IllegalStateException("epoll_ctl: errno 28");
            }
        }
    }

    private static final class Handler implements Reactor.Handler {
        private final List<String> heard = new ArrayList<>();

        @Override
        public void ready(boolean toWrite, boolean toRead) {
            throw new IllegalStateException("cannot go on");
        }

        @Override
        public void broken(Throwable e) {
            heard.add(e.getMessage());
        }
    }

    @Test
    void whatTheKernelDidNotTakeIsAskedForAgain() {
        Refusing loop = new Refusing();
        Watched one = loop.watch(NONE, new Handler());
        assertThrows(IllegalStateException.class, () -> one.want(true, false));
        loop.refuses = false;
        one.want(true, false);
        assertEquals(List.of("0>1", "0>1"), loop.asked);
    }

    /** Nothing comes out of it, or it would end the loop of all. */
    @Test
    void aHandlerThatFailsIsToldSoAlsoWhereItCannotBeLeftAlone() {
        Refusing loop = new Refusing();
        Handler handler = new Handler();
        Watched one = loop.watch(NONE, handler);
        loop.refuses = false;
        one.want(true, false);
        loop.refuses = true;
        Loop.tell(one, NativeIo.EPOLLIN);
        assertEquals(List.of("cannot go on"), handler.heard);
    }
}
