package io.nsjob.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The story as one page that needs nothing else: no other file, no network. All of it is there without scripts; with them it can be
 * played and stepped through. Its own policy allows this one style and this one script and nothing that came in with the output.
 */
final class HtmlPage {
    private final Texts texts;
    private final StringBuilder page = new StringBuilder();
    /** Where two steps are beside each other, the number that tells which is which. */
    private final Map<String, String> numbers = new HashMap<>();
    private int number;

    private HtmlPage(Texts texts) {
        this.texts = texts;
    }

    static String of(List<DemoRun> runs, Texts texts) throws IOException {
        HtmlPage page = new HtmlPage(texts);
        page.head(runs);
        runs.forEach(page::demo);
        page.page.append("</main>\n<script>").append(resource("page.js")).append("</script>\n</body>\n</html>\n");
        return page.page.toString();
    }

    private void head(List<DemoRun> runs) throws IOException {
        String title = "nsjob demo" + (runs.size() == 1 ? " " + runs.get(0).name() + ": " + runs.get(0).title() : "");
        String style = resource("page.css");
        page.append("<!DOCTYPE html>\n<html lang=\"").append(texts.language()).append("\">\n<head>\n<meta charset=\"utf-8\">\n")
            .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '").append(hash(style))
            .append("'; script-src '").append(hash(resource("page.js"))).append("'\">\n")
            .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .append("<meta name=\"color-scheme\" content=\"light dark\">\n<title>").append(escape(title)).append("</title>\n<style>")
            .append(style).append("</style>\n</head>\n<body>\n<header>\n<h1>nsjob demo</h1>\n<nav class=\"demos\">");
        for (DemoRun run : runs) {
            String state = !run.skipped().isEmpty() ? "skip" : run.claims(false) == 0 ? "ok" : "bad";
            page.append("<a class=\"").append(state).append("\" href=\"#").append(escape(run.name())).append("\">")
                .append(escape(run.name())).append("</a>");
        }
        page.append("</nav>\n<div class=\"bar\">");
        button("back", "‹", "back");
        button("play", "▶", "play");
        button("next", "›", "next");
        page.append("<output id=\"where\"></output>");
        button("theme", "◐", "theme");
        page.append("</div>\n</header>\n<main>\n");
    }

    private void button(String id, String sign, String word) {
        String label = escape(texts.word(word));
        page.append("<button type=\"button\" id=\"").append(id).append("\" title=\"").append(label).append("\" aria-label=\"").append(label)
            .append("\">").append(sign).append("</button>");
    }

    private void demo(DemoRun run) {
        number = 0;
        page.append("<section class=\"demo\" id=\"").append(escape(run.name())).append("\">\n<h2><code>").append(escape(run.name()))
            .append("</code> ").append(escape(run.title())).append("</h2>\n");
        if (!run.skipped().isEmpty()) {
            paragraph("note", texts.word("skipped", run.name(), run.skipped()));
            page.append("</section>\n");
            return;
        }
        paragraph("about", run.about());
        run.notes().forEach(note -> paragraph("note", note));
        page.append("<div class=\"panes heads\"><div class=\"pane host\">");
        run.sessions().forEach((name, words) -> {
            if (name.equals(Demo.HOST)) {
                page.append("<p>").append(escape(words)).append("</p></div><div class=\"pane other\">");
            } else {
                page.append("<p>").append(escape(words)).append("</p>");
            }
        });
        page.append("</div></div>\n");
        run.rows().forEach(row -> row(run, row));
        long failed = run.claims(false);
        paragraph("verdict " + (failed == 0 ? "ok" : "bad"), failed == 0 ? "✔ " + texts.word("holds", run.claims(true))
            : "✘ " + texts.word("fails", failed, failed + run.claims(true)));
        page.append("</section>\n");
    }

    private void row(DemoRun run, List<StepRun> row) {
        page.append("<section class=\"row\" id=\"").append(escape(run.name() + "-" + row.get(0).id())).append("\">\n");
        for (StepRun step : row) {
            number++;
            numbers.put(step.id(), row.size() == 1 ? "" : " · " + number);
            page.append("<p class=\"say\"><span class=\"number\">").append(number).append("</span>").append(escape(step.say())).append("</p>\n");
        }
        boolean swapped = row.size() == 2 && !row.get(0).host();
        page.append("<div class=\"panes").append(swapped ? " swapped" : "").append("\">");
        for (boolean host : new boolean[] {true, false}) {
            List<StepRun> here = row.stream().filter(step -> step.host() == host).toList();
            page.append("<div class=\"pane ").append(host ? "host" : "other").append(here.isEmpty() ? " empty" : "").append("\">");
            here.forEach(this::step);
            page.append("</div>");
        }
        page.append("</div>\n");
        row.forEach(step -> paragraph("look", step.look()));
        page.append("</section>\n");
    }

    private void step(StepRun step) {
        page.append("<p class=\"who\">").append(escape(step.session())).append(numbers.get(step.id())).append("</p><pre class=\"command\"><span class=\"prompt\">")
            .append(step.prompt().isEmpty() ? "→" : step.prompt()).append("</span> <kbd>").append(escape(step.command()))
            .append("</kbd></pre>");
        output("out", step.output().out());
        output("err", step.output().err());
        if (!step.claims().isEmpty()) {
            page.append("<ul>");
            for (StepRun.Claim claim : step.claims()) {
                page.append("<li class=\"").append(claim.passed() ? "ok" : "bad").append("\">").append(escape(claim.text()));
                claim.proves().forEach(what -> page.append(" <span class=\"proves\">").append(escape(what)).append("</span>"));
                page.append(claim.passed() ? "" : "<br><small>" + escape(claim.found()) + "</small>").append("</li>");
            }
            page.append("</ul>");
        }
    }

    private void output(String kind, String output) {
        List<String> lines = Shown.lines(output, texts);
        if (!lines.isEmpty()) {
            page.append("<pre class=\"").append(kind).append("\">").append(escape(String.join("\n", lines))).append("</pre>");
        }
    }

    private void paragraph(String kind, String text) {
        if (!text.isEmpty()) {
            page.append("<p class=\"").append(kind).append("\">").append(escape(text)).append("</p>\n");
        }
    }

    /** For text and for attributes in double quotes. What is no character of HTML is replaced. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int character : text.codePoints().toArray()) {
            switch (character) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(Character.isISOControl(character) && character != '\n' && character != '\t'
                    ? '\ufffd' : character);
            }
        }
        return escaped.toString();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not in this jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
