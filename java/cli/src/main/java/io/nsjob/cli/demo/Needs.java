package io.nsjob.cli.demo;

import io.nsjob.IdMaps;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.SandboxException;
import io.nsjob.cli.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether this machine has what a demo needs. Features are tried, never concluded from a version. */
final class Needs {
    private Needs() {}

    /** The first thing that is missing, with what helps. */
    static Optional<String> missing(Demo demo, Launcher launcher, Caller caller, Texts texts) throws InterruptedException {
        for (Demo.Need need : demo.needs()) {
            Optional<String> missing = need.kind() == Demo.Need.Kind.PROGRAM
                ? program(need, caller, texts)
                : feature(need.name(), launcher, caller, texts);
            if (missing.isPresent()) {
                return missing;
            }
        }
        boolean namespaces = !demo.sessions().isEmpty() || demo.steps().stream().anyMatch(step -> step.act() instanceof Demo.Single);
        return namespaces && !caller.privileged() ? feature("userns", launcher, caller, texts) : Optional.empty();
    }

    private static Optional<String> program(Demo.Need need, Caller caller, Texts texts) {
        if (need.name().startsWith("/")) {
            return Files.isExecutable(Path.of(need.name())) ? Optional.empty()
                : Optional.of(texts.word("noProgram", need.name(), need.packageName()));
        }
        for (String directory : caller.environment().get("PATH").split(":")) {
            if (Files.isExecutable(Path.of(directory.isEmpty() ? "." : directory, need.name()))) {
                return Optional.empty();
            }
        }
        return Optional.of(texts.word("noProgram", need.name(), need.packageName()));
    }

    private static Optional<String> feature(String name, Launcher launcher, Caller caller, Texts texts) throws InterruptedException {
        if (name.equals("root") || name.equals("user")) {
            boolean there = caller.privileged() == name.equals("root");
            return there ? Optional.empty() : Optional.of(texts.word("only." + name));
        }
        JobSpec.Builder spec = JobSpec.bare().command("true");
        if (!caller.privileged()) {
            spec.namespace(NamespaceKind.USER, NamespaceMode.fresh()).idMaps(IdMaps.of(IdMaps.Preset.ROOT));
        }
        if (name.equals("time")) {
            spec.namespace(NamespaceKind.TIME, NamespaceMode.fresh());
        } else if (name.equals("memory-limit")) {
            spec.memory(32L << 20);
        } else {
            spec.namespace(NamespaceKind.USER, NamespaceMode.fresh()).idMaps(IdMaps.of(IdMaps.Preset.ROOT));
        }
        try {
            launcher.run(spec.build());
            return Optional.empty();
        } catch (SandboxException e) {
            return Optional.of(texts.word("noFeature", name, Failure.describe(e)));
        } catch (InvalidSpecException e) {
            return Optional.of(texts.word("noFeature", name, String.join("; ", e.violations())));
        }
    }
}
