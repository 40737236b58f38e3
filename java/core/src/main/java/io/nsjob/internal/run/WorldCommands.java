package io.nsjob.internal.run;

import io.nsjob.CommandSpec;
import io.nsjob.JobSpec;
import java.lang.ref.WeakReference;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.Map;

/** The commands that were run last in worlds of one spec: what a pool hands out is a new world each time. Thread-safe. */
final class WorldCommands {
    /** A service has a handful of commands; one that makes another for each start does not pay with memory. */
    private static final int MOST = 32;

    private final Map<CommandSpec, WorldCommand> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<CommandSpec, WorldCommand> eldest) {
            return size() > MOST;
        }
    };

    /** Those of each spec, as long as somebody has it. */
    static final class OfSpecs {
        private static final int SPECS = 16;
        private final LinkedList<Map.Entry<WeakReference<JobSpec>, WorldCommands>> all = new LinkedList<>();

        synchronized WorldCommands of(JobSpec spec) {
            all.removeIf(entry -> entry.getKey().get() == null);
            for (Map.Entry<WeakReference<JobSpec>, WorldCommands> entry : all) {
                if (entry.getKey().get() == spec) {
                    return entry.getValue();
                }
            }
            WorldCommands made = new WorldCommands();
            all.addFirst(Map.entry(new WeakReference<>(spec), made));
            if (all.size() > SPECS) {
                all.removeLast();
            }
            return made;
        }
    }

    synchronized WorldCommand get(CommandSpec command) {
        return known.get(command);
    }

    synchronized WorldCommand put(CommandSpec command, JobSpec spec) {
        WorldCommand made = new WorldCommand(spec);
        known.put(command, made);
        return made;
    }
}
