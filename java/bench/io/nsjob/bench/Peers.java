package io.nsjob.bench;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Other programs that isolate, where they are installed: started from C and from Java, with the binds of profile isolated. */
final class Peers {
    private final Settings settings;
    private final Field field;
    private final JsonObject plan;

    Peers(Settings settings, Field field) {
        this.settings = settings;
        this.field = field;
        plan = Kinds.ISOLATED.plan(settings.program());
    }

    void add() throws IOException {
        String program = settings.program();
        add("unshare-five", "unshare, five kinds", "unshare", true, List.of("-Urpmiuf", "--mount-proc", "--kill-child", program));
        add("unshare-eight", "unshare, all eight kinds", "unshare", true, List.of("-UrpmiunCTf", "--mount-proc",
            "--kill-child", program));
        add("bwrap", "bwrap --unshare-all, the same binds", "bwrap", false, bwrap());
        String bundle = new OciBundle(settings.out().resolve("bundle"), plan).write().toString();
        add("crun", "crun run, the same binds", "crun", true,
            List.of("--cgroup-manager=disabled", "--root", state("crun"), "run", "--bundle", bundle, "nsjob-bench-crun"));
        addCrunInHybrid(bundle);
        add("runc", "runc run, the same binds", "runc", true,
            List.of("--root", state("runc"), "run", "--bundle", bundle, "nsjob-bench-runc"));
        add("firejail", "firejail --noprofile", "firejail", true, List.of("--quiet", "--noprofile", "--net=none",
            "--caps.drop=all",
            "--seccomp", "--nonewprivs", program));
    }

    /** It refuses where both versions of cgroups are mounted; in a mount namespace without the second it does not. */
    private void addCrunInHybrid(String bundle) throws IOException {
        String crun = find("crun");
        if (crun == null || !Files.isDirectory(Path.of("/sys/fs/cgroup/unified"))
            || !Files.isWritable(Path.of("/sys/fs/cgroup"))) {
            return;
        }
        LineWorker apart = field.keep(new LineWorker(List.of("unshare", "-m", "sh", "-c",
            "umount -l /sys/fs/cgroup/unified && exec \"$0\"",
            settings.worker().toString())));
        field.add("c.crun", "C: crun run, the same binds, no cgroups", true, apart.way("c.crun", "spawn", "vfork", crun,
            "--cgroup-manager=disabled", "--root", state("crun"), "run", "--bundle", bundle, "nsjob-bench-crun"));
    }

    private String state(String name) throws IOException {
        return Files.createDirectories(settings.out().resolve("state-" + name)).toString();
    }

    private void add(String id, String what, String program, boolean rare, List<String> arguments) throws IOException {
        String path = find(program);
        if (path == null) {
            field.add(Contestant.missing("c." + id, "C: " + what, "not installed (make bench-peers)"));
            field.add(Contestant.missing("java." + id, "Java: " + what, "not installed (make bench-peers)"));
            return;
        }
        List<String> command = new ArrayList<>(List.of(path));
        command.addAll(arguments);
        List<String> definition = new ArrayList<>(List.of("spawn", "vfork"));
        definition.addAll(command);
        field.add("c." + id, "C: " + what, rare, field.worker().way("c." + id, definition.toArray(String[]::new)));
        field.add("java." + id, "Java: " + what, rare, Others.processBuilder(command.toArray(String[]::new)));
    }

    static String find(String program) {
        for (String directory : (System.getenv("PATH") + ":/usr/sbin:/sbin").split(":")) {
            File file = new File(directory, program);
            if (file.canExecute()) {
                return file.getPath();
            }
        }
        return null;
    }

    /** Without the filter and the limits that the profile has: they would cost bwrap more. */
    private List<String> bwrap() {
        List<String> line = new ArrayList<>(List.of("--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000",
            "--clearenv",
            "--new-session", "--die-with-parent", "--cap-drop", "ALL", "--hostname", "bench"));
        for (JsonElement element : plan.getAsJsonArray("mounts")) {
            JsonObject mount = element.getAsJsonObject();
            String target = mount.has("target") ? mount.get("target").getAsString() : "";
            switch (mount.get("op").getAsString()) {
                case "bind" -> bind(line, mount, target);
                case "symlink" -> line.addAll(List.of("--symlink", mount.get("text").getAsString(), target));
                case "proc" -> line.addAll(List.of("--proc", target));
                case "dev" -> line.addAll(List.of("--dev", target));
                case "mqueue" -> line.addAll(List.of("--mqueue", target));
                case "tmpfs", "writable" -> line.addAll(List.of("--tmpfs", target));
                default -> { }
            }
        }
        line.add(settings.program());
        return line;
    }

    private static void bind(List<String> line, JsonObject mount, String target) {
        String source = mount.get("source").getAsString();
        if (Files.exists(Path.of(source))) {
            line.addAll(List.of("--ro-bind", source, target));
        }
    }

    /** A runtime's own description of a container, with what the plan says. */
    private record OciBundle(Path directory, JsonObject plan) {
        private static final List<String> KINDS = List.of("pid", "network", "ipc", "uts", "mount", "user", "cgroup");

        Path write() throws IOException {
            makeMountPoints(directory.resolve("rootfs"));
            JsonObject config = new JsonObject();
            config.addProperty("ociVersion", "1.0.2");
            config.add("process", process());
            config.add("root", object("path", "rootfs"));
            config.addProperty("hostname", "bench");
            config.add("mounts", mounts());
            config.add("linux", linux());
            Files.writeString(directory.resolve("config.json"), new Gson().toJson(config));
            return directory;
        }

        /** In the container's user namespace nobody may make them. */
        private void makeMountPoints(Path root) throws IOException {
            for (JsonElement element : plan.getAsJsonArray("mounts")) {
                JsonObject mount = element.getAsJsonObject();
                if (!mount.has("target") || mount.has("text") || mount.has("base64")) {
                    continue;
                }
                Path point = root.resolve(mount.get("target").getAsString().substring(1));
                boolean file = mount.has("source") && Files.isRegularFile(Path.of(mount.get("source").getAsString()));
                Files.createDirectories(file ? point.getParent() : point);
                if (file && !Files.exists(point)) {
                    Files.createFile(point);
                }
            }
        }

        private JsonObject process() {
            JsonObject process = object("cwd", "/");
            process.addProperty("terminal", false);
            process.addProperty("noNewPrivileges", true);
            process.add("args", plan.getAsJsonObject("process").get("argv"));
            process.add("env", plan.getAsJsonObject("process").get("env"));
            process.add("capabilities", new JsonObject());
            JsonObject user = new JsonObject();
            user.addProperty("uid", 1000);
            user.addProperty("gid", 1000);
            process.add("user", user);
            return process;
        }

        private JsonArray mounts() {
            JsonArray all = new JsonArray();
            for (JsonElement element : plan.getAsJsonArray("mounts")) {
                JsonObject mount = element.getAsJsonObject();
                String target = mount.has("target") ? mount.get("target").getAsString() : "";
                switch (mount.get("op").getAsString()) {
                    case "bind" -> {
                        if (Files.exists(Path.of(mount.get("source").getAsString()))) {
                            all.add(mount(target, mount.get("source").getAsString(), "bind", "rbind", "ro", "nosuid", "nodev"));
                        }
                    }
                    case "proc" -> all.add(mount(target, "proc", "proc"));
                    case "dev", "tmpfs", "writable" -> all.add(mount(target, "tmpfs", "tmpfs", "nosuid", "mode=755"));
                    case "mqueue" -> all.add(mount(target, "mqueue", "mqueue", "nosuid", "noexec", "nodev"));
                    default -> { }
                }
            }
            return all;
        }

        private static JsonObject mount(String target, String source, String type, String... options) {
            JsonObject mount = object("destination", target);
            mount.addProperty("source", source);
            mount.addProperty("type", type);
            JsonArray list = new JsonArray();
            List.of(options).forEach(list::add);
            mount.add("options", list);
            return mount;
        }

        private JsonObject linux() {
            JsonObject linux = new JsonObject();
            JsonArray namespaces = new JsonArray();
            KINDS.forEach(kind -> namespaces.add(object("type", kind)));
            linux.add("namespaces", namespaces);
            for (String map : List.of("uidMappings", "gidMappings")) {
                JsonObject range = new JsonObject();
                range.addProperty("containerID", 0);
                range.addProperty("hostID", 524_288);
                range.addProperty("size", 65_536);
                JsonArray ranges = new JsonArray();
                ranges.add(range);
                linux.add(map, ranges);
            }
            return linux;
        }

        private static JsonObject object(String name, String value) {
            JsonObject object = new JsonObject();
            object.addProperty(name, value);
            return object;
        }
    }
}
