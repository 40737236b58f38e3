package io.nsjob.internal.run;

import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/** Holds the lock of a file, says "held", and waits to be killed. */
public final class LockMain {
    private LockMain() {
    }

    /**
     * Runs.
     *
     * @param arguments the file
     */
    public static void main(String[] arguments) throws Exception {
        try (FileChannel file = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = file.lock()) {
            System.out.println(lock.isValid() ? "held" : "lost");
            TimeUnit.MINUTES.sleep(1);
        }
    }
}
