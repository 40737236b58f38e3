package io.nsjob.internal.run;

import io.nsjob.internal.os.Loop;
import java.util.ArrayList;
import java.util.List;

/** Keeps bytes up to a limit, in pieces: what is there is never copied for the sake of what is still to come. Thread-safe. */
final class Capture implements OutputSink {
    /** The largest byte array that the JDK allocates. */
    private static final long MAX_ARRAY = Integer.MAX_VALUE - 8L;
    /** Sizes of a piece: as large as all before it, so that neither short outputs nor long ones waste much. */
    private static final int LEAST = 1024, MOST = 256 * 1024;
    private static final byte[] NOTHING = {};

    private final int max;
    /** All of them are full but the last. */
    private final List<byte[]> pieces = new ArrayList<>();
    private byte[] last = NOTHING;
    private int used;
    private int size;
    private int held;
    private boolean truncated;

    Capture(long max) {
        this.max = (int) Math.min(max, MAX_ARRAY);
    }

    /**
     * What was kept at one moment. Immutable: more may be written behind it in the last piece.
     *
     * @param pieces in order
     * @param size bytes of them
     */
    record Bytes(List<byte[]> pieces, int size) {
        static final Bytes NONE = new Bytes(List.of(), 0);

        /** A copy of it, in one. */
        byte[] toArray() {
            byte[] all = new byte[size];
            int at = 0;
            for (byte[] piece : pieces) {
                int length = Math.min(piece.length, size - at);
                System.arraycopy(piece, 0, all, at, length);
                at += length;
            }
            return all;
        }
    }

    @Override
    public synchronized void accept(byte[] bytes, int length) {
        int room = room(length);
        for (int done = 0; done < room; ) {
            int part = part(room - done);
            System.arraycopy(bytes, done, last, used, part);
            used += part;
            done += part;
        }
        size += room;
    }

    @Override
    public synchronized void accept(Loop from, int length) {
        int room = room(length);
        for (int done = 0; done < room; ) {
            int part = part(room - done);
            from.copy(done, last, used, part);
            used += part;
            done += part;
        }
        size += room;
    }

    private int room(int length) {
        int room = Math.min(length, max - size);
        truncated |= room < length;
        return room;
    }

    /** How much of so many bytes the last piece takes, which is a new one when it was full. */
    private int part(int left) {
        if (used == last.length) {
            last = new byte[Math.min(max - held, Math.max(LEAST, Math.min(MOST, Math.max(held, left))))];
            held += last.length;
            pieces.add(last);
            used = 0;
        }
        return Math.min(left, last.length - used);
    }

    @Override
    public void end() {
        // What is kept is taken when the result is made.
    }

    @Override
    public Capture capture() {
        return this;
    }

    synchronized Bytes bytes() {
        return new Bytes(List.copyOf(pieces), size);
    }

    synchronized boolean truncated() {
        return truncated;
    }
}
