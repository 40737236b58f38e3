package io.nsjob.cli.picture;

import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMap;
import io.nsjob.cli.Cells;
import java.util.List;

/** The namespaces of a machine as a picture. */
public final class GraphSvg {
    private static final int WIDTH = 1000;
    private static final int MARGIN = 16;
    private static final int TOP = 92;
    private static final int LEGEND = 50;
    /** About the width of a letter, wide fonts included; what is wider yet is cut off. */
    private static final int NAME_CELL = 8;
    private static final int SOFT_CELL = 6;

    private final NamespaceMap map;
    private final Svg svg;

    private GraphSvg(NamespaceMap map, Svg svg) {
        this.map = map;
        this.svg = svg;
    }

    /**
     * Draws a map.
     *
     * @param map what to draw
     * @return an SVG document without anything from elsewhere
     */
    public static String of(NamespaceMap map) {
        List<Place> places = GraphLayout.of(map, WIDTH - 2 * MARGIN);
        int bottom = places.isEmpty() ? 0 : places.get(places.size() - 1).y + places.get(places.size() - 1).height;
        GraphSvg graph = new GraphSvg(map, Look.begin(WIDTH, TOP + bottom + MARGIN, summary(map)));
        graph.head();
        places.forEach(place -> graph.place(place, MARGIN, TOP, 0));
        return graph.svg.close("svg").toString();
    }

    private static String summary(NamespaceMap map) {
        long users = count(map, NamespaceKind.USER);
        return map.all().size() + " namespaces, " + users + " of them user namespaces, " + map.jobs().size()
            + (map.jobs().size() == 1 ? " job with a name" : " jobs with a name");
    }

    private static long count(NamespaceMap map, NamespaceKind kind) {
        return map.all().stream().filter(info -> info.kind() == kind).count();
    }

    private void head() {
        svg.text(MARGIN, 30, "head", "Namespaces");
        svg.text(MARGIN + 128, 30, "soft", summary(map) + unread());
        int x = MARGIN;
        for (NamespaceKind kind : NamespaceKind.values()) {
            svg.open("g", "class", "key", "data-kind", kind.kernelName());
            svg.empty("rect", "x", x, "y", LEGEND, "width", GraphLayout.TILE, "height", GraphLayout.TILE, "rx", 4, "class", "tile", "style",
                Look.fill(kind));
            svg.text(x + GraphLayout.TILE / 2, LEGEND + 16, "letter", Look.letter(kind));
            svg.text(x + GraphLayout.TILE + 6, LEGEND + 16, "", kind.kernelName() + " " + count(map, kind));
            svg.close("g");
            x += 94;
        }
        svg.empty("rect", "x", x + 8, "y", LEGEND + 1, "width", 22, "height", 22, "rx", 4, "class", "tile yours", "style", "fill:none");
        svg.text(x + 36, LEGEND + 16, "soft", "yours");
        svg.empty("rect", "x", x + 82, "y", LEGEND + 1, "width", 22, "height", 22, "rx", 4, "class", "tile empty", "style",
            "fill:none");
        svg.text(x + 110, LEGEND + 16, "soft", "no process");
    }

    private String unread() {
        int hidden = map.unread().processes();
        return hidden == 0 ? "" : "; without those of " + hidden + (hidden == 1 ? " process" : " processes") + " that may not be seen";
    }

    private void place(Place place, int left, int top, int depth) {
        boolean job = place.user.map(user -> !user.names().isEmpty()).orElse(false);
        int x = left + place.x;
        int y = top + place.y;
        svg.open("g", "class", job ? "node job" : "node", "data-kind", "user");
        svg.title(place.user.map(user -> Words.all(user, map)).orElse("Whose owner this caller may not know"));
        svg.rect(x, y, place.width, place.height, 8, (depth % 2 == 0 ? "box" : "box odd") + (place.user.isEmpty() ? " unknown" : ""));
        int room = place.width - 2 * GraphLayout.PADDING;
        svg.clipped(x + GraphLayout.PADDING, y + 4, room, 18, job ? "jobname" : "name",
            Cells.clip(place.user.map(this::headline).orElse("owner not known"), room / NAME_CELL));
        svg.clipped(x + GraphLayout.PADDING, y + 20, room, 16, "soft",
            Cells.clip(place.user.map(user -> Words.subline(user, map)).orElse(""), room / SOFT_CELL));
        svg.close("g");
        place.tiles.forEach(tile -> tile(tile, x, y));
        place.below.forEach(child -> place(child, x, y, depth + 1));
    }

    private String headline(NamespaceInfo user) {
        return Words.headline(user) + (isYours(user) ? " (yours)" : "");
    }

    private boolean isYours(NamespaceInfo info) {
        return map.self().getOrDefault(info.kind(), 0L) == info.inode();
    }

    private void tile(Place.Tile tile, int left, int top) {
        NamespaceInfo info = tile.info;
        int x = left + tile.x;
        int y = top + tile.y;
        svg.open("g", "class", "node", "data-kind", info.kind().kernelName()).title(Words.all(info, map));
        String style = "tile" + (isYours(info) ? " yours" : "") + (info.processes() == 0 ? " empty" : "");
        svg.empty("rect", "x", x, "y", y, "width", tile.width, "height", GraphLayout.TILE, "rx", 4, "class", style, "style",
            Look.fill(info.kind()));
        svg.text(x + GraphLayout.TILE / 2, y + 16, "letter", Look.letter(info.kind()));
        if (!tile.label.isEmpty()) {
            svg.clipped(x + GraphLayout.TILE - 2, y, tile.width - GraphLayout.TILE, 21, info.processes() == 0 ? "" : "on", tile.label);
        }
        svg.close("g");
    }
}
