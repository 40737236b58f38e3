package io.nsjob.cli.demo;

import io.nsjob.cli.JsonTree;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A recording in the format asciicast v2 (docs.asciinema.org/manual/asciicast/v2): one JSON value a line, with the seconds since the
 * start. The clock is that of somebody who types and reads, not that of this machine, so a recording of the same output is the same.
 */
final class CastScreen implements Screen {
    static final int WIDTH = 104;
    private static final int HEIGHT = 32;
    private static final int KEY = 45;
    private static final int LINE = 30;

    private final List<String> events = new ArrayList<>();
    private final StringBuilder waiting = new StringBuilder();
    private long clock;

    @Override
    public void put(String text) {
        waiting.append(text);
    }

    @Override
    public void type(String text) {
        flush();
        // What colours the text is no key.
        int i = 0;
        while (i < text.length()) {
            int end = text.charAt(i) == '\u001b' ? text.indexOf('m', i) + 1 : text.offsetByCodePoints(i, 1);
            event("o", text.substring(i, end));
            clock += text.charAt(i) == '\u001b' ? 0 : KEY;
            i = end;
        }
    }

    @Override
    public void pause(int millis) {
        flush();
        clock += millis;
    }

    @Override
    public void chapter(String title) {
        flush();
        event("m", title);
    }

    @Override
    public void newLine() {
        waiting.append("\r\n");
        flush();
        clock += LINE;
    }

    private void flush() {
        if (waiting.length() > 0) {
            event("o", waiting.toString());
            waiting.setLength(0);
        }
    }

    private void event(String code, String data) {
        events.add(JsonTree.compact(List.of(BigDecimal.valueOf(clock, 3), code, data)));
    }

    void write(Path file, String title) throws IOException {
        flush();
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("version", 2);
        header.put("width", WIDTH);
        header.put("height", HEIGHT);
        header.put("title", title);
        header.put("env", Map.of("TERM", "xterm-256color"));
        List<String> lines = new ArrayList<>(List.of(JsonTree.compact(header)));
        lines.addAll(events);
        Files.write(file, lines);
    }
}
