package io.nsjob.cli.picture;

import io.nsjob.NamespaceInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where one user namespace, what it owns and what is below it are in the picture. Coordinates are relative to the outer place. */
final class Place {
    /** Empty for the place of those whose owner is not known. */
    final Optional<NamespaceInfo> user;
    final List<Tile> tiles = new ArrayList<>();
    final List<Place> below = new ArrayList<>();
    int x;
    int y;
    int width;
    int height;
    /** How many columns it takes. */
    int columns = 1;
    /** How many boxes are in each other. */
    int depth = 1;

    Place(Optional<NamespaceInfo> user) {
        this.user = user;
    }

    /** One namespace that is no user namespace. */
    static final class Tile {
        final NamespaceInfo info;
        /** What stands on it beside its letter; may be empty. */
        final String label;
        int x;
        int y;
        int width;

        Tile(NamespaceInfo info, String label) {
            this.info = info;
            this.label = label;
        }
    }
}
