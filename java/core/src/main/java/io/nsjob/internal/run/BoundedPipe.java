package io.nsjob.internal.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A buffer between a thread of the user and the library. The user's thread waits on a java.util.concurrent lock
 * and never in a system call, so that it may be a virtual one, and be interrupted without harm to the descriptor.
 */
final class BoundedPipe {
    private static final int CAPACITY = 64 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final byte[] ring = new byte[CAPACITY];
    private int start;
    private int size;
    private boolean writerClosed;
    private boolean readerClosed;
    /** Whether a writer waits for nobody any more, and whether something has gone nowhere for that. */
    private boolean unread;
    private boolean lost;
    /** Of somebody who cannot wait: called when there is room for a writer, or something for a reader. */
    private Runnable onRoom = () -> { };
    private Runnable onBytes = () -> { };
    private boolean roomWanted;
    private boolean bytesWanted;

    /** Writes all of it, waiting for room. Returns false when nobody will read it. */
    boolean write(byte[] bytes, int offset, int length) throws InterruptedException {
        int done = 0;
        while (done < length) {
            int part = writeSome(bytes, offset + done, length - done);
            if (part < 0) {
                return false;
            }
            done += part;
            tell();
        }
        return true;
    }

    private int writeSome(byte[] bytes, int offset, int length) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (size == CAPACITY && !readerClosed && !unread) {
                changed.await();
            }
            if (size == CAPACITY && unread && !lost) {
                lost = true;
                changed.signalAll();
            }
            if (readerClosed || writerClosed || lost) {
                return -1;
            }
            int end = (start + size) % CAPACITY;
            int part = Math.min(Math.min(length, CAPACITY - size), CAPACITY - end);
            System.arraycopy(bytes, offset, ring, end, part);
            size += part;
            changed.signalAll();
            return part;
        } finally {
            lock.unlock();
        }
    }

    /** Reads at least one byte, waiting for it; -1 at the end. */
    int read(byte[] bytes, int offset, int length) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (size == 0 && !writerClosed && !readerClosed && !lost) {
                changed.await();
            }
            if (size == 0 || readerClosed) {
                return -1;
            }
            return take(bytes, offset, length);
        } finally {
            lock.unlock();
        }
    }

    void onRoom(Runnable task) {
        onRoom = task;
    }

    void onBytes(Runnable task) {
        onBytes = task;
    }

    /** How much can be written without waiting; when nothing, the task is called later. What nobody reads has room enough. */
    int room() {
        lock.lock();
        try {
            int room = readerClosed || unread ? Integer.MAX_VALUE : CAPACITY - size;
            roomWanted = room == 0;
            return room;
        } finally {
            lock.unlock();
        }
    }

    /** Reads what is there: 0 when nothing is yet, and then the task is called later; -1 at the end. */
    int poll(byte[] bytes) {
        lock.lock();
        try {
            if (size == 0 || readerClosed) {
                boolean end = writerClosed || readerClosed;
                bytesWanted = !end;
                return end ? -1 : 0;
            }
            return take(bytes, 0, bytes.length);
        } finally {
            lock.unlock();
        }
    }

    private int take(byte[] bytes, int offset, int length) {
        int part = Math.min(Math.min(length, size), CAPACITY - start);
        System.arraycopy(ring, start, bytes, offset, part);
        start = (start + part) % CAPACITY;
        size -= part;
        changed.signalAll();
        return part;
    }

    /** Not while the lock is held: they take others. */
    private void tell() {
        boolean room;
        boolean bytes;
        lock.lock();
        try {
            // Half a buffer at a time, or the two sides would wake each other for every few bytes.
            room = roomWanted && (readerClosed || unread || size <= CAPACITY / 2);
            bytes = bytesWanted && (size > 0 || writerClosed || readerClosed);
            roomWanted &= !room;
            bytesWanted &= !bytes;
        } finally {
            lock.unlock();
        }
        if (room) {
            onRoom.run();
        }
        if (bytes) {
            onBytes.run();
        }
    }

    int available() {
        lock.lock();
        try {
            return readerClosed ? 0 : size;
        } finally {
            lock.unlock();
        }
    }

    void closeWriter() {
        lock.lock();
        try {
            writerClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        tell();
    }

    /** Nobody is waited for any more: what has no room goes nowhere, which a reader is told behind what had. */
    void leaveUnread() {
        lock.lock();
        try {
            unread = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        tell();
    }

    private boolean isCut() {
        lock.lock();
        try {
            return lost && !readerClosed;
        } finally {
            lock.unlock();
        }
    }

    void closeReader() {
        lock.lock();
        try {
            readerClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        tell();
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while waiting for the job");
    }

    /** The end that a user reads. */
    InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                Objects.checkFromIndexSize(offset, length, bytes.length);
                try {
                    int got = length == 0 ? 0 : BoundedPipe.this.read(bytes, offset, length);
                    tell();
                    if (got < 0 && isCut()) {
                        throw new IOException("the job was closed before all that it wrote was read");
                    }
                    return got;
                } catch (InterruptedException e) {
                    throw interrupted();
                }
            }

            @Override
            public int available() {
                return BoundedPipe.this.available();
            }

            @Override
            public void close() {
                closeReader();
            }
        };
    }

    /** The end that a user writes. */
    OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                Objects.checkFromIndexSize(offset, length, bytes.length);
                try {
                    if (!BoundedPipe.this.write(bytes, offset, length)) {
                        throw new IOException("the job does not read its input any more, or this stream is closed");
                    }
                } catch (InterruptedException e) {
                    throw interrupted();
                }
            }

            @Override
            public void close() {
                closeWriter();
            }
        };
    }
}
