package io.nsjob.internal.wire;

import io.nsjob.Bind;
import io.nsjob.IdMapping;
import io.nsjob.JobFile;
import io.nsjob.JobSpec;
import io.nsjob.Overlay;
import io.nsjob.RootKind;
import io.nsjob.Rootfs;
import io.nsjob.Sizes;
import io.nsjob.Tmpfs;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The file tree of a job spec, read and written. */
final class FilesystemJson {
    private FilesystemJson() {
    }

    static void read(Fields fields, JobSpec.Builder spec) {
        String workspace = fields.string("workspace");
        if (workspace != null) {
            spec.workspace(workspace);
        }
        String chroot = fields.string("chroot");
        if (chroot != null) {
            spec.chroot(chroot);
        }
        if (fields.has("rootfs")) {
            rootfs(fields.object("rootfs"), spec);
        }
        // After the directory, which sets it too: another kind that is spelt out is a contradiction.
        fields.choice("root", RootKind.values(), RootKind::jsonName).ifPresent(spec::root);
        fields.objects("binds").forEach(entry -> bind(entry, spec));
        fields.objects("tmpfs").forEach(entry -> tmpfs(entry, spec));
        fields.objects("overlays").forEach(entry -> overlay(entry, spec));
        fields.objects("files").forEach(entry -> file(entry, spec));
        List<String> directories = fields.strings("directories");
        if (directories != null) {
            spec.directory(directories.toArray(new String[0]));
        }
        spec.allowSuidInWorkspace(Boolean.TRUE.equals(fields.bool("allowSuidInWorkspace")));
        fields.objects("symlinks").forEach(entry -> {
            String path = entry.text("path");
            String target = entry.text("target");
            entry.refuseOthers();
            if (path != null && target != null) {
                spec.symlink(path, target);
            }
        });
    }

    private static void rootfs(Fields entry, JobSpec.Builder spec) {
        String directory = entry.text("directory");
        Rootfs.Access access = entry.choice("access", Rootfs.Access.values(), Rootfs.Access::jsonName)
            .orElse(Rootfs.Access.READ_ONLY);
        if (access != Rootfs.Access.OVERLAY) {
            refuseBounds(entry, "goes with \"access\": \"overlay\"");
        }
        Long size = entry.size("size");
        Long inodes = entry.integer("inodes");
        String upper = entry.string("upper");
        entry.refuseOthers();
        if (directory != null) {
            spec.rootfs(new Rootfs(directory, access, size == null ? Rootfs.DEFAULT_SIZE : size,
                inodes == null ? Rootfs.DEFAULT_INODES : inodes, Optional.ofNullable(upper)));
        }
    }

    private static void bind(Fields entry, JobSpec.Builder spec) {
        String source = entry.text("source");
        String target = entry.string("target");
        Boolean readOnly = entry.bool("readOnly");
        Boolean optional = entry.bool("optional");
        IdMapping mapping = idMapping(entry);
        Boolean noSymfollow = entry.bool("noSymfollow");
        entry.refuseOthers();
        if (source != null) {
            spec.bind(new Bind(source, target == null ? source : target, Boolean.TRUE.equals(readOnly),
                Boolean.TRUE.equals(optional), mapping, Boolean.TRUE.equals(noSymfollow)));
        }
    }

    private static IdMapping idMapping(Fields entry) {
        Object value = entry.any("idMap");
        if (value == null || Boolean.FALSE.equals(value)) {
            return IdMapping.NONE;
        }
        if (Boolean.TRUE.equals(value)) {
            return IdMapping.REQUIRED;
        }
        for (IdMapping mapping : List.of(IdMapping.TRY, IdMapping.REQUIRED)) {
            if (mapping.jsonName().equals(value)) {
                return mapping;
            }
        }
        entry.problem("idMap", "must be true, false, \"required\" or \"try\"");
        return IdMapping.NONE;
    }

    private static void tmpfs(Fields entry, JobSpec.Builder spec) {
        String target = entry.text("target");
        Long size = entry.size("size");
        Long inodes = entry.integer("inodes");
        Boolean noSymfollow = entry.bool("noSymfollow");
        entry.refuseOthers();
        if (target != null) {
            spec.tmpfs(new Tmpfs(target, size == null ? Tmpfs.DEFAULT_SIZE : size, inodes == null ? Tmpfs.DEFAULT_INODES : inodes,
                Boolean.TRUE.equals(noSymfollow)));
        }
    }

    private static void overlay(Fields entry, JobSpec.Builder spec) {
        String target = entry.text("target");
        if (!entry.has("lower")) {
            entry.problem("lower", "is required");
        }
        List<String> lower = entry.strings("lower");
        String upper = entry.string("upper");
        if (upper != null) {
            refuseBounds(entry, "is of what is in memory, and \"upper\" keeps it on disk");
        }
        Long size = entry.size("size");
        Long inodes = entry.integer("inodes");
        entry.refuseOthers();
        if (target != null && lower != null) {
            spec.overlay(new Overlay(target, lower, size == null ? Overlay.DEFAULT_SIZE : size,
                inodes == null ? Overlay.DEFAULT_INODES : inodes, Optional.ofNullable(upper)));
        }
    }

    private static void refuseBounds(Fields entry, String why) {
        for (String name : List.of("size", "inodes")) {
            if (entry.has(name)) {
                entry.problem(name, why);
            }
        }
    }

    private static void file(Fields entry, JobSpec.Builder spec) {
        String path = entry.text("path");
        String content = entry.string("content");
        String base64 = entry.string("base64");
        entry.refuseOthers();
        if (entry.has("content") == entry.has("base64")) {
            entry.problem("content", "must have either content or base64");
        } else if (path != null && content != null) {
            spec.file(path, content);
        } else if (path != null && base64 != null) {
            try {
                spec.file(path, Base64.getDecoder().decode(base64));
            } catch (IllegalArgumentException e) {
                entry.problem("base64", "is not base64");
            }
        }
    }

    static void write(JobSpec spec, Map<String, Object> tree, boolean contents) {
        spec.root().ifPresent(root -> tree.put("root", root.jsonName()));
        spec.workspace().ifPresent(directory -> tree.put("workspace", directory));
        spec.rootfs().ifPresent(rootfs -> tree.put("rootfs", tree(rootfs)));
        spec.chroot().ifPresent(directory -> tree.put("chroot", directory));
        put(tree, "binds", spec.binds().stream().map(FilesystemJson::tree).toList());
        put(tree, "tmpfs", spec.tmpfs().stream().map(FilesystemJson::tree).toList());
        put(tree, "overlays", spec.overlays().stream().map(FilesystemJson::tree).toList());
        put(tree, "files", spec.files().stream().map(file -> contents ? tree(file) : shown(file)).toList());
        put(tree, "directories", spec.directories());
        List<Map<String, Object>> links = new ArrayList<>();
        spec.symlinks().forEach((path, target) -> {
            Map<String, Object> link = new LinkedHashMap<>();
            link.put("path", path);
            link.put("target", target);
            links.add(link);
        });
        put(tree, "symlinks", links);
        if (spec.allowSuidInWorkspace()) {
            tree.put("allowSuidInWorkspace", true);
        }
    }

    private static void put(Map<String, Object> tree, String name, List<?> list) {
        if (!list.isEmpty()) {
            tree.put(name, list);
        }
    }

    private static Map<String, Object> tree(Rootfs rootfs) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("directory", rootfs.directory());
        tree.put("access", rootfs.access().jsonName());
        if (rootfs.access() == Rootfs.Access.OVERLAY) {
            tree.put("size", Sizes.format(rootfs.size()));
            tree.put("inodes", rootfs.inodes());
        }
        rootfs.upper().ifPresent(upper -> tree.put("upper", upper));
        return tree;
    }

    private static Map<String, Object> tree(Bind bind) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("source", bind.source());
        tree.put("target", bind.target());
        tree.put("readOnly", bind.readOnly());
        if (bind.optional()) {
            tree.put("optional", true);
        }
        if (bind.idMapping() != IdMapping.NONE) {
            tree.put("idMap", bind.idMapping().jsonName());
        }
        if (bind.noSymfollow()) {
            tree.put("noSymfollow", true);
        }
        return tree;
    }

    private static Map<String, Object> tree(Tmpfs tmpfs) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("target", tmpfs.target());
        tree.put("size", Sizes.format(tmpfs.size()));
        tree.put("inodes", tmpfs.inodes());
        if (tmpfs.noSymfollow()) {
            tree.put("noSymfollow", true);
        }
        return tree;
    }

    private static Map<String, Object> tree(Overlay overlay) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("target", overlay.target());
        tree.put("lower", overlay.lower());
        if (overlay.upper().isPresent()) {
            tree.put("upper", overlay.upper().get());
        } else {
            tree.put("size", Sizes.format(overlay.size()));
            tree.put("inodes", overlay.inodes());
        }
        return tree;
    }

    /** For people and logs: what is in a file may be a secret. */
    private static Map<String, Object> shown(JobFile file) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("path", file.path());
        tree.put("bytes", (long) file.size());
        return tree;
    }

    private static Map<String, Object> tree(JobFile file) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("path", file.path());
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file.content())).toString();
            tree.put("content", text);
        } catch (CharacterCodingException e) {
            tree.put("base64", Base64.getEncoder().encodeToString(file.content()));
        }
        return tree;
    }
}
