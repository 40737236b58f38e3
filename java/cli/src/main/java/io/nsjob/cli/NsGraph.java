package io.nsjob.cli;

import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMap;
import io.nsjob.Namespaces;
import io.nsjob.cli.picture.GraphDot;
import io.nsjob.cli.picture.GraphHtml;
import io.nsjob.cli.picture.GraphSvg;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** {@code nsjob ns graph}: the picture. */
final class NsGraph {
    private static final Map<String, Function<NamespaceMap, String>> FORMATS =
        Map.of("--svg", GraphSvg::of, "--html", GraphHtml::of, "--dot", GraphDot::of);
    private static final LookLine.Grammar GRAMMAR = new LookLine.Grammar("ns graph",
        Stream.concat(Stream.of("-h,--help"), NsFilter.FLAGS.stream()).toList(),
        Stream.concat(Stream.of("--svg", "--html", "--dot", "--from"), NsFilter.VALUED.stream()).toList());

    private final Console console;

    NsGraph(Console console) {
        this.console = console;
    }

    int run(List<String> args) throws UsageException, IOException {
        LookLine line = LookLine.parse(GRAMMAR, args);
        if (line.has("-h,--help")) {
            console.out().print(LookHelp.ns(console.outStyle()));
            return ExitStatus.OK;
        }
        if (!line.words().isEmpty()) {
            throw new UsageException("ns graph: takes no argument, not " + line.words().get(0));
        }
        List<String> formats = Stream.of("--svg", "--html", "--dot").filter(line::has).toList();
        if (formats.isEmpty()) {
            throw new UsageException("ns graph: one of --svg FILE, --html FILE, --dot FILE is needed; - is standard output");
        }
        Predicate<NamespaceInfo> wanted = NsFilter.of(line, "ns graph");
        NamespaceMap map = line.has("--from") ? read(line.value("--from").orElseThrow()) : Namespaces.read();
        NamespaceMap shown = NsFilter.withAncestors(map, wanted, NamespaceKind.USER);
        for (String format : formats) {
            write(console, line.value(format).orElseThrow(), FORMATS.get(format).apply(shown));
        }
        return ExitStatus.OK;
    }

    private static NamespaceMap read(String file) throws UsageException, IOException {
        byte[] bytes = file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
        try {
            return NamespaceMap.fromJson(new String(bytes, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new UsageException("ns graph: --from: " + file + ": " + e.getMessage() + "; 'nsjob ns list --json' writes one");
        }
    }

    static void write(Console console, String file, String text) throws IOException {
        if (file.equals("-")) {
            console.out().print(text);
        } else {
            ReportFile.write(Path.of(file), text.stripTrailing());
        }
    }
}
