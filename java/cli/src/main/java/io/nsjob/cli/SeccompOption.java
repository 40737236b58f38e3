package io.nsjob.cli;

import io.nsjob.Seccomp;
import java.io.IOException;
import java.util.List;

/** The value of {@code --seccomp}: a word, or a file whose content becomes part of the job spec. */
final class SeccompOption {
    private static final List<String> WORDS = List.of("default", "none");

    private SeccompOption() {}

    static Object value(String text) throws UsageException {
        if (WORDS.contains(text)) {
            return text;
        }
        Object profile;
        try {
            String json = SpecFile.read(text);
            Seccomp.profile(json); // says what is wrong with the file itself
            profile = JsonTree.parse(json);
        } catch (IOException e) {
            throw new UsageException("run: --seccomp: cannot read a profile from " + text + ": "
                + (e instanceof java.nio.file.NoSuchFileException ? "no such file; words are default and none" : e.getMessage()));
        }
        return profile;
    }
}
