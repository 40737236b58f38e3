package io.nsjob.internal.wire;

/** The types of frame, as native/PROTOCOL.md lists them. */
public enum FrameType {
    /** The launch plan. */
    PLAN(1, Direction.TO_HELPER, 1 << 20),
    /** The strings of a command in an open sandbox, each with a NUL behind it. */
    STRINGS(2, Direction.TO_HELPER, 1 << 16),
    /** Lets a held job exec. */
    RELEASE(3, Direction.TO_HELPER, 0),
    /** A signal for the job. */
    SIGNAL(4, Direction.TO_HELPER, 4096),
    /** Ends the job. */
    CANCEL(5, Direction.TO_HELPER, 4096),
    /** The size of the job's terminal. */
    RESIZE(6, Direction.TO_HELPER, 4096),
    /** One more command in an open sandbox; comes with four descriptors. */
    COMMAND(10, Direction.TO_HELPER, 0),
    /** Who the helper is. */
    HELLO(65, Direction.TO_JAVA, 1 << 20),
    /** The report, before exec. */
    PREPARED(66, Direction.TO_JAVA, 1 << 20),
    /** Exec is proven. */
    STARTED(67, Direction.TO_JAVA, 1 << 20),
    /** The main process has ended. */
    EXITED(68, Direction.TO_JAVA, 1 << 20),
    /** The whole tree is dead. */
    USAGE(69, Direction.TO_JAVA, 1 << 20),
    /** The sandbox failed. */
    ERROR(70, Direction.TO_JAVA, 1 << 20),
    /** A result begins. */
    FILE(71, Direction.TO_JAVA, 1 << 20),
    /** Raw bytes of it. */
    CONTENT(72, Direction.TO_JAVA, 1 << 16),
    /** What was not collected. */
    SKIPPED(73, Direction.TO_JAVA, 1 << 20),
    /** A command in an open sandbox has executed. */
    RUNNING(74, Direction.TO_JAVA, 1 << 20);

    /** Who sends a type. */
    public enum Direction {
        /** Java sends it. */
        TO_HELPER,
        /** The helper sends it. */
        TO_JAVA
    }

    private final int code;
    private final Direction direction;
    private final int maxBody;

    FrameType(int code, Direction direction, int maxBody) {
        this.code = code;
        this.direction = direction;
        this.maxBody = maxBody;
    }

    /**
     * The number on the wire.
     *
     * @return one byte
     */
    public int code() {
        return code;
    }

    /**
     * The largest body.
     *
     * @return bytes
     */
    public int maxBody() {
        return maxBody;
    }

    /**
     * Who sends it.
     *
     * @return the direction
     */
    public Direction direction() {
        return direction;
    }

    static FrameType of(int code, Direction direction) throws ProtocolException {
        for (FrameType type : values()) {
            if (type.code == code && type.direction == direction) {
                return type;
            }
        }
        throw new ProtocolException("unknown frame type " + code);
    }
}
