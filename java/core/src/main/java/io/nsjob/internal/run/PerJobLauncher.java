package io.nsjob.internal.run;

import io.nsjob.Driver;
import io.nsjob.SandboxException;
import io.nsjob.internal.launch.HelperConnection;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.RunDirectory;
import io.nsjob.internal.plan.CompiledPlan;
import java.nio.file.Path;

/** The launcher that starts one helper per job. Nothing on its way loads JNA. */
public final class PerJobLauncher extends JobLauncher {
    private PerJobLauncher(Path helper, RunDirectory run) {
        super(helper, run);
    }

    /**
     * Opens a launcher with a helper that is known.
     *
     * @param helper its path
     * @param facts about this user
     * @return to be closed
     * @throws SandboxException when there is no private directory
     */
    static PerJobLauncher open(Path helper, HostFacts facts) throws SandboxException {
        return new PerJobLauncher(helper, prepare(facts));
    }

    @Override
    public Driver driver() {
        return Driver.PER_JOB;
    }

    @Override
    JobLink connect(CompiledPlan plan, JobStreams streams, Supervision supervision, boolean here) throws SandboxException {
        HelperConnection connection = connect(plan.job(), streams);
        supervision.supervisorIs(connection.process().pid());
        return PerJobLink.begin(plan, connection, streams, supervision);
    }
}
