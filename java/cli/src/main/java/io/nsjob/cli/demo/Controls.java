package io.nsjob.cli.demo;

import io.nsjob.JobResult;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.cli.Failure;
import io.nsjob.cli.JsonTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A check that cannot fail proves nothing: each isolation is left out in turn, and the checks that prove it must fail. */
final class Controls {
    private static final int AT_ONCE = 3;

    private final Launcher launcher;
    private final Texts english = new Texts("en");

    Controls(Launcher launcher) {
        this.launcher = launcher;
    }

    /**
     * One isolation left out of one demo.
     *
     * @param demo its name
     * @param without what was left out
     * @param failed how many of the checks that prove it failed
     * @param held the claims that held all the same, or were not looked at
     */
    record Control(String demo, String without, int failed, List<String> held) {
        boolean passed() {
            return held.isEmpty() && failed > 0;
        }
    }

    /** All of them, in their order. {@code names} are as the demos are called on the command line. */
    List<Control> run(Map<String, Demo> demos) throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<Control>> running = new ArrayList<>();
            demos.forEach((name, demo) -> demo.proven().forEach(isolation -> running.add(threads.submit(() -> one(name, demo, isolation)))));
            List<Control> controls = new ArrayList<>();
            for (Future<Control> control : running) {
                controls.add(control.get());
            }
            return controls;
        } catch (ExecutionException e) {
            throw new IOException(e.getCause() instanceof SandboxException sandbox ? Failure.describe(sandbox)
                : String.valueOf(e.getCause().getMessage()), e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private Control one(String name, Demo demo, String isolation) throws Exception {
        List<?> steps = demo.dangerous(isolation) ? outside(name, demo, isolation) : here(demo, isolation);
        int failed = 0;
        List<String> held = new ArrayList<>();
        int seen = 0;
        for (Object step : steps) {
            for (Object element : (List<?>) ((Map<?, ?>) step).get("checks")) {
                Map<?, ?> check = (Map<?, ?>) element;
                if (((List<?>) check.get("proves")).contains(isolation)) {
                    seen++;
                    if (Boolean.FALSE.equals(check.get("passed"))) {
                        failed++;
                    } else {
                        held.add(((Map<?, ?>) step).get("id") + ": " + check.get("claim"));
                    }
                }
            }
        }
        long all = demo.steps().stream().filter(step -> !aboutCgroups(step.when())).flatMap(step -> step.checks().stream())
            .filter(check -> !aboutCgroups(check.when()) && check.proves().contains(isolation)).count();
        if (seen < all) {
            held.add(all - seen + " not looked at");
        }
        return new Control(demo.name(), isolation, failed, held);
    }

    /** Which of these checks are looked at is a matter of the machine: some other is there for what this one lacks. */
    private static boolean aboutCgroups(Demo.When when) {
        return when == Demo.When.CGROUP || when == Demo.When.NO_CGROUP;
    }

    private List<?> outside(String name, Demo demo, String isolation) throws SandboxException, IOException, InterruptedException {
        JobResult result = OuterSandbox.run(launcher, List.of("--json", "--lang", "en", "--without", isolation,
            name.endsWith(".json") ? Path.of(name).toAbsolutePath().toString() : name),
            StartOptions.defaults());
        Object tree;
        try {
            tree = JsonTree.parse(result.stdoutText());
        } catch (IOException | IllegalStateException e) {
            throw new DemoException(demo.name() + " without " + isolation + ": " + result.outcome().describe() + ": "
                + result.stderrText().strip());
        }
        return steps(tree, demo, isolation);
    }

    private List<?> here(Demo demo, String isolation) throws SandboxException, IOException, InterruptedException {
        DemoRun run = Engine.play(demo, launcher, Caller.current(false), english, Set.of(isolation), new Nobody());
        return steps(JsonResult.of(List.of(run), true), demo, isolation);
    }

    private static List<?> steps(Object tree, Demo demo, String isolation) {
        Map<?, ?> run = (Map<?, ?>) ((List<?>) ((Map<?, ?>) tree).get("demos")).get(0);
        if (run.containsKey("skipped")) {
            throw new DemoException(demo.name() + " without " + isolation + " was skipped: " + run.get("skipped"));
        }
        return (List<?>) run.get("steps");
    }

    /** Nobody looks on. */
    static final class Nobody implements DemoRun.Audience {
        @Override
        public void begin(DemoRun demo) {
            // The result is looked at when it is complete.
        }

        @Override
        public void row(List<StepRun> row) {
            // Likewise.
        }

        @Override
        public void end(DemoRun demo) {
            // Likewise.
        }
    }
}
