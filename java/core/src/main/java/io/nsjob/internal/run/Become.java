package io.nsjob.internal.run;

import io.nsjob.JobSpec;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.UnshareOptions;
import io.nsjob.internal.launch.HelperLocator;
import io.nsjob.internal.os.ErrnoException;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.PrivateDirectory;
import io.nsjob.internal.os.ProcessImage;
import io.nsjob.internal.os.StateBase;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.plan.InPlacePlan;
import io.nsjob.internal.plan.PlanCompiler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** This JVM becomes the helper, and that the command: PROTOCOL.md, "In place". */
public final class Become {
    private Become() {
    }

    /**
     * Replaces this JVM.
     *
     * @param spec with a command
     * @param options whether to fork; the streams are this JVM's
     * @return why it did not work: this process is what it was
     * @throws SandboxException when there is no helper, or no place for what is noted of pins
     */
    public static SandboxException become(JobSpec spec, UnshareOptions options) throws SandboxException {
        if (!(options.in() instanceof Stdio.Inherit && options.out() instanceof Stdio.Inherit && options.err() instanceof Stdio.Inherit)) {
            throw new IllegalArgumentException("the streams of a JVM that is replaced are its own: UnshareOptions.inherited()");
        }
        HostFacts facts = HostFacts.real();
        long uid = facts.identity().uid();
        Path helper = HelperLocator.locate(uid);
        CompiledPlan plan;
        try {
            Path base = StateBase.require(facts.identity());
            String ids = uid == 0 ? PrivateDirectory.require(base.resolve("ids"), uid).toString() : "";
            PlanCompiler.Start start = new PlanCompiler.Start(false, List.of(), JobStreams.limitsOutput(StartOptions.inherited(), spec), ids,
                "unshare-" + ProcessHandle.current().pid());
            plan = Pins.note(InPlacePlan.of(spec, PlanCompiler.compile(spec, facts, start), options), base, uid);
        } catch (SandboxException e) {
            throw e;
        } catch (IOException e) {
            throw new SandboxException("state", String.valueOf(e.getMessage()), e);
        }
        ErrnoException failure;
        try {
            failure = ProcessImage.become(helper.toString(), "NSJOB_PLAN", plan.wireBytes());
        } catch (ErrnoException e) {
            failure = e;
        }
        Pins.undo(plan);
        return new SandboxException("spawn", "cannot become the helper: " + failure.getMessage(), failure);
    }
}
