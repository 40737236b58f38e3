package io.nsjob.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** ProcessBuilder in a JVM of its own: how it starts processes (jdk.lang.Process.launchMechanism) is fixed when the first is. */
final class RemoteJvm {
    private RemoteJvm() {
    }

    public static void main(String[] args) throws IOException {
        Way way = Others.processBuilder(args[0]);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(answer(way, line.split("\t")));
        }
    }

    private static String answer(Way way, String[] fields) {
        if (!fields[0].equals("run")) {
            return "ok";
        }
        try {
            StringBuilder text = new StringBuilder("ok");
            for (long nanos : way.run(Integer.parseInt(fields[2]))) {
                text.append(' ').append(nanos);
            }
            return text.toString();
        } catch (Exception e) {
            return "refused " + e.getMessage();
        }
    }
}
