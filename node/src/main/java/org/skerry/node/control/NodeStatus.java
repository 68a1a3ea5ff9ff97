package org.skerry.node.control;

import java.util.List;
import org.skerry.node.traffic.TrafficReport;

/**
 * What a daemon is doing.
 *
 * @param paused whether nothing is computed, since one of the owner's conditions does not hold
 * @param doing one sentence: what it does, or why it does nothing
 * @param safeToStop whether a stop now loses no work
 * @param atRiskSeconds how much work a crash would cost now
 * @param unit the unit in training, empty when there is none
 * @param step its optimiser steps so far
 * @param loss its last training loss, 0 before the first
 * @param device what it trains on
 * @param reach whether others reach it: {@code reachable}, {@code relayed}, {@code unreachable},
 *     {@code unknown}, or {@code local} when it listens on this machine only
 * @param ways what was seen of that
 * @param threads that it trains with on a processor
 * @param duty the part of the time in which training computes, in percent
 * @param memoryLimitBytes what a worker may have
 * @param forecasts what the units of the tasks in reach would take here
 * @param traffic of blobs, and its limits
 * @param transfers what is being fetched now
 * @param guest how the owner's conditions stand
 */
public record NodeStatus(
    String peer,
    String name,
    String version,
    long process,
    long upMs,
    boolean paused,
    String doing,
    boolean safeToStop,
    double atRiskSeconds,
    String task,
    String unit,
    long step,
    double loss,
    double samplesPerSecond,
    List<String> addresses,
    String reach,
    ReachStatus ways,
    int connections,
    int routingTable,
    long blobBytes,
    String device,
    int threads,
    int duty,
    long memoryLimitBytes,
    List<UnitForecast> forecasts,
    TrafficReport traffic,
    List<TransferStatus> transfers,
    GuestStatus guest) {
  public NodeStatus {
    addresses = List.copyOf(addresses);
    forecasts = List.copyOf(forecasts);
    transfers = List.copyOf(transfers);
  }
}
