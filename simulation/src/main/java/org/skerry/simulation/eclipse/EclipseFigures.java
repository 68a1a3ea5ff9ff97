package org.skerry.simulation.eclipse;

/**
 * What an attack on one key came to.
 *
 * @param reads by honest nodes
 * @param found reads that brought the newest manifest
 * @param forgedAccepted documents of boards that were read, but for the newest manifests that their
 *     authors published: forged, replayed, rolled back or equivocated
 * @param refused what attackers sent and honest nodes refused
 * @param attackersAmongClosest of the k nearest peers that a search found, in the mean
 */
public record EclipseFigures(
    int reads, int found, long forgedAccepted, long refused, double attackersAmongClosest) {}
