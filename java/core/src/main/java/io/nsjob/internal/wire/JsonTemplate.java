package io.nsjob.internal.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A document that is written once, with holes for what differs from time to time. Immutable. */
public final class JsonTemplate {
    private final List<Hole> holes;
    /** One more than holes: what is before, between and behind them. */
    private final List<byte[]> pieces;

    /** What stands in a tree where a value is to be put in later. */
    public interface Hole {
    }

    private JsonTemplate(List<Hole> holes, List<byte[]> pieces) {
        this.holes = holes;
        this.pieces = pieces;
    }

    /**
     * Writes a document.
     *
     * @param tree with holes
     * @return the template
     */
    public static JsonTemplate of(Object tree) {
        List<Hole> holes = new ArrayList<>();
        List<Integer> ends = new ArrayList<>();
        StringBuilder text = JsonText.write(tree, "", holes, ends);
        List<byte[]> pieces = new ArrayList<>();
        int begin = 0;
        for (int end : ends) {
            pieces.add(text.substring(begin, end).getBytes(StandardCharsets.UTF_8));
            begin = end;
        }
        pieces.add(text.substring(begin).getBytes(StandardCharsets.UTF_8));
        return new JsonTemplate(List.copyOf(holes), pieces);
    }

    /**
     * The holes.
     *
     * @return in the order of the document
     */
    public List<Hole> holes() {
        return holes;
    }

    /**
     * Whether a text stands in the document beside the holes.
     *
     * @param text ASCII
     * @return whether
     */
    public boolean contains(String text) {
        for (byte[] piece : pieces) {
            if (new String(piece, StandardCharsets.ISO_8859_1).contains(text)) {
                return true;
            }
        }
        return false;
    }

    /**
     * How much there is beside the holes.
     *
     * @return bytes
     */
    public int size() {
        int size = 0;
        for (byte[] piece : pieces) {
            size += piece.length;
        }
        return size;
    }

    /**
     * The whole document.
     *
     * @param values for the holes, in their order
     * @return UTF-8
     */
    public byte[] fill(List<?> values) {
        List<byte[]> filled = new ArrayList<>(values.size());
        int length = 0;
        for (int i = 0; i < pieces.size(); i++) {
            length += pieces.get(i).length;
            if (i < values.size()) {
                filled.add(JsonText.write(values.get(i), "").toString().getBytes(StandardCharsets.UTF_8));
                length += filled.get(i).length;
            }
        }
        byte[] document = new byte[length];
        int at = 0;
        for (int i = 0; i < pieces.size(); i++) {
            at = put(document, at, pieces.get(i));
            at = i < filled.size() ? put(document, at, filled.get(i)) : at;
        }
        return document;
    }

    private static int put(byte[] document, int at, byte[] piece) {
        System.arraycopy(piece, 0, document, at, piece.length);
        return at + piece.length;
    }
}
