package io.nsjob.internal.run;

import io.nsjob.internal.launch.Forker;
import io.nsjob.internal.os.CommandSocket;
import java.nio.file.Path;

/** Begins commands by the supervisor of the world in which they are to run. */
final class WorldForker implements Forker {
    private final Path program;
    private final ResidentLink world;
    private final CommandSocket socket = new CommandSocket();

    WorldForker(Path program, ResidentLink world) {
        this.program = program;
        this.world = world;
    }

    @Override
    public Path program() {
        return program;
    }

    @Override
    public boolean start(Job job) {
        return world.command(socket, job);
    }

    @Override
    public void forget(Job job) {
        // Nothing is kept: the end of a command is told on its own connection.
    }

    /** One that does not answer has to go, and its world with it. */
    @Override
    public boolean kill(Job job) {
        destroy();
        return true;
    }

    @Override
    public boolean isUsable() {
        return world.isThere();
    }

    @Override
    public boolean tellsStatus() {
        return false;
    }

    @Override
    public boolean isStopped() {
        return world.isStopped();
    }

    @Override
    public void destroy() {
        world.kill();
    }
}
