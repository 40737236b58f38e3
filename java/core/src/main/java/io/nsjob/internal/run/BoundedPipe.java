package io.nsjob.internal.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A buffer between a thread of the user and a pump of the library. The user's thread waits on a java.util.concurrent lock
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

    /** Writes all of it, waiting for room. Returns false when nobody will read it. */
    boolean write(byte[] bytes, int offset, int length) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            int done = 0;
            while (done < length) {
                while (size == CAPACITY && !readerClosed) {
                    changed.await();
                }
                if (readerClosed || writerClosed) {
                    return false;
                }
                int end = (start + size) % CAPACITY;
                int part = Math.min(Math.min(length - done, CAPACITY - size), CAPACITY - end);
                System.arraycopy(bytes, offset + done, ring, end, part);
                size += part;
                done += part;
                changed.signalAll();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Reads at least one byte, waiting for it; -1 at the end. */
    int read(byte[] bytes, int offset, int length) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (size == 0 && !writerClosed && !readerClosed) {
                changed.await();
            }
            if (size == 0 || readerClosed) {
                return -1;
            }
            int part = Math.min(Math.min(length, size), CAPACITY - start);
            System.arraycopy(ring, start, bytes, offset, part);
            start = (start + part) % CAPACITY;
            size -= part;
            changed.signalAll();
            return part;
        } finally {
            lock.unlock();
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
    }

    void closeReader() {
        lock.lock();
        try {
            readerClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
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
                    return length == 0 ? 0 : BoundedPipe.this.read(bytes, offset, length);
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
