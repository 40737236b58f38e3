package io.nsjob.cli.demo;

/** Sees to it that a demo leaves nothing also when the virtual machine is told to end, as by Ctrl-C. */
final class Ending implements AutoCloseable {
    private final Thread hook;

    private Ending(Thread hook) {
        this.hook = hook;
    }

    static Ending of(Runnable work) {
        Thread hook = new Thread(work, "demo-ending");
        Runtime.getRuntime().addShutdownHook(hook);
        return new Ending(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is running: it does what its owner is about to do as well.
            return;
        }
    }
}
