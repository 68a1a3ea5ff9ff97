package org.skerry.node.control;

/**
 * What a unit would take on this node.
 *
 * @param memoryBytes that its worker would have
 * @param samplesPerSecond 0 when it was not measured yet
 * @param hours 0 when the speed is not known
 * @param fits whether it keeps below the node's memory limit
 */
public record UnitForecast(
    String task,
    String unit,
    long memoryBytes,
    double samplesPerSecond,
    double hours,
    boolean fits) {}
