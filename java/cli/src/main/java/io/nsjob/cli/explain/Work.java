package io.nsjob.cli.explain;

import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Profile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A job to be explained: what was asked for, and the plan that it was compiled to here.
 *
 * @param spec what was asked for
 * @param plan the launch plan, as a tree
 * @param root whether the caller is root
 */
public record Work(JobSpec spec, Map<String, Object> plan, boolean root) {

    boolean isNew(NamespaceKind kind) {
        return spec.namespace(kind) instanceof NamespaceMode.New;
    }

    /** The process whose mounts are copied. */
    OptionalLong copied() {
        return spec.namespace(NamespaceKind.MNT) instanceof NamespaceMode.New fresh ? fresh.copyOf() : OptionalLong.empty();
    }

    boolean isBare() {
        return spec.profile() == Profile.BARE;
    }

    List<NamespaceKind> fresh() {
        return List.of(NamespaceKind.values()).stream().filter(this::isNew).toList();
    }

    /** The file of a namespace that is joined. */
    Optional<String> joined(NamespaceKind kind) {
        NamespaceMode mode = spec.namespace(kind);
        if (mode instanceof NamespaceMode.JoinPath path) {
            return Optional.of(path.path());
        }
        return mode instanceof NamespaceMode.JoinPid pid ? Optional.of("/proc/" + pid.pid() + "/ns/" + kind.kernelName())
            : Optional.empty();
    }

    List<NamespaceKind> joined() {
        return List.of(NamespaceKind.values()).stream().filter(kind -> joined(kind).isPresent()).toList();
    }

    List<Map<String, Object>> mounts() {
        return Tree.maps(plan, "mounts");
    }

    /** Steps of one kind. */
    List<Map<String, Object>> mounts(String op) {
        return mounts().stream().filter(step -> Tree.text(step, "op").equals(op)).toList();
    }

    boolean has(String op) {
        return !mounts(op).isEmpty();
    }

    /** Whether the job has a root that is not the host's tree as it is. */
    boolean hasOwnRoot() {
        return has("root") || has("rootBind") || has("rootOverlay");
    }

    Map<String, Object> process() {
        return Tree.map(plan, "process");
    }

    /** The ids are of a block that is chosen when the job starts. */
    boolean hasBlock() {
        return Tree.at(plan, "idMaps", "block").isPresent();
    }
}
