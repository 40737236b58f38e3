package io.nsjob.cli.picture;

import io.nsjob.NamespaceKind;

/** Colours and letters of all pictures. */
final class Look {
    /**
     * The colours of Okabe and Ito, which people with any kind of colour blindness can tell apart; the letters, those of unshare(1),
     * are for everyone else who prints in grey. Dark text on each of them has a contrast of more than 4.5.
     */
    static final String STYLE = """
        .picture { color-scheme: light dark; --page: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #c9d1d9; --box: #f6f8fa;
          --deep: #ffffff; --job: #0072b2; --user: #4c9fd4; --mnt: #e69f00; --pid: #cc79a7; --net: #17b284; --ipc: #56b4e9;
          --uts: #f0e442; --cgroup: #e07b39; --time: #a6adb5; --on: #111111; }
        @media (prefers-color-scheme: dark) { .picture { --page: #0d1117; --ink: #e6edf3; --soft: #9aa4ae; --line: #3d444d;
          --box: #161b22; --deep: #0d1117; --job: #56b4e9; } }
        .picture text { font: 12px system-ui, "Noto Sans", "Noto Sans CJK KR", "Apple SD Gothic Neo", "Malgun Gothic", sans-serif;
          fill: var(--ink); white-space: pre; }
        .picture .head { font-size: 17px; font-weight: 650; }
        .picture .name { font-size: 13px; font-weight: 650; }
        .picture .jobname { font-size: 13px; font-weight: 650; fill: var(--job); }
        .picture .soft { font-size: 11px; fill: var(--soft); }
        .picture .mono { font: 11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
        .picture .letter { font: 700 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: var(--on); text-anchor: middle; }
        .picture .empty + .letter { fill: var(--ink); }
        .picture .on { fill: var(--on); }
        .picture .page { fill: var(--page); }
        .picture .box { fill: var(--box); stroke: var(--line); }
        .picture .odd { fill: var(--deep); }
        .picture .job > .box { stroke: var(--job); stroke-width: 1.5; }
        .picture .unknown { stroke-dasharray: 5 4; }
        .picture .tile { stroke: transparent; stroke-width: 2; }
        .picture .yours { stroke: var(--ink); }
        .picture .empty { fill-opacity: .3; stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 3 2; }
        .picture .node:hover > .tile, .picture .node:focus > .tile { stroke: var(--ink); stroke-dasharray: none; }
        .picture .node:hover > .box { stroke: var(--ink); }
        .picture .bar { fill: var(--job); }
        .picture .end { text-anchor: end; }
        .picture .axis { stroke: var(--line); stroke-width: 1; }
        """;

    private Look() {}

    static String letter(NamespaceKind kind) {
        return switch (kind) {
            case USER -> "U";
            case MNT -> "m";
            case PID -> "p";
            case NET -> "n";
            case IPC -> "i";
            case UTS -> "u";
            case CGROUP -> "C";
            case TIME -> "T";
        };
    }

    static String fill(NamespaceKind kind) {
        return "fill:var(--" + kind.kernelName() + ")";
    }

    /** Begins a picture of a size, with its styles, on a page of its own colour. */
    static Svg begin(int width, int height, String label) {
        Svg svg = new Svg();
        svg.open("svg", "xmlns", "http://www.w3.org/2000/svg", "class", "picture", "width", width, "height", height, "viewBox",
            "0 0 " + width + " " + height, "role", "img", "aria-label", label, "font-family", "sans-serif");
        svg.raw("<style>\n" + STYLE + "</style>\n");
        return svg.rect(0, 0, width, height, 0, "page");
    }
}
