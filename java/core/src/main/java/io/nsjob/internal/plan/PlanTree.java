package io.nsjob.internal.plan;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Fields of a plan that are there or are not. This package is written with loops and conditions where lambdas would do: each lambda
 * costs a start of the command some 0.2 ms before it has done anything, and a plan needs a hundred.
 */
final class PlanTree {
    private PlanTree() {
    }

    static void put(Map<String, Object> tree, String field, Optional<?> value) {
        if (value.isPresent()) {
            tree.put(field, value.get());
        }
    }

    static void put(Map<String, Object> tree, String field, OptionalInt value) {
        if (value.isPresent()) {
            tree.put(field, value.getAsInt());
        }
    }

    static void put(Map<String, Object> tree, String field, OptionalLong value) {
        if (value.isPresent()) {
            tree.put(field, value.getAsLong());
        }
    }
}
