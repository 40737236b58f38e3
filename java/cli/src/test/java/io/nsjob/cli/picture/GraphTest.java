package io.nsjob.cli.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceMap;
import io.nsjob.testing.Fixtures;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class GraphTest {
    private static final NamespaceMap MANY = MadeUp.of300();
    private static final Path PICTURES = Fixtures.directory("pictures");

    private static Document xml(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Element> elements(Document document, String tag) {
        NodeList nodes = document.getElementsByTagName(tag);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    @Test
    void theMapIsWhatItIsSaidToBe() {
        assertEquals(300, MANY.all().size());
        assertEquals(40, MANY.jobs().size());
    }

    @Test
    void theReadmesPictureIsCurrent() {
        NamespaceMap map = NamespaceMap.fromJson(Fixtures.text(PICTURES.resolve("namespaces.json")));
        assertEquals(GraphSvg.of(map), Fixtures.text(PICTURES.resolve("namespaces.svg")),
            "build/bin/nsjob ns graph --from test-fixtures/pictures/namespaces.json --svg test-fixtures/pictures/namespaces.svg");
    }

    @Test
    void aStrangersTextStaysText() throws Exception {
        Document document = xml(GraphSvg.of(MANY));
        assertEquals(List.of(), elements(document, "script"));
        List<String> titles = elements(document, "title").stream().map(Element::getTextContent).toList();
        // One for each, and one for the box of those without an owner.
        assertEquals(301, titles.size());
        String known = MadeUp.HOSTILE.substring(0, MadeUp.HOSTILE.indexOf('\u202E'));
        assertTrue(titles.stream().anyMatch(title -> title.contains(known)));
        assertTrue(titles.stream().noneMatch(title -> title.contains("\u202E")));
        assertTrue(elements(document, "g").stream().noneMatch(group -> group.hasAttribute("onload")));
        assertFalse(GraphHtml.of(MANY).contains("<script>document.documentElement.dataset.hacked"));
    }

    @Test
    void nothingIsLoadedFromElsewhere() {
        String page = GraphHtml.of(MANY).replace("http://www.w3.org/2000/svg", "");
        for (String door : List.of("http:", "https:", "//cdn", "src=", "href=", "url(", "@import")) {
            assertFalse(page.contains(door), door);
        }
    }

    @Test
    void dotHasOneNodeEachAndQuotes() {
        String dot = GraphDot.of(MANY);
        assertEquals(300, dot.lines().filter(line -> line.matches("  n\\d+ \\[label=\"(?:[^\"\\\\]|\\\\.)*\" tooltip=\"(?:[^\"\\\\]|\\\\.)*\""
            + " fillcolor=\"#[0-9a-f]{6}\"\\];")).count());
        assertTrue(dot.contains(" -> "));
    }

    @Test
    void boxesAreInTheirBoxesAndNoneIsOnAnother() {
        List<Place> places = GraphLayout.of(MANY, 968);
        assertEquals(2, places.size());
        for (Place place : places) {
            assertEquals(968, place.width);
            check(place);
        }
        assertTrue(places.get(0).height < 1600, "300 are on two pages: " + places.get(0).height);
        assertEquals(List.of(), overlaps(places));
    }

    private static void check(Place place) {
        for (Place.Tile tile : place.tiles) {
            String what = tile.info.toString();
            assertTrue(tile.x >= 0 && tile.x + tile.width <= place.width - GraphLayout.PADDING / 2, what);
            assertTrue(tile.y >= GraphLayout.HEADER && tile.y + GraphLayout.TILE <= place.height, what);
        }
        for (Place child : place.below) {
            NamespaceInfo info = child.user.orElseThrow();
            assertTrue(child.x >= 0 && child.x + child.width <= place.width, info.toString());
            assertTrue(child.y >= GraphLayout.HEADER && child.y + child.height <= place.height, info.toString());
            assertTrue(place.tiles.stream().noneMatch(tile -> tile.y + GraphLayout.TILE > child.y), info.toString());
            assertTrue(child.width >= 100, child.width + " for " + info);
            check(child);
        }
        assertEquals(List.of(), overlaps(place.below));
    }

    private static List<String> overlaps(List<Place> places) {
        List<String> found = new ArrayList<>();
        for (Place a : places) {
            for (Place b : places) {
                if (a != b && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height) {
                    found.add(a.user + " and " + b.user);
                }
            }
        }
        return found;
    }

    @Test
    void anEmptyMapIsAPictureToo() throws Exception {
        NamespaceMap none = MANY.where(info -> false);
        assertEquals(1, elements(xml(GraphSvg.of(none)), "svg").size());
        assertTrue(GraphDot.of(none).endsWith("}\n"));
    }
}
