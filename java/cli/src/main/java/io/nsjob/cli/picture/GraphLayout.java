package io.nsjob.cli.picture;

import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMap;
import io.nsjob.cli.Cells;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A tree of user namespaces as boxes in boxes: in each what it owns as tiles, in rows, then the boxes below it, in columns
 * of one width. So 300 namespaces fit on a page or two, and the picture of a few is not empty.
 */
final class GraphLayout {
    static final int TILE = 24;
    static final int GAP = 6;
    static final int PADDING = 12;
    static final int HEADER = 40;
    private static final int LEAST_COLUMN = 218;
    private static final int FEW = 2;
    private static final int INNERMOST = 130;
    private static final int CELL = 7;
    private static final int LABEL_CELLS = 22;

    private final NamespaceMap map;
    private final Set<Long> placed = new HashSet<>();

    private GraphLayout(NamespaceMap map) {
        this.map = map;
    }

    /** The outermost places one below the other, with coordinates, in a width. */
    static List<Place> of(NamespaceMap map, int width) {
        GraphLayout layout = new GraphLayout(map);
        List<Place> places = new ArrayList<>();
        map.roots(NamespaceKind.USER).forEach(root -> places.add(layout.tree(root)));
        Place loose = new Place(Optional.empty());
        map.all().stream().filter(info -> !layout.placed.contains(info.inode())).sorted(Comparator.comparing(NamespaceInfo::kind))
            .forEach(info -> loose.tiles.add(tile(info, List.of())));
        if (!loose.tiles.isEmpty()) {
            places.add(loose);
        }
        int y = 0;
        for (Place place : places) {
            place.y = y;
            arrange(place, width);
            y += place.height + PADDING;
        }
        return places;
    }

    private Place tree(NamespaceInfo user) {
        Place place = new Place(Optional.of(user));
        placed.add(user.inode());
        for (NamespaceInfo owned : map.ownedBy(user.inode())) {
            place.tiles.add(tile(owned, user.names()));
            placed.add(owned.inode());
        }
        map.childrenOf(user.inode()).stream().filter(child -> !placed.contains(child.inode()))
            .sorted(Comparator.comparing((NamespaceInfo child) -> child.names().isEmpty()).thenComparing(child -> String.join(" ", child.names())))
            .forEach(child -> place.below.add(tree(child)));
        // Of equal ones the order stays.
        place.below.sort(Comparator.comparing((Place child) -> -child.columns).thenComparing(child -> -child.depth));
        place.depth = 1 + place.below.stream().mapToInt(child -> child.depth).max().orElse(0);
        // Wide enough for the innermost box to be read.
        place.columns = 1 + ((place.depth - 1) * 2 * PADDING + INNERMOST) / LEAST_COLUMN;
        if (!place.below.isEmpty()) {
            int widest = place.below.stream().mapToInt(child -> child.columns).max().orElse(1);
            place.columns = Math.max(Math.max(place.columns, widest), (int) Math.ceil(Math.sqrt(1.5 * place.below.size()) - 0.3));
        }
        return place;
    }

    /** The name that its box has already is not repeated on it. */
    private static Place.Tile tile(NamespaceInfo info, List<String> known) {
        String name = info.names().stream().filter(one -> !known.contains(one)).reduce((a, b) -> a + ", " + b).orElse("");
        if (name.isEmpty() && !info.pins().isEmpty()) {
            name = info.pins().get(0).path();
        }
        return new Place.Tile(info, Cells.clip(name, LABEL_CELLS));
    }

    private static void arrange(Place place, int width) {
        place.width = width;
        int inner = width - 2 * PADDING;
        int y = HEADER + tiles(place, inner);
        if (!place.below.isEmpty()) {
            y = rows(place, y, inner);
        }
        place.height = y + PADDING - GAP;
    }

    /** Returns how high they are. */
    private static int tiles(Place place, int inner) {
        int x = 0;
        int y = 0;
        for (Place.Tile tile : place.tiles) {
            int wanted = tile.label.isEmpty() ? TILE : TILE + Cells.of(tile.label) * CELL + 6;
            tile.width = Math.min(wanted, inner);
            if (x > 0 && x + tile.width > inner) {
                x = 0;
                y += TILE + GAP;
            }
            tile.x = PADDING + x;
            tile.y = HEADER + y;
            x += tile.width + GAP;
        }
        return place.tiles.isEmpty() ? 0 : y + TILE + GAP;
    }

    /** Each where it comes highest, the large ones first: what is small fills what they leave. Returns where the lowest ends. */
    private static int rows(Place place, int top, int inner) {
        int wanted = Math.max(FEW, place.below.stream().mapToInt(child -> child.columns).sum());
        int columns = Math.max(1, Math.min(wanted, (inner + GAP) / (LEAST_COLUMN + GAP)));
        int column = (inner + GAP) / columns - GAP;
        int[] ends = new int[columns];
        Arrays.fill(ends, top);
        for (Place child : place.below) {
            int span = Math.min(child.columns, columns);
            int best = 0;
            for (int at = 1; at + span <= columns; at++) {
                best = lowest(ends, at, span) < lowest(ends, best, span) ? at : best;
            }
            child.x = PADDING + best * (column + GAP);
            child.y = lowest(ends, best, span);
            arrange(child, span * (column + GAP) - GAP);
            Arrays.fill(ends, best, best + span, child.y + child.height + GAP);
        }
        return lowest(ends, 0, columns);
    }

    private static int lowest(int[] ends, int from, int count) {
        return Arrays.stream(ends, from, from + count).max().orElse(0);
    }
}
