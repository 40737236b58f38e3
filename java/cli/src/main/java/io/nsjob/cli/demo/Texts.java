package io.nsjob.cli.demo;

import java.util.Locale;
import java.util.Map;
import java.util.MissingResourceException;
import java.util.Optional;
import java.util.ResourceBundle;

/** What is told, in English or Korean. Names of keys are those of CONTRIBUTING. */
final class Texts {
    private static final ResourceBundle.Control EXACTLY = ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES);
    private static final String PACKAGE = "io.nsjob.cli.demo.";

    private final String language;
    private final ResourceBundle words;
    private final ResourceBundle narration;

    Texts(String language) {
        this.language = language;
        Locale locale = language.equals("en") ? Locale.ROOT : new Locale(language);
        words = ResourceBundle.getBundle(PACKAGE + "Words", locale, Texts.class.getClassLoader(), EXACTLY);
        narration = ResourceBundle.getBundle(PACKAGE + "Narration", locale, Texts.class.getClassLoader(), EXACTLY);
    }

    /**
     * The language to speak.
     *
     * @param environment with the caller's own LC_ALL in NSJOB_LC_ALL: "=value", or "-" where it had none
     */
    static String language(Map<String, String> environment) {
        String all = environment.getOrDefault("NSJOB_LC_ALL", "=" + environment.getOrDefault("LC_ALL", ""));
        for (String locale : new String[] {all.startsWith("=") ? all.substring(1) : "", environment.getOrDefault("LC_MESSAGES", ""),
            environment.getOrDefault("LANG", "")}) {
            if (!locale.isEmpty()) {
                return locale.equals("ko") || locale.startsWith("ko_") || locale.startsWith("ko.") ? "ko" : "en";
            }
        }
        return "en";
    }

    String language() {
        return language;
    }

    /** A word of the program's own. */
    String word(String key, Object... values) {
        String text = words.getString(key);
        for (int i = 0; i < values.length; i++) {
            text = text.replace("{" + i + "}", String.valueOf(values[i]));
        }
        return text;
    }

    /** A text of a demo: the file's own, else the one that came with the program. */
    Optional<String> of(Demo demo, String key) {
        Map<String, String> own = demo.texts().get(key);
        if (own != null) {
            return Optional.of(own.getOrDefault(language, own.getOrDefault("", own.values().iterator().next())));
        }
        try {
            return demo.texts().isEmpty() ? Optional.of(narration.getString(demo.name() + "." + key)) : Optional.empty();
        } catch (MissingResourceException e) {
            return Optional.empty();
        }
    }
}
