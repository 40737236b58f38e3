package io.nsjob;

/**
 * What a {@link SandboxPool} has and has done so far.
 *
 * @param ready sandboxes that wait to be taken
 * @param opening those that are being made, or made anew
 * @param taken those that are taken and not given back
 * @param opened how many were made, the resets included
 * @param handedOut how often one was taken
 * @param died how many ended by themselves while they waited
 * @param failures how often one could not be made
 */
public record PoolStatistics(int ready, int opening, int taken, long opened, long handedOut, long died, long failures) {
}
