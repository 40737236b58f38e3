package io.nsjob.internal.os;

import io.nsjob.IdRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where this user's run directories and id locks are. */
public final class StateBase {
    /** sun_path is 108 bytes with its NUL; the rest is for "/run/PID-START/N.sock". */
    private static final int MAX_BASE = 50;

    private StateBase() {
    }

    /**
     * Makes or checks the directory.
     *
     * @param identity whose
     * @return a private directory with a short ASCII path
     * @throws IOException naming every place that was refused, and why
     */
    public static Path require(Identity identity) throws IOException {
        List<String> refused = new ArrayList<>();
        for (String place : places(identity)) {
            try {
                return requireAt(place, identity.uid());
            } catch (IOException | InvalidPathException e) {
                refused.add(place + ": " + e.getMessage());
            }
        }
        throw new IOException("no private directory for sockets: " + String.join("; ", refused));
    }

    private static Path requireAt(String place, long uid) throws IOException {
        if (place.length() > MAX_BASE || !StandardCharsets.US_ASCII.newEncoder().canEncode(place)) {
            throw new IOException("its path is too long or not ASCII");
        }
        Path path = Path.of(place);
        boolean inRuntimeDirectory = !place.startsWith("/run/nsjob") && !place.startsWith("/tmp/");
        if (inRuntimeDirectory) {
            String problem = PrivateDirectory.problem(path.getParent(), uid);
            if (!problem.isEmpty()) {
                throw new IOException("XDG_RUNTIME_DIR: " + problem);
            }
        }
        return PrivateDirectory.require(path, uid);
    }

    /**
     * The directories that exist already, for those who only want to clean up.
     *
     * @param identity whose
     * @return those that are private
     */
    public static List<Path> existing(Identity identity) {
        List<Path> existing = new ArrayList<>();
        for (String place : places(identity)) {
            try {
                Path path = Path.of(place);
                if (Files.exists(path) && PrivateDirectory.problem(path, identity.uid()).isEmpty()) {
                    existing.add(path);
                }
            } catch (IOException | InvalidPathException e) {
                // Not a place of ours, then.
            }
        }
        return existing;
    }

    private static List<String> places(Identity identity) {
        List<String> places = new ArrayList<>();
        if (identity.uid() == 0) {
            places.add("/run/nsjob");
        }
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        if (runtime != null && runtime.startsWith("/")) {
            places.add(runtime + "/nsjob");
        }
        // Root of a nested user namespace is the user outside: two of them must not want the same place.
        places.add("/tmp/nsjob-" + outside(identity));
        return places;
    }

    private static long outside(Identity identity) {
        for (IdRange line : identity.uidMap()) {
            if (line.containsInside(identity.uid())) {
                return line.outside() + identity.uid() - line.inside();
            }
        }
        return identity.uid();
    }
}
