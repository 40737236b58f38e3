package io.nsjob.internal.wire;

import io.nsjob.SandboxException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A failed launch as JSON: the helper's error object, unchanged, beside the name of the job. */
public final class ErrorJson {
    private ErrorJson() {
    }

    /**
     * Writes a failure.
     *
     * @param failure of a launch
     * @return one object, indented
     */
    public static String write(SandboxException failure) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("stage", failure.stage());
        error.put("syscall", failure.syscall());
        error.put("errno", failure.errno());
        error.put("subject", failure.subject());
        error.put("message", failure.getMessage());
        error.put("hint", failure.hint().orElse(""));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("job", failure.job());
        document.put("error", error);
        return Json.write(document);
    }
}
