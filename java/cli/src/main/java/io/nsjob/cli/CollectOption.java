package io.nsjob.cli;

import io.nsjob.Collected;
import io.nsjob.JobResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code --collect SRC[:DST]}, and what the user hears of it afterwards. */
final class CollectOption {
    /** More lines would push the job's own last words off the screen; the report has them all. */
    private static final int MOST_LINES = 10;

    private CollectOption() {}

    static void apply(RunLine line, Map<String, Object> spec) throws UsageException {
        for (String typed : line.values(RunOption.COLLECT)) {
            int colon = typed.indexOf(':');
            String from = colon < 0 ? typed : typed.substring(0, colon);
            String to = colon < 0 ? from.substring(from.lastIndexOf('/') + 1) : typed.substring(colon + 1);
            if (!from.startsWith("/") || to.isEmpty()) {
                throw Values.bad(RunOption.COLLECT, typed, "SRC or SRC:DST, with an absolute SRC");
            }
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("from", from);
            entry.put("to", to);
            SpecAssembler.list(spec, "collect").add(entry);
        }
    }

    static void tell(JobResult result, Console console) {
        List<Collected.Skipped> skipped = result.collected().isPresent() ? result.collected().get().skipped() : List.of();
        for (Collected.Skipped one : skipped.subList(0, Math.min(MOST_LINES, skipped.size()))) {
            console.error("not collected: " + one.path() + ": " + one.reason());
        }
        if (skipped.size() > MOST_LINES) {
            console.error("not collected: " + (skipped.size() - MOST_LINES) + " more; --report lists them");
        }
    }
}
