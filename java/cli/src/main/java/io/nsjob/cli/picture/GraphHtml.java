package io.nsjob.cli.picture;

import io.nsjob.NamespaceMap;

/** The picture as a page: one finds things by typing, and what is pointed at is told beside it. */
public final class GraphHtml {
    private static final String HEAD = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
        <title>Namespaces</title>
        <style>
        :root { color-scheme: light dark; --page: #ffffff; --ink: #1b1f24; --line: #c9d1d9; --box: #f6f8fa; }
        @media (prefers-color-scheme: dark) { :root { --page: #0d1117; --ink: #e6edf3; --line: #3d444d; --box: #161b22; } }
        body { margin: 0; background: var(--page); color: var(--ink); font: 14px system-ui, "Noto Sans CJK KR", sans-serif; }
        main { display: flex; flex-wrap: wrap; gap: 16px; max-width: 1320px; margin: 0 auto; padding: 12px; box-sizing: border-box; }
        #picture { flex: 1 1 640px; min-width: 0; overflow-x: auto; }
        #picture svg.picture { display: block; width: 100%; min-width: 680px; height: auto; }
        aside { flex: 1 1 240px; max-width: 320px; min-width: 0; position: sticky; top: 12px; align-self: flex-start; }
        input { width: 100%; box-sizing: border-box; padding: 8px 10px; border: 1px solid var(--line); border-radius: 6px;
          background: var(--box); color: inherit; font: inherit; }
        #about { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: 6px; background: var(--box);
          padding: 10px; min-height: 9em; font: 12px ui-monospace, "DejaVu Sans Mono", monospace; }
        .far > rect, .far > text, .far > svg { opacity: .15; }
        .key, .node { cursor: pointer; }
        </style>
        </head>
        <body>
        <main>
        <div id="picture">
        """;
    private static final String TAIL = """
        </div>
        <aside>
        <input id="find" type="search" placeholder="name, pid, inode, command" aria-label="find">
        <p id="found" role="status"></p>
        <div id="about">Point at a namespace to see what it is; click to keep it here.</div>
        </aside>
        </main>
        <script>
        "use strict";
        const nodes = [...document.querySelectorAll(".node")];
        const about = document.getElementById("about");
        const find = document.getElementById("find");
        const text = node => node.querySelector(":scope > title").textContent;
        let kept = null, kind = "";
        function tell(node) { about.textContent = text(node); }
        function mark() {
          const words = find.value.toLowerCase();
          let found = 0;
          for (const node of nodes) {
            const near = text(node).toLowerCase().includes(words) && (kind === "" || node.dataset.kind === kind);
            node.classList.toggle("far", !near);
            found += near ? 1 : 0;
          }
          document.getElementById("found").textContent = words || kind ? found + " of " + nodes.length : "";
        }
        for (const node of nodes) {
          node.addEventListener("mouseenter", () => { if (!kept) tell(node); });
          node.addEventListener("click", () => { kept = kept === node ? null : node; tell(node); });
        }
        for (const key of document.querySelectorAll(".key")) {
          key.addEventListener("click", () => { kind = kind === key.dataset.kind ? "" : key.dataset.kind; mark(); });
        }
        find.addEventListener("input", mark);
        document.documentElement.dataset.ready = nodes.length;
        </script>
        </body>
        </html>
        """;

    private GraphHtml() {}

    /**
     * Writes a page.
     *
     * @param map what to draw
     * @return HTML that loads nothing
     */
    public static String of(NamespaceMap map) {
        return HEAD + GraphSvg.of(map) + TAIL;
    }
}
