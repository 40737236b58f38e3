package io.nsjob;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How ids inside a new user namespace relate to ids outside: either a {@link Preset} or ranges spelt out. Host uid 0 is
 * never mapped: a preset avoids it, a range that contains it is refused.
 *
 * @param preset which automatic choice to make; {@link Preset#DEFAULT} together with ranges means the ranges alone
 * @param users lines of the uid map; empty leaves the choice to the preset
 * @param groups lines of the gid map
 * @param setgroups whether setgroups(2) works inside; empty leaves it to what the kernel demands
 */
public record IdMaps(Preset preset, List<IdRange> users, List<IdRange> groups, Optional<Setgroups> setgroups) {

    /** The automatic choices. */
    public enum Preset {
        /** What the profile says: unprivileged ids for {@code isolated}, nothing mapped for {@code bare}. */
        DEFAULT("default"),
        /** The caller is uid 0 inside; real root becomes 0 inside on an unprivileged id outside. */
        ROOT("root"),
        /** The caller keeps its numbers. */
        CURRENT("current"),
        /** As many ids as the caller may use, from 0 on. */
        AUTO("auto"),
        /** No id is mapped. */
        NONE("none");

        private final String jsonName;

        Preset(String jsonName) {
            this.jsonName = jsonName;
        }

        /**
         * The name in the job spec.
         *
         * @return such as {@code root}
         */
        public String jsonName() {
            return jsonName;
        }
    }

    /** What {@code /proc/PID/setgroups} says. */
    public enum Setgroups {
        /** Supplementary groups cannot be changed. */
        DENY("deny"),
        /** Supplementary groups may be changed by a process with the capability. */
        ALLOW("allow");

        private final String jsonName;

        Setgroups(String jsonName) {
            this.jsonName = jsonName;
        }

        /**
         * The name in the job spec and in the kernel's file.
         *
         * @return {@code deny} or {@code allow}
         */
        public String jsonName() {
            return jsonName;
        }
    }

    /** Copies the lists. */
    public IdMaps {
        Objects.requireNonNull(preset, "preset");
        users = List.copyOf(users);
        groups = List.copyOf(groups);
        Objects.requireNonNull(setgroups, "setgroups");
    }

    /**
     * An automatic choice.
     *
     * @param preset which
     * @return the maps
     */
    public static IdMaps of(Preset preset) {
        return new IdMaps(preset, List.of(), List.of(), Optional.empty());
    }

    /**
     * Ranges spelt out.
     *
     * @param users lines of the uid map
     * @param groups lines of the gid map
     * @return the maps
     */
    public static IdMaps of(List<IdRange> users, List<IdRange> groups) {
        return new IdMaps(Preset.DEFAULT, users, groups, Optional.empty());
    }

    /**
     * The same with setgroups(2) decided.
     *
     * @param setgroups deny or allow
     * @return the maps
     */
    public IdMaps withSetgroups(Setgroups setgroups) {
        return new IdMaps(preset, users, groups, Optional.of(setgroups));
    }
}
