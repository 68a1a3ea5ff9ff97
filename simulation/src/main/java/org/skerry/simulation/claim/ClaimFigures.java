package org.skerry.simulation.claim;

import java.util.Locale;

/**
 * What a run showed.
 *
 * @param seed to repeat it with
 * @param firstRound part of the units that had exactly their peers after one round: everybody
 *     claimed, waited for the settling time, and read back
 * @param settledMs until every unit had exactly its peers, from everybody's start
 * @param claimsExact part of the units that had exactly their redundancy of live claims, all of
 *     them of peers at work, a lease and a half after the last death
 * @param overlap working time beyond the redundancy, as a part of all working time
 * @param idle part of the wanted working time in which nobody worked
 * @param longestUnclaimedMs from the death of a unit's last claimer to the next claim
 * @param longestIdleMs in which nobody worked on a unit, from the death of its last claimer to a
 *     successor's first step
 * @param wasted part of the working time whose result was lost: since the last manifest of who
 *     died, and what ran beside enough others
 * @param useful part of all living peers' time spent training to a purpose, measuring or keeping
 * @param training likewise
 * @param measuring likewise
 * @param keeping likewise
 * @param postsPerPeerMinute claims a peer posted in a minute
 * @param deaths of peers
 */
public record ClaimFigures(
    long seed,
    double firstRound,
    long settledMs,
    double claimsExact,
    double overlap,
    double idle,
    long longestUnclaimedMs,
    long longestIdleMs,
    double wasted,
    double useful,
    double training,
    double measuring,
    double keeping,
    double postsPerPeerMinute,
    int deaths) {

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "seed %d: first round %.3f, settled in %.1f s, exact %.4f, overlap %.4f, idle %.4f,"
            + " unclaimed <= %.1f s, idle <= %.1f s, wasted %.4f, useful %.3f (training %.3f,"
            + " measuring %.3f, keeping %.3f), %.2f claims a peer and minute, %d deaths",
        seed,
        firstRound,
        settledMs / 1e3,
        claimsExact,
        overlap,
        idle,
        longestUnclaimedMs / 1e3,
        longestIdleMs / 1e3,
        wasted,
        useful,
        training,
        measuring,
        keeping,
        postsPerPeerMinute,
        deaths);
  }
}
