package io.nsjob.internal.run;

import io.nsjob.JobRecord;
import io.nsjob.Jobs;
import io.nsjob.JoinTarget;
import io.nsjob.NamespaceKind;
import io.nsjob.NoSuchJobException;
import io.nsjob.SandboxException;
import io.nsjob.internal.os.TargetProcess;
import io.nsjob.internal.plan.JoinPlace;
import io.nsjob.internal.wire.JobRecordReader;
import java.util.Map;
import java.util.Optional;

/** Finds what a command is to join. */
final class JoinPlaces {
    private static final String STAGE = "open-namespaces";
    private static final int ESRCH = 3;

    private JoinPlaces() {
    }

    static JoinPlace find(JoinTarget target) throws SandboxException {
        if (!target.files().isEmpty()) {
            return new JoinPlace(target, Optional.empty(), Optional.empty(), Optional.empty(), false);
        }
        if (target.job().isPresent()) {
            JobRecord record = record(target.job().get());
            TargetProcess main = TargetProcess.read(record.main().pid());
            if (main.startTime() != record.main().startTime()) {
                throw new SandboxException(STAGE, "", ESRCH, record.name(), "job " + record.name() + " has just ended", "");
            }
            return place(target, main, Optional.of(record));
        }
        TargetProcess process = TargetProcess.read(target.pid());
        return place(target, process, Jobs.list().stream().filter(record -> isIn(process, record)).findFirst());
    }

    /** The main process of a job that this JVM started. */
    static JoinPlace of(JoinTarget target, long startTime, Map<?, ?> process) throws SandboxException {
        TargetProcess main = TargetProcess.read(target.pid());
        if (main.startTime() != startTime) {
            throw new SandboxException(STAGE, "", ESRCH, "", "the sandbox has ended", "");
        }
        Object filter = process.get("seccomp") instanceof Map<?, ?> seccomp ? seccomp.get("filter") : null;
        return new JoinPlace(target, Optional.of(main), text(filter), tree(process.get("landlock")), true);
    }

    private static JobRecord record(String name) throws SandboxException {
        try {
            return Jobs.find(name);
        } catch (NoSuchJobException e) {
            throw new SandboxException(STAGE, e.getMessage(), e);
        }
    }

    /** A filter is for ever, and nobody comes into a pid namespace but by its processes: who is in that of a job has its filter. */
    private static boolean isIn(TargetProcess process, JobRecord record) {
        var pid = record.namespaces().get(NamespaceKind.PID);
        boolean main = record.main().pid() == process.pid() && record.main().startTime() == process.startTime();
        return main || pid.isolated() && pid.inode() == process.inode(NamespaceKind.PID);
    }

    private static JoinPlace place(JoinTarget target, TargetProcess process, Optional<JobRecord> record) {
        Map<?, ?> tree = record.isPresent() ? JobRecordReader.tree(record.get().json()) : Map.of();
        return new JoinPlace(target, Optional.of(process), text(tree.get("seccompFilter")), tree(tree.get("landlock")),
            !tree.isEmpty());
    }

    private static Optional<String> text(Object value) {
        return value instanceof String text ? Optional.of(text) : Optional.empty();
    }

    @SuppressWarnings("unchecked")
    private static Optional<Map<String, Object>> tree(Object value) {
        return value instanceof Map<?, ?> map ? Optional.of((Map<String, Object>) map) : Optional.empty();
    }
}
