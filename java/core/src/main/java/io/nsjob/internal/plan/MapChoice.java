package io.nsjob.internal.plan;

import io.nsjob.IdRange;
import java.util.List;

/**
 * The id maps that were chosen, and who writes them.
 *
 * @param users lines of the uid map
 * @param groups lines of the gid map
 * @param how who writes them
 * @param directory where blocks are locked, for {@link How#BLOCK}
 * @param bases the blocks to try
 * @param newuidmap its path, for {@link How#TOOLS}
 * @param newgidmap its path
 * @param setgroupsStays whether newgidmap leaves setgroups allowed
 */
record MapChoice(List<IdRange> users, List<IdRange> groups, How how, String directory, List<Long> bases, String newuidmap,
        String newgidmap, boolean setgroupsStays) {

    /** Who writes the maps. */
    enum How {
        /** Nobody: no id is mapped. */
        UNMAPPED,
        /** The supervisor, as they are. */
        DIRECT,
        /** The supervisor, relative to a block that it locks. */
        BLOCK,
        /** newuidmap and newgidmap. */
        TOOLS
    }

    static MapChoice unmapped() {
        return new MapChoice(List.of(), List.of(), How.UNMAPPED, "", List.of(), "", "", false);
    }

    static MapChoice direct(List<IdRange> users, List<IdRange> groups) {
        return new MapChoice(users, groups, How.DIRECT, "", List.of(), "", "", false);
    }

    static MapChoice block(List<IdRange> range, String directory, List<Long> bases) {
        return new MapChoice(range, range, How.BLOCK, directory, bases, "", "", false);
    }

    static MapChoice tools(List<IdRange> users, List<IdRange> groups, String newuidmap, String newgidmap, boolean setgroupsStays) {
        return new MapChoice(users, groups, How.TOOLS, "", List.of(), newuidmap, newgidmap, setgroupsStays);
    }
}
