package example;

/** Greets. */
public final class Hello {
    private Hello() {
    }

    /** {@return a greeting} */
    public static String greeting() {
        return "hello";
    }
}
