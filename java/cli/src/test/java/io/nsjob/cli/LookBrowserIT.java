package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Job;
import io.nsjob.JobSpec;
import io.nsjob.Jobs;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.Namespaces;
import io.nsjob.cli.picture.GraphHtml;
import io.nsjob.cli.picture.GraphSvg;
import io.nsjob.cli.picture.InspectSvg;
import io.nsjob.cli.picture.MadeUp;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pictures, opened in a browser. */
@Tag("integration")
@RequiresFeature({Feature.CHROMIUM, Feature.HELPER, Feature.USER_NAMESPACES})
class LookBrowserIT {
    /** Says into the document what only a browser knows; runs after the page's own script. */
    private static final String PROBE = """
        <script>
        {
          const data = document.documentElement.dataset, node = name => document.getElementById(name);
          data.overflow = document.documentElement.scrollWidth > innerWidth ? document.documentElement.scrollWidth : "none";
          data.outside = [...document.querySelectorAll("svg.picture > g > text, svg.picture > text")].filter(text =>
            text.getBoundingClientRect().right > text.ownerSVGElement.getBoundingClientRect().right).length;
          if (node("find")) {
            node("find").value = "JOB-7";
            node("find").dispatchEvent(new Event("input"));
            data.found = node("found").textContent;
            document.querySelectorAll(".node")[3].dispatchEvent(new Event("click"));
            data.about = node("about").textContent.split("\\n")[0];
            node("find").value = "";
            node("find").dispatchEvent(new Event("input"));
          }
        }
        </script>
        """;
    /** Goes first: no mistake of a script may pass unseen. */
    private static final String WATCH = "<script>addEventListener('error', e => { document.documentElement.dataset.error = e.message; });"
        + "</script>";

    @TempDir
    Path dir;

    /** What a browser made of a page: its document as text, and the colours of what it drew, each with how often it is there. */
    private record Seen(String dom, Map<Integer, Integer> colours) {
        String data(String name) {
            int at = dom.indexOf(" data-" + name + "=\"");
            return at < 0 ? "" : dom.substring(at + name.length() + 8, dom.indexOf('"', at + name.length() + 8));
        }
    }

    private Seen open(String html) throws Exception {
        Path page = Files.writeString(dir.resolve("page.html"), "<!doctype html>" + WATCH + html + PROBE);
        Path shot = dir.resolve("shot.png");
        Path errors = dir.resolve("errors");
        ProcessBuilder builder = new ProcessBuilder("timeout", "-k", "5", "250", "chromium", "--headless", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--user-data-dir=" + dir.resolve("profile"),
            "--window-size=1000,2600", "--dump-dom", "--screenshot=" + shot, page.toUri().toString());
        builder.environment().put("HOME", dir.toString());
        Process browser = builder.redirectError(errors.toFile()).start();
        String dom = new String(browser.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(browser.waitFor(300, TimeUnit.SECONDS));
        assertEquals(0, browser.exitValue(), Files.readString(errors));
        BufferedImage image = ImageIO.read(shot.toFile());
        Map<Integer, Integer> colours = new HashMap<>();
        for (int pixel : image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth())) {
            colours.merge(pixel & 0xFFFFFF, 1, Integer::sum);
        }
        return new Seen(dom, colours);
    }

    private static List<String> problems(Seen seen) {
        List<String> problems = new ArrayList<>();
        Map.of("error", "", "hacked", "", "overflow", "none", "outside", "0").forEach((name, good) -> {
            if (!seen.data(name).equals(good)) {
                problems.add(name + " " + seen.data(name));
            }
        });
        for (String tile : List.of("E69F00", "CC79A7", "17B284", "56B4E9", "F0E442", "E07B39")) {
            if (seen.colours().getOrDefault(Integer.parseInt(tile, 16), 0) < 200) {
                problems.add("no " + tile);
            }
        }
        if (seen.colours().size() < 50) {
            problems.add("no text");
        }
        Collections.sort(problems);
        return problems;
    }

    @Test
    void graphsOfManyOfThisMachineAndAJobsPicture() throws Exception {
        String name = "look-" + UUID.randomUUID();
        JobSpec spec = JobSpec.bare(NamespaceKind.USER, NamespaceKind.MNT, NamespaceKind.PID, NamespaceKind.NET, NamespaceKind.IPC,
            NamespaceKind.UTS).name(name).command("sleep", "1000").build();
        try (Launcher launcher = Launcher.open(); Job job = launcher.start(spec)) {
            Seen seen = open(GraphHtml.of(MadeUp.of300()) + InspectSvg.of(Jobs.find(name)) + GraphSvg.of(Namespaces.read()));
            assertEquals(List.of(), problems(seen));
            // Each namespace, and the box of those without an owner.
            assertEquals("301", seen.data("ready"));
            assertTrue(seen.data("found").matches("[1-9][0-9]? of 301"), seen.data("found"));
            assertTrue(seen.data("about").matches("[a-z]+ \\d+.*"), seen.data("about"));
            for (String text : List.of("a-very-long-name-of-a-job-that-goes-on-and-on-39", "한국어", "job " + name + " (bare), pid "
                    + job.report().hostPid(), ">exec<", "From plan to command", "uid map")) {
                assertTrue(seen.dom().contains(text), text);
            }
        }
    }

    @Test
    void theChecksSeeWhatTheyLookFor() throws Exception {
        Seen seen = open("<script>nothing.here();</script><script>document.documentElement.dataset.hacked = 1</script>"
            + "<div style='width: 3000px; height: 5px'></div><svg class='picture' width='100' height='20'><text x='90' y='15' fill='white'>too long"
            + "</text></svg>");
        assertEquals("[error Uncaught ReferenceError: nothing is not defined, hacked 1, no 17B284, no 56B4E9, no CC79A7, no E07B39,"
            + " no E69F00, no F0E442, no text, outside 1, overflow 3008]", problems(seen).toString());
    }
}
