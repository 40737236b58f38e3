package io.nsjob.cli.demo;

/** What a story is written to: a terminal that is there, or the recording of one that is not. */
interface Screen {
    /** Written at once. */
    void put(String text);

    /** Written as somebody types. */
    default void type(String text) {
        put(text);
    }

    /** Time to read or to think. */
    default void pause(int millis) {}

    /** A place to jump to. */
    default void chapter(String title) {}

    /** To the next line. */
    default void newLine() {
        put("\n");
    }
}
