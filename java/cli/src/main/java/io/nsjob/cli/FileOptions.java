package io.nsjob.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The options about the job's file tree. */
final class FileOptions {
    private static final List<String> ROOTS = List.of("host", "minimal", "readonly-host");
    /** What a spec takes; read no more of a file that is far too large. */
    private static final long MAX_FILE = 512L << 10;

    private FileOptions() {}

    static void apply(RunLine line, Map<String, Object> spec) throws UsageException {
        if (line.has(RunOption.ROOT)) {
            if (line.value(RunOption.ROOT).orElseThrow().startsWith("/")) {
                throw new UsageException("run: --root: takes a kind of root; a directory is given with --rootfs DIR, or with --chroot DIR"
                    + " as unshare(1) has it");
            }
            String root = Values.word(RunOption.ROOT, line.value(RunOption.ROOT).orElseThrow(), ROOTS);
            SpecAssembler.object(spec, "filesystem").put("root", root);
        }
        if (line.has(RunOption.WORKSPACE)) {
            Path directory = path(RunOption.WORKSPACE, line.value(RunOption.WORKSPACE).orElseThrow());
            SpecAssembler.object(spec, "filesystem").put("workspace", real(directory));
        }
        binds(line, RunOption.BIND, spec);
        binds(line, RunOption.BIND_RO, spec);
        binds(line, RunOption.BIND_TRY, spec);
        binds(line, RunOption.BIND_RO_TRY, spec);
        for (String tmpfs : line.values(RunOption.TMPFS)) {
            add(spec, "tmpfs", tmpfs(tmpfs));
        }
        for (String overlay : line.values(RunOption.OVERLAY)) {
            add(spec, "overlays", overlay(overlay));
        }
        if (line.has(RunOption.ROOTFS)) {
            SpecAssembler.object(spec, "filesystem").put("root", "directory");
            SpecAssembler.object(spec, "filesystem").put("rootfs", rootfs(line.value(RunOption.ROOTFS).orElseThrow()));
        }
        if (line.has(RunOption.CHROOT)) {
            Path directory = path(RunOption.CHROOT, line.value(RunOption.CHROOT).orElseThrow());
            SpecAssembler.object(spec, "filesystem").put("chroot", real(directory));
        }
        if (line.has(RunOption.ALLOW_SUID)) {
            SpecAssembler.object(spec, "filesystem").put("allowSuidInWorkspace", true);
        }
        for (String file : line.values(RunOption.FILE)) {
            add(spec, "files", file(file));
        }
    }

    /** As the kernel names it, which is how the job's own getcwd(3) will. */
    private static String real(Path directory) {
        try {
            return directory.toRealPath().toString();
        } catch (IOException e) {
            return directory.toAbsolutePath().normalize().toString();
        }
    }

    private static void binds(RunLine line, RunOption option, Map<String, Object> spec) throws UsageException {
        for (String typed : line.values(option)) {
            Map<String, Object> bind = bind(option, typed, option == RunOption.BIND_RO || option == RunOption.BIND_RO_TRY);
            if (option == RunOption.BIND_TRY || option == RunOption.BIND_RO_TRY) {
                bind.put("optional", true);
            }
            add(spec, "binds", bind);
        }
    }

    private static void add(Map<String, Object> spec, String list, Map<String, Object> entry) {
        SpecAssembler.list(SpecAssembler.object(spec, "filesystem"), list).add(entry);
    }

    /** The target is an absolute path, so a colon without a slash behind it belongs to the source. */
    private static Map<String, Object> bind(RunOption option, String all, boolean readOnly) throws UsageException {
        Map<String, Object> flags = new LinkedHashMap<>();
        String typed = flags(option, all, flags);
        int colon = typed.indexOf(":/");
        String source = colon < 0 ? typed : typed.substring(0, colon);
        if (source.isEmpty()) {
            throw Values.bad(option, typed, "SRC or SRC:DST, with an absolute DST");
        }
        Path absolute = path(option, source).toAbsolutePath();
        Map<String, Object> bind = new LinkedHashMap<>();
        bind.put("source", absolute.toString());
        bind.put("target", colon < 0 ? absolute.normalize().toString() : typed.substring(colon + 1));
        bind.put("readOnly", readOnly);
        bind.putAll(flags);
        return bind;
    }

    /** As a bind, but with a colon between directories too: one whose name has a colon goes into a spec. */
    private static Map<String, Object> overlay(String all) throws UsageException {
        Map<String, Object> overlay = new LinkedHashMap<>();
        String typed = all;
        for (int comma = typed.lastIndexOf(','); comma >= 0; comma = typed.lastIndexOf(',')) {
            String word = typed.substring(comma + 1);
            if (word.startsWith("size=")) {
                overlay.put("size", Values.size(RunOption.OVERLAY, word.substring("size=".length())));
            } else if (word.startsWith("kept=")) {
                overlay.put("upper", path(RunOption.OVERLAY, word.substring("kept=".length())).toAbsolutePath().toString());
            } else {
                break;
            }
            typed = typed.substring(0, comma);
        }
        int colon = typed.lastIndexOf(":/");
        List<String> lower = new ArrayList<>();
        for (String directory : (colon < 0 ? typed : typed.substring(0, colon)).split(":", -1)) {
            if (directory.isEmpty()) {
                throw Values.bad(RunOption.OVERLAY, all, "DIR, DIR:DST or DIR:DIR:DST, with an absolute DST");
            }
            lower.add(path(RunOption.OVERLAY, directory).toAbsolutePath().toString());
        }
        if (colon < 0 && lower.size() > 1) {
            throw Values.bad(RunOption.OVERLAY, all, "DIR:DIR:DST, with an absolute DST");
        }
        overlay.put("lower", lower);
        overlay.put("target", colon < 0 ? Path.of(lower.get(0)).normalize().toString() : typed.substring(colon + 1));
        return overlay;
    }

    private static Map<String, Object> rootfs(String typed) throws UsageException {
        int comma = typed.lastIndexOf(',');
        String word = comma < 0 ? "" : typed.substring(comma + 1);
        boolean known = word.equals("overlay") || word.equals("writable") || word.startsWith("overlay=") || word.startsWith("kept=");
        Map<String, Object> rootfs = new LinkedHashMap<>();
        rootfs.put("directory", path(RunOption.ROOTFS, known ? typed.substring(0, comma) : typed).toAbsolutePath().toString());
        if (word.equals("writable")) {
            rootfs.put("access", "writable");
        } else if (known) {
            rootfs.put("access", word.startsWith("kept=") ? "overlayKept" : "overlay");
        }
        if (word.startsWith("overlay=")) {
            rootfs.put("size", Values.size(RunOption.ROOTFS, word.substring("overlay=".length())));
        } else if (word.startsWith("kept=")) {
            rootfs.put("upper", path(RunOption.ROOTFS, word.substring("kept=".length())).toAbsolutePath().toString());
        }
        return rootfs;
    }

    /** What is left of SRC:DST,idmap without the known words at its end; a path that ends like that goes into a spec. */
    private static String flags(RunOption option, String typed, Map<String, Object> flags) throws UsageException {
        for (String word : List.of("idmap", "idmap=try", "nosymfollow")) {
            if (typed.endsWith("," + word)) {
                flags.put(word.startsWith("idmap") ? "idMap" : "noSymfollow", word.equals("idmap=try") ? "try" : (Object) true);
                return flags(option, typed.substring(0, typed.length() - word.length() - 1), flags);
            }
        }
        if (typed.substring(typed.lastIndexOf(',') + 1).startsWith("idmap=")) {
            throw Values.bad(option, typed, "idmap or idmap=try");
        }
        return typed;
    }

    private static Map<String, Object> tmpfs(String typed) throws UsageException {
        int colon = typed.lastIndexOf(':');
        Map<String, Object> tmpfs = new LinkedHashMap<>();
        tmpfs.put("target", colon < 0 ? typed : typed.substring(0, colon));
        if (colon >= 0) {
            String size = typed.substring(colon + 1);
            tmpfs.put("size", Values.size(RunOption.TMPFS, size.startsWith("size=") ? size.substring("size=".length()) : size));
        }
        return tmpfs;
    }

    private static Map<String, Object> file(String typed) throws UsageException {
        int equals = typed.indexOf('=');
        if (equals <= 0 || equals == typed.length() - 1) {
            throw Values.bad(RunOption.FILE, typed, "DST=SRC");
        }
        Path source = path(RunOption.FILE, typed.substring(equals + 1));
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("path", typed.substring(0, equals));
        try {
            if (Files.size(source) > MAX_FILE) {
                throw new UsageException("run: --file: " + source + " is larger than " + MAX_FILE + " bytes; use --bind-ro");
            }
            byte[] content = Files.readAllBytes(source);
            try {
                file.put("content", StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString());
            } catch (CharacterCodingException e) {
                file.put("base64", Base64.getEncoder().encodeToString(content));
            }
        } catch (IOException e) {
            throw new UsageException("run: --file: cannot read " + Failure.describe(e));
        }
        return file;
    }

    private static Path path(RunOption option, String typed) throws UsageException {
        if (typed.isEmpty()) { // Path.of takes it for the current directory, and it is a variable that was not set
            throw Values.bad(option, typed, "a path");
        }
        try {
            return Path.of(typed);
        } catch (InvalidPathException e) {
            throw Values.bad(option, typed, "a path in this locale");
        }
    }
}
