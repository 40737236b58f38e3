package io.nsjob.internal.wire;

/** A text that is not JSON. The message begins with a path and quotes nothing of the text. */
final class JsonSyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    JsonSyntaxException(String message) {
        super(message);
    }
}
