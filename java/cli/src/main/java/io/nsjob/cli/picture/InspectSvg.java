package io.nsjob.cli.picture;

import io.nsjob.IdRange;
import io.nsjob.JobRecord;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceReport;
import io.nsjob.StageTiming;
import io.nsjob.cli.Cells;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One job as a picture: how long each stage of its launch took, and its namespaces before and after. */
public final class InspectSvg {
    private static final int WIDTH = 1000;
    private static final int MARGIN = 16;
    private static final int TOP = 104;
    private static final int ROW = 18;
    private static final int BARS = 146;
    private static final int BARS_END = 530;
    private static final int RIGHT = 620;
    private static final int TILE_ROW = 30;
    private static final int TEXT_CELLS = 58;
    private static final int TICKS = 5;

    private final JobRecord job;
    private final long total;
    private final Svg svg;

    private InspectSvg(JobRecord job, int height) {
        this.job = job;
        total = Math.max(1, job.stages().stream().mapToLong(StageTiming::micros).sum());
        svg = Look.begin(WIDTH, height, "Job " + job.name());
    }

    /**
     * Draws a job.
     *
     * @param job its record
     * @return an SVG document without anything from elsewhere
     */
    public static String of(JobRecord job) {
        List<String> facts = facts(job);
        int left = TOP + job.stages().size() * ROW + 10;
        int right = TOP + NamespaceKind.values().length * TILE_ROW + facts.size() * ROW + 20;
        InspectSvg picture = new InspectSvg(job, Math.max(left, right) + MARGIN);
        picture.head();
        picture.axis(left - 10);
        picture.stages();
        picture.namespaces();
        picture.facts(facts);
        return picture.svg.close("svg").toString();
    }

    private void head() {
        svg.text(MARGIN, 32, "head", Cells.clip(job.name(), 70));
        svg.clipped(MARGIN, 40, WIDTH - 2 * MARGIN, 18, "", job.profile().jsonName() + " · pid " + job.main().pid() + " · "
            + Cells.clip(String.join(" ", job.command()), 120));
        svg.text(MARGIN, TOP - 28, "name", "From plan to command: " + time(total));
        svg.text(RIGHT, TOP - 28, "name", "Namespaces before and after");
    }

    private int x(long micros) {
        return BARS + (int) ((BARS_END - BARS) * micros / total);
    }

    private void axis(int bottom) {
        long step = step(total / TICKS);
        for (long at = 0; at <= total; at += step) {
            svg.empty("line", "x1", x(at), "y1", TOP - 6, "x2", x(at), "y2", bottom, "class", "axis");
            svg.text(x(at) + 3, TOP - 8, "soft", at == 0 ? "0" : time(at));
        }
    }

    /** The next of 1, 2, 5, 10, 20, 50, … */
    private static long step(long least) {
        long power = 1;
        while (true) {
            for (long digit : new long[] {1, 2, 5}) {
                if (digit * power >= least) {
                    return digit * power;
                }
            }
            power *= 10;
        }
    }

    private void stages() {
        long at = 0;
        int y = TOP;
        for (StageTiming stage : job.stages()) {
            int from = x(at);
            int width = Math.max(2, x(at + stage.micros()) - from);
            svg.open("g", "class", "node").title(stage.name() + ": " + stage.micros() + " µs, from " + at + " µs on");
            svg.text(BARS - 8, y + 13, "end", stage.name());
            svg.empty("rect", "x", from, "y", y + 3, "width", width, "height", ROW - 6, "rx", 2, "class", "tile bar", "style", colour(stage));
            svg.text(from + width + 5, y + 13, "soft", time(stage.micros()));
            svg.close("g");
            at += stage.micros();
            y += ROW;
        }
    }

    /** That of the kind of namespace which a stage is about. */
    private static String colour(StageTiming stage) {
        Optional<NamespaceKind> kind = switch (stage.name()) {
            case "mount", "pivot", "chroot" -> Optional.of(NamespaceKind.MNT);
            case "id-block", "id-map", "init-ids", "credentials", "groups", "nesting" -> Optional.of(NamespaceKind.USER);
            case "cgroup", "cgroup-namespace" -> Optional.of(NamespaceKind.CGROUP);
            case "loopback" -> Optional.of(NamespaceKind.NET);
            case "hostname" -> Optional.of(NamespaceKind.UTS);
            default -> Optional.empty();
        };
        return kind.map(Look::fill).orElse("");
    }

    private static String time(long micros) {
        return micros < 1000 ? micros + " µs" : String.format(Locale.ROOT, micros < 100_000 ? "%.1f ms" : "%.0f ms", micros / 1000.0);
    }

    private void namespaces() {
        int y = TOP;
        for (NamespaceReport.Entry entry : job.namespaces().all()) {
            String name = entry.kind().kernelName();
            svg.open("g", "class", "node").title(name + " " + entry.hostInode() + (entry.isolated() ? " → " + entry.inode() : "")
                + " (" + entry.mode().jsonName() + ")");
            tile(RIGHT, y, entry.kind(), entry.hostInode(), "tile");
            if (entry.isolated()) {
                svg.text(RIGHT + 176, y + 16, "", "→");
                tile(RIGHT + 204, y, entry.kind(), entry.inode(), "tile yours");
            } else {
                svg.text(RIGHT + 176, y + 16, "soft", "the same");
            }
            svg.close("g");
            y += TILE_ROW;
        }
    }

    private void tile(int x, int y, NamespaceKind kind, long inode, String style) {
        svg.empty("rect", "x", x, "y", y, "width", 160, "height", GraphLayout.TILE, "rx", 4, "class", style, "style", Look.fill(kind));
        svg.text(x + 14, y + 16, "letter", Look.letter(kind));
        svg.text(x + 28, y + 16, "on", kind.kernelName());
        svg.text(x + 78, y + 16, "on", Long.toString(inode));
    }

    private static List<String> facts(JobRecord job) {
        List<String> facts = new ArrayList<>();
        job.uidMap().forEach(range -> facts.add("uid map  " + text(range)));
        job.gidMap().forEach(range -> facts.add("gid map  " + text(range)));
        job.limits().forEach(limit -> facts.add("limit  " + limit));
        job.weakened().forEach(weakness -> facts.add("weakened  " + weakness));
        return facts;
    }

    private static String text(IdRange range) {
        return range.inside() + " → " + range.outside() + ", " + range.count();
    }

    private void facts(List<String> facts) {
        int y = TOP + NamespaceKind.values().length * TILE_ROW + 20;
        for (String fact : facts) {
            svg.clipped(RIGHT, y - 14, WIDTH - RIGHT - MARGIN, ROW, "", Cells.clip(fact, TEXT_CELLS));
            y += ROW;
        }
    }
}
