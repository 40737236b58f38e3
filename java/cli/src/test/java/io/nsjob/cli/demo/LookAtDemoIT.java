package io.nsjob.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a demo, opened in a browser. */
@Tag("integration")
@RequiresFeature(Feature.CHROMIUM)
class LookAtDemoIT {
    /** As narrow as the browser makes its window. */
    private static final String PHONE = "500,1000";
    private static final String PROBE = "const root = document.documentElement;"
        + "root.dataset.overflow = root.scrollWidth - innerWidth;"
        + "root.dataset.now = document.querySelector('.row.now').id;"
        + "document.getElementById('next').click();"
        + "root.dataset.next = document.querySelector('.row.now').id;"
        + "root.dataset.panes = getComputedStyle(document.querySelector('.panes')).gridTemplateColumns.split(' ').length;";

    @TempDir
    Path dir;

    /** The document after the script has run; its own policy lets nothing but that script and the probe run. */
    private String open(String page) throws Exception {
        String hash = Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(PROBE.getBytes(StandardCharsets.UTF_8)));
        Path file = Files.writeString(dir.resolve("page.html"), page.replace("script-src ", "script-src 'sha256-" + hash + "' ")
            .replace("</body>", "<script>" + PROBE + "</script></body>"));
        ProcessBuilder builder = new ProcessBuilder("timeout", "-k", "5", "250", "chromium", "--headless", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=" + dir.resolve("profile"), "--window-size=" + PHONE, "--dump-dom",
            file.toUri() + "#step=1");
        builder.environment().put("HOME", dir.toString());
        Process browser = builder.redirectError(dir.resolve("errors").toFile()).start();
        String dom = new String(browser.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(browser.waitFor(300, TimeUnit.SECONDS));
        assertEquals(0, browser.exitValue(), Files.readString(dir.resolve("errors")));
        return dom;
    }

    @Test
    void itCanBeSteppedThroughAndFitsAPhone() throws Exception {
        String dom = open(HtmlPage.of(List.of(StoryFormsTest.run()), new Texts("ko")));
        String html = dom.substring(0, dom.indexOf("<head>"));
        for (String expected : List.of("data-now=\"evil-one\"", "data-next=\"evil-two\"", "data-panes=\"1\"", "class=\"js stepping\"")) {
            assertTrue(html.contains(expected), html);
        }
        assertTrue(html.matches("(?s).*data-overflow=\"(0|-\\d+)\".*"), html);
        assertTrue(dom.contains("<span class=\"number\">3</span>"), "steps are numbered");
    }
}
