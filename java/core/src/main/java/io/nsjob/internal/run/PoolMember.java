package io.nsjob.internal.run;

import io.nsjob.Sandbox;

/** What a pool must know of a sandbox beyond what its users do. */
interface PoolMember extends Sandbox {

    /** Whether its world is there at this moment, as the kernel says. */
    boolean isAlive();

    /** Kills what runs there and waits until it is reaped; a reset, or the end, follows. */
    void endWorld();

    /** Runs something once this life of it is over, on a thread of the library. */
    void onEnd(Runnable action);

    /** A sandbox as a launcher makes it. */
    static PoolMember of(Sandbox sandbox) {
        if (sandbox instanceof PoolMember member) {
            return member;
        }
        sandbox.close();
        throw new IllegalArgumentException("not a sandbox of this library: " + sandbox.getClass().getName());
    }
}
