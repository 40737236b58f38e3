package io.nsjob.cli;

/** Where {@code bin/nsjob} enters. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        int status = new Cli(Console.system()).run(args);
        System.exit(status);
    }
}
