package io.nsjob.internal.run;

import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Propagation;
import io.nsjob.SandboxException;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.NetnsNames;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where this caller's named network namespaces are: those of the machine for who may mount, of the user for everybody else. */
public interface NetnsHome {
    /** CAP_SYS_ADMIN, linux/capability.h. */
    int SYS_ADMIN = 21;

    /**
     * That of this process.
     *
     * @return by what it may do
     */
    static NetnsHome ofThisCaller() {
        return (HostFacts.real().permittedCapabilities() >>> SYS_ADMIN & 1) != 0 ? new OfMachine() : new OfUser();
    }

    /**
     * The names.
     *
     * @return in the order of their directory
     */
    List<NetnsNames.Entry> list();

    /**
     * Makes one.
     *
     * @param name checked
     * @param loopback whether lo is brought up
     * @throws SandboxException when the name is taken, or this caller may not
     * @throws InterruptedException when the calling thread was interrupted
     */
    void create(String name, boolean loopback) throws SandboxException, InterruptedException;

    /**
     * Takes a name away.
     *
     * @param name checked
     * @throws SandboxException when there is no such name, or this caller may not
     * @throws InterruptedException when the calling thread was interrupted
     */
    void delete(String name) throws SandboxException, InterruptedException;

    /**
     * The file of a name.
     *
     * @param name checked
     * @return as this process reaches it; there may be none
     */
    Path file(String name);

    /**
     * A job in one of them.
     *
     * @param name checked
     * @return profile bare, with that network and a mount namespace whose /run/netns shows all names
     */
    JobSpec.Builder job(String name);

    /**
     * A job from which all of them can be wired together: it sees their names, in a network of none of them.
     *
     * @return profile bare; empty when there is none yet
     */
    Optional<JobSpec.Builder> home();

    /** Those in /run/netns. */
    final class OfMachine implements NetnsHome {
        private static final Path ROOT = Path.of("/");
        private static final Path MOUNTS = Path.of("/proc/thread-self/mountinfo");

        @Override
        public List<NetnsNames.Entry> list() {
            return NetnsNames.list(ROOT, MOUNTS);
        }

        @Override
        public void create(String name, boolean loopback) throws SandboxException, InterruptedException {
            NetnsNames.create(name, loopback);
        }

        @Override
        public void delete(String name) throws SandboxException {
            NetnsNames.delete(name);
        }

        @Override
        public Path file(String name) {
            return Path.of(NetnsNames.DIRECTORY, name);
        }

        @Override
        public Optional<JobSpec.Builder> home() {
            return Optional.of(JobSpec.bare());
        }

        @Override
        public JobSpec.Builder job(String name) {
            return ofFile(file(name)).namespace(NamespaceKind.MNT, NamespaceMode.fresh()).propagation(Propagation.SLAVE);
        }
    }

    /**
     * Removes what is left of this user's, when no name is.
     *
     * @return the paths that were removed
     */
    static List<String> sweep() {
        return Keeper.sweep();
    }

    /** Profile bare with a network that a file stands for. */
    static JobSpec.Builder ofFile(Path file) {
        return JobSpec.bare().namespace(NamespaceKind.NET, NamespaceMode.join(file.toString()));
    }

    /**
     * Binds what is in /etc/netns/NAME over the files of /etc with the same names, as ip-netns(8) has it.
     *
     * @param job with a mount namespace of its own
     * @param name checked
     * @return the job
     */
    static JobSpec.Builder withEtc(JobSpec.Builder job, String name) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/etc/netns", name))) {
            for (Path file : files) {
                Path over = Path.of("/etc").resolve(file.getFileName());
                if (Files.exists(over)) {
                    job.bind(file.toString(), over.toString());
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // None of its own: most have none.
            return job;
        }
        return job;
    }
}
