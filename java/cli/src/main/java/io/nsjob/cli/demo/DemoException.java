package io.nsjob.cli.demo;

/** A demo that cannot be read or cannot go on: nsjob failed, not a claim. One line for the user. */
final class DemoException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DemoException(String message) {
        super(message);
    }
}
