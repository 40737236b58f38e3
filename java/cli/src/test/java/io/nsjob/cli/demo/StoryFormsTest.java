package io.nsjob.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.cli.Cells;
import io.nsjob.cli.JsonTree;
import io.nsjob.cli.Style;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One run, shown in every form. */
class StoryFormsTest {
    private static final String EVIL = "<script>alert('1')</script> & \"x\" | `y` ${z}";
    private static final Texts KOREAN = new Texts("ko");

    private static StepRun step(String id, String session, String out, boolean passed) {
        return new StepRun(id, session, "#", "echo " + out + "\nsecond", new Output(out + "\n", "", 0, ""), "말하기 " + id, "보기 " + out,
            List.of(new StepRun.Claim(List.of("uts"), "주장 " + id, passed, "found " + out)), 3);
    }

    static DemoRun run() {
        return new DemoRun("evil", "제목 " + EVIL, "about " + EVIL, Map.of("host", "호스트", "inside", "inside: 새 uts"), List.of("note"),
            List.of(List.of(step("one", "host", EVIL, true)), List.of(step("two", "inside", "\u001b[31m", false), step("three", "host", "x", true))),
            "");
    }

    private static String story(int width, boolean oneColumn, Style style) {
        StringBuilder out = new StringBuilder();
        StoryAudience story = new StoryAudience(out::append, style, KOREAN, width, oneColumn);
        play(story);
        return out.toString();
    }

    private static void play(StoryAudience story) {
        story.begin(run());
        run().rows().forEach(story::row);
        story.end(run());
    }

    @Test
    void panesAlignWhereCharactersAreWide() {
        List<String> lines = story(90, false, Style.PLAIN).lines().toList();
        List<String> two = lines.stream().filter(line -> line.contains("│")).toList();
        assertTrue(two.size() > 8, "panes");
        for (String line : two) {
            assertEquals(44, Cells.of(line.substring(0, line.indexOf('│'))), line);
        }
        lines.forEach(line -> assertTrue(Cells.of(line) <= 90, line));
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("x ") && line.contains("│ \\x1b[31m")), "side by side, and harmless");
    }

    @Test
    void aNarrowTerminalHasOneColumn() {
        String text = story(50, false, Style.PLAIN);
        assertFalse(text.contains("│"), text);
        text.lines().forEach(line -> assertTrue(Cells.of(line) <= 50, line));
        assertTrue(text.contains("inside # echo"), "each step tells its session");
        assertFalse(story(120, true, Style.PLAIN).contains("│"));
    }

    @Test
    void coloursAreWhereTheyAreWantedOnly() {
        assertFalse(story(90, false, Style.PLAIN).contains("\u001b"));
        assertTrue(story(90, false, Style.COLOUR).contains("\u001b[32m✔ "));
    }

    @Test
    void aRecordingIsAsciicastWithChapters(@TempDir Path dir) throws Exception {
        CastScreen cast = new CastScreen();
        play(new StoryAudience(cast, Style.COLOUR, KOREAN, CastScreen.WIDTH, false));
        cast.write(dir.resolve("x.cast"), "제목");
        List<String> lines = Files.readAllLines(dir.resolve("x.cast"));
        Map<?, ?> header = (Map<?, ?>) JsonTree.parse(lines.get(0));
        assertEquals(BigDecimal.valueOf(2), header.get("version"));
        assertEquals(BigDecimal.valueOf(CastScreen.WIDTH), header.get("width"));
        BigDecimal last = BigDecimal.ZERO;
        int chapters = 0;
        StringBuilder text = new StringBuilder();
        for (String line : lines.subList(1, lines.size())) {
            List<?> event = (List<?>) JsonTree.parse(line);
            assertEquals(3, event.size(), line);
            BigDecimal at = (BigDecimal) event.get(0);
            assertTrue(at.compareTo(last) >= 0, line);
            last = at;
            chapters += event.get(1).equals("m") ? 1 : 0;
            text.append(event.get(1).equals("o") ? event.get(2) : "");
        }
        assertEquals(3, chapters, "one for the demo, one for each row");
        assertEquals(story(CastScreen.WIDTH, false, Style.COLOUR), text.toString().replace("\r\n", "\n"), "what a terminal shows");
        assertTrue(last.compareTo(BigDecimal.TEN) > 0 && last.compareTo(BigDecimal.valueOf(120)) < 0, "a pace to follow: " + last);
    }

    @Test
    void aPageHasNothingThatCameInWithTheOutput() throws Exception {
        String page = HtmlPage.of(List.of(run()), KOREAN);
        assertFalse(page.contains("<script>alert"), "escaped");
        assertEquals(2, page.split("<script", -1).length, "one script, ours");
        assertTrue(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot;"));
        assertTrue(page.contains("script-src 'sha256-") && page.contains("default-src 'none'"), "its own policy");
        assertFalse(page.contains("\u001b"));
        assertFalse(page.contains("http:") || page.contains("https:") || page.contains("src="), "nothing from elsewhere");
        assertTrue(page.contains("<html lang=\"ko\">"));
    }

    @Test
    void markdownIsNotMadeByTheOutput() {
        String page = MarkdownPage.of(List.of(run()), KOREAN);
        assertTrue(page.contains("\\<script\\>alert"), page);
        assertTrue(page.contains("```text\nhost # echo <script>"), "in a block as it is");
        assertTrue(page.contains("\n✘ 주장 two [uts] — found"), page);
    }

    @Test
    void aStableRunHasNamesForWhatChanges() {
        StepRun step = step("one", "host", "uts:[4026532190] and uts:[4026531838], uts:[4026532190]; /tmp/nsjob-demo-12af/x", true);
        DemoRun run = new DemoRun("a", "", "", Map.of(), List.of(), List.of(List.of(step)), "");
        assertEquals("uts:[4026530001] and uts:[4026530002], uts:[4026530001]; /tmp/demo/x\n",
            Stable.of(run).steps().get(0).output().out());
    }
}
