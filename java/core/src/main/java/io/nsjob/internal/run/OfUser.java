package io.nsjob.internal.run;

import io.nsjob.Driver;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.NamespacePin;
import io.nsjob.Propagation;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.NetnsNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Those of a user without privileges: files in the mount namespace of a {@link Keeper}, whose user namespace owns them all. */
final class OfUser implements NetnsHome {
    private static final int ENOENT = 2;
    private static final int EEXIST = 17;

    @Override
    public List<NetnsNames.Entry> list() {
        return Keeper.find().map(Keeper::list).orElse(List.of());
    }

    @Override
    public void create(String name, boolean loopback) throws SandboxException, InterruptedException {
        Keeper.alone(() -> {
            Optional<Keeper> found = Keeper.find();
            if (found.isPresent() && Files.exists(found.get().file(name))) {
                throw new SandboxException(NetnsNames.STAGE, "open", EEXIST, name, "there is a network namespace " + name + " already", "");
            }
            Keeper keeper = found.isPresent() ? found.get() : Keeper.start();
            JobSpec spec = keeper.world().namespace(NamespaceKind.NET, NamespaceMode.fresh()).loopback(loopback).cwd("/")
                .pin(new NamespacePin(NamespaceKind.NET, NetnsNames.DIRECTORY + "/" + name, true)).build();
            try (JobLauncher launcher = JobLauncher.open(Driver.PER_JOB)) {
                // It has the name once the job runs.
                launcher.startHelper(spec, StartOptions.defaults(), List.of("--pause")).close();
            } finally {
                keeper.endUnlessNeeded();
            }
            return keeper;
        });
    }

    @Override
    public void delete(String name) throws SandboxException, InterruptedException {
        Keeper.alone(() -> {
            Keeper keeper = Keeper.find().filter(found -> Files.exists(found.file(name)))
                .orElseThrow(() -> new SandboxException(NetnsNames.STAGE, "unlink", ENOENT, "", "there is no network namespace " + name, ""));
            try (JobLauncher launcher = JobLauncher.open(Driver.PER_JOB);
                    Job job = launcher.startHelper(keeper.world().cwd("/").build(), StartOptions.defaults(),
                        List.of("--unpin", NetnsNames.DIRECTORY + "/" + name))) {
                JobResult result = job.await();
                if (!result.outcome().success()) {
                    throw new SandboxException(NetnsNames.STAGE, "", 0, "", "cannot delete network namespace " + name + ": "
                        + result.stderrText().strip(), "");
                }
            }
            keeper.endUnlessNeeded();
            return keeper;
        });
    }

    @Override
    public Path file(String name) {
        // Without a keeper there are no names, and no file at this path either.
        return Keeper.find().map(keeper -> keeper.file(name)).orElse(Path.of("/proc/0/root", NetnsNames.DIRECTORY, name));
    }

    @Override
    public JobSpec.Builder job(String name) {
        Keeper keeper = Keeper.find().orElseThrow(() -> new IllegalStateException("no names"));
        JobSpec.Builder spec = NetnsHome.ofFile(keeper.file(name)).namespace(NamespaceKind.USER, NamespaceMode.join(keeper.pid()))
            .namespace(NamespaceKind.MNT, NamespaceMode.copyOf(keeper.pid())).propagation(Propagation.SLAVE);
        // In a mount namespace that was entered nobody has a working directory.
        HostFacts.real().workingDirectory().ifPresent(spec::cwd);
        return spec;
    }

    @Override
    public Optional<JobSpec.Builder> home() {
        return Keeper.find().map(keeper -> {
            JobSpec.Builder spec = keeper.world().namespace(NamespaceKind.NET, NamespaceMode.join(keeper.pid()));
            HostFacts.real().workingDirectory().ifPresent(spec::cwd);
            return spec;
        });
    }
}
