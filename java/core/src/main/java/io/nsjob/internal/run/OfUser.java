package io.nsjob.internal.run;

import io.nsjob.JobSpec;
import io.nsjob.SandboxException;
import io.nsjob.internal.os.NetnsNames;
import java.nio.file.Path;
import java.util.List;

/** Those of a user. */
final class OfUser implements NetnsHome {
    @Override
    public List<NetnsNames.Entry> list() {
        return List.of();
    }

    @Override
    public void create(String name, boolean loopback) throws SandboxException {
        throw new SandboxException(NetnsNames.STAGE, "", 1, name, "cannot make network namespace " + name, "run it as root");
    }

    @Override
    public void delete(String name) throws SandboxException {
        throw new SandboxException(NetnsNames.STAGE, "", 2, "", "there is no network namespace " + name, "");
    }

    @Override
    public Path file(String name) {
        return Path.of(NetnsNames.DIRECTORY, name);
    }

    @Override
    public JobSpec.Builder job(String name) {
        return NetnsHome.ofFile(file(name));
    }
}
