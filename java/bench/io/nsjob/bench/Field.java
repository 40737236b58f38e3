package io.nsjob.bench;

import io.nsjob.CommandSpec;
import io.nsjob.Driver;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.Sandbox;
import io.nsjob.SandboxPool;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** All that is measured beside each other, and what has to be kept open for it. */
final class Field implements AutoCloseable {
    static final StartOptions QUIET = StartOptions.defaults().withOut(Stdio.discard()).withErr(Stdio.discard());

    private static final int READY_LOOKS = 5000;

    private final Settings settings;
    private final Map<String, Contestant> contestants = new LinkedHashMap<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Map<Driver, Launcher> launchers = new LinkedHashMap<>();
    private final LineWorker worker;

    Field(Settings settings) throws Exception {
        this.settings = settings;
        worker = keep(new LineWorker(List.of(settings.worker().toString())));
        addFloors();
        addOtherJava();
        for (Driver driver : Driver.values()) {
            launchers.put(driver, keep(Launcher.open(driver)));
            addOurs(driver);
        }
        addPools();
        new Peers(settings, this).add();
    }

    <T extends AutoCloseable> T keep(T closeable) {
        open.add(closeable);
        return closeable;
    }

    LineWorker worker() {
        return worker;
    }

    Map<Driver, Launcher> launchers() {
        return launchers;
    }

    /** The fastest there is. */
    Launcher launcher() {
        return launchers.get(Driver.values()[Driver.values().length - 1]);
    }

    List<Contestant> all() {
        return List.copyOf(contestants.values());
    }

    Contestant get(String id) {
        Contestant there = contestants.get(id);
        return there != null ? there : Contestant.missing(id, id, "there is none");
    }

    void add(String id, String what, boolean rare, Way way) {
        contestants.put(id, new Contestant(id, what, rare, way));
    }

    void add(Contestant contestant) {
        contestants.put(contestant.id(), contestant);
    }

    static String name(Driver driver) {
        return driver.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private void addFloors() throws IOException {
        String program = settings.program();
        add("c.vfork", "C: vfork + exec", false, worker.way("c.vfork", "spawn", "vfork", program));
        add("c.posix_spawn", "C: posix_spawn", true, worker.way("c.posix_spawn", "spawn", "posix_spawn", program));
        add("c.fork", "C: fork + exec", true, worker.way("c.fork", "spawn", "fork", program));
        for (Kinds kinds : Kinds.values()) {
            String id = kinds.id();
            String plan = kinds.writePlan(program, settings.out(), "floor-" + id).toString();
            add("floor." + id, "C floor: " + kinds.what() + ", init", false, worker.way("floor." + id, "floor", plan, "direct"));
            // A plan of its own: its cgroups must not be those of the other.
            String second = kinds.writePlan(program, settings.out(), "floor-supervised-" + id).toString();
            add("floor+." + id, "C floor: " + kinds.what() + ", init, supervisor", false,
                worker.way("floor+." + id, "floor", second, "supervised"));
        }
        for (Kinds kinds : new Kinds[] {Kinds.FIVE, Kinds.ISOLATED}) {
            String id = "floor.setns." + kinds.id();
            add(id, "C floor: entering what is there, " + kinds.what(), false,
                worker.way(id, "setns", settings.out().resolve("floor-" + kinds.id() + ".json").toString()));
        }
    }

    private void addOtherJava() throws IOException {
        String program = settings.program();
        add("java.pb", "Java: ProcessBuilder, not isolated", false, Others.processBuilder(program));
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        LineWorker second = keep(new LineWorker(List.of(java.toString(), "-Djdk.lang.Process.launchMechanism=VFORK", "-cp",
            System.getProperty("java.class.path"), RemoteJvm.class.getName(), program)));
        add("java.pb-vfork", "Java: ProcessBuilder, launchMechanism=VFORK", false, second.way("java.pb-vfork", ""));
        add("java.commons-exec", "Java: commons-exec", true, Others.commonsExec(List.of(program)));
    }

    private void addOurs(Driver driver) throws Exception {
        Launcher launcher = launchers.get(driver);
        String name = name(driver);
        boolean rare = launcher != launcher();
        Path sockets = Files.createDirectories(settings.out().resolve("sockets"));
        for (Kinds kinds : Kinds.values()) {
            JobSpec spec = kinds.job(settings.program());
            add("nsjob." + name + "." + kinds.id(), "nsjob, " + name + ": " + kinds.what(), false,
                Way.of(() -> status(launcher.run(spec, QUIET).outcome())));
            String id = "driven." + name + "." + kinds.id();
            String plan = kinds.writePlan(settings.program(), settings.out(), id).toString();
            add(id, "the same helper driven from C, " + name + ": " + kinds.what(), rare,
                worker.way(id, "drive", plan, name, settings.helper().toString(), sockets.toString()));
        }
        for (Kinds kinds : new Kinds[] {Kinds.FIVE, Kinds.ISOLATED}) {
            addSandbox(launcher, name, kinds);
        }
    }

    private void addSandbox(Launcher launcher, String driver, Kinds kinds) throws InterruptedException {
        String id = "sandbox." + driver + "." + kinds.id();
        String what = "nsjob, " + driver + ": a command in an open sandbox, " + kinds.what();
        try {
            Sandbox sandbox = keep(launcher.open(kinds.world(settings.program())));
            CommandSpec command = CommandSpec.of(settings.program());
            add(id, what, false, Way.of(() -> status(sandbox.run(command, QUIET).outcome())));
        } catch (SandboxException e) {
            add(Contestant.missing(id, what, e.getMessage()));
        }
    }

    /**
     * Three ways to have a fresh world for each command: a burst no larger than the pool, which is full before it; a pool of two, which
     * cannot but be refilled meanwhile, so that the making counts; and one world, made anew each time. Giving back is not timed.
     */
    private void addPools() throws Exception {
        String who = "nsjob, " + name(launcher().driver()) + ": ";
        addPool("pool.isolated", who + "profile isolated from a full pool", settings.batch() + 1, true);
        addPool("pool.refilled.isolated", who + "profile isolated from a pool that is refilled meanwhile", 2, false);
        Sandbox sandbox = keep(launcher().open(Kinds.ISOLATED.world(settings.program())));
        CommandSpec command = CommandSpec.of(settings.program());
        add("reset.isolated", who + "a reset, and a command, profile isolated", false, Way.of(() -> {
            sandbox.reset();
            return status(sandbox.run(command, QUIET).outcome());
        }));
    }

    private void addPool(String id, String what, int size, boolean full) throws Exception {
        JobSpec world = Kinds.ISOLATED.world(settings.program());
        SandboxPool pool = keep(SandboxPool.of(launcher(), world).size(size).max(2 * size).build());
        CommandSpec command = CommandSpec.of(settings.program());
        add(id, what, false, count -> {
            // What is ready already is not what is measured where the making is to count.
            int before = full ? 0 : size;
            long[] nanos = new long[count];
            for (int i = -before; i < count; i++) {
                awaitReady(pool, !full ? 0 : i == 0 ? size : 1);
                long begin = System.nanoTime();
                try (Sandbox sandbox = pool.take()) {
                    int status = status(sandbox.run(command, QUIET).outcome());
                    nanos[Math.max(i, 0)] = System.nanoTime() - begin;
                    if (status != 0) {
                        throw new Way.Refused("it ended with status " + status);
                    }
                }
            }
            // Whoever is measured next is not to be measured beside the pool's filling.
            awaitReady(pool, size);
            return nanos;
        });
    }

    private static void awaitReady(SandboxPool pool, int size) throws InterruptedException {
        for (int i = 0; i < READY_LOOKS && pool.statistics().ready() < size; i++) {
            Thread.sleep(1);
        }
    }

    static int status(Outcome outcome) {
        return outcome.exitCode().orElseThrow(() -> new IllegalStateException(outcome.describe()));
    }

    @Override
    public void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }
}
