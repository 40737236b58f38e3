package io.nsjob.internal.run;

import io.nsjob.SandboxException;
import io.nsjob.internal.os.PinFiles;
import io.nsjob.internal.plan.CompiledPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The notes of what a launch is going to pin, so that a killed one leaves nothing that nobody knows of. */
final class Pins {
    private static final String PINS = "pins";
    private static final String MARKER = "marker";

    private Pins() {
    }

    /** The same plan with a note for each pin that outlives the job's own mount namespace. */
    static CompiledPlan note(CompiledPlan plan, Path base, long uid) throws SandboxException {
        if (!plan.has(PINS)) {
            return plan;
        }
        List<Map<String, Object>> pins = new ArrayList<>();
        for (Object each : (List<?>) plan.plan().get(PINS)) {
            Map<String, Object> pin = new LinkedHashMap<>();
            ((Map<?, ?>) each).forEach((name, value) -> pin.put((String) name, value));
            String path = String.valueOf(pin.get("path"));
            try {
                if (!Boolean.TRUE.equals(pin.get("inside"))) {
                    pin.put(MARKER, PinFiles.note(base, uid, path).toString());
                }
            } catch (IOException e) {
                throw new SandboxException("pin", "cannot pin a namespace to " + path + ": " + e.getMessage(), e).about(plan.job());
            }
            pins.add(pin);
        }
        Map<String, Object> tree = new LinkedHashMap<>(plan.plan());
        tree.put(PINS, pins);
        return new CompiledPlan(plan.job(), plan.profile(), tree, plan.weakened(), plan.limits(), plan.cgroups());
    }

    /** For a launch that failed, and whose helper may have been killed; a launch that has succeeded has no notes any more. */
    static void undo(CompiledPlan plan) {
        if (plan.has(PINS) && plan.plan().get(PINS) instanceof List<?> pins) {
            for (Object pin : pins) {
                if (((Map<?, ?>) pin).get(MARKER) instanceof String note) {
                    PinFiles.undo(Path.of(note));
                }
            }
        }
    }
}
