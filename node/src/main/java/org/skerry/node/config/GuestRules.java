package org.skerry.node.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * When the owner lends this computer and its line.
 *
 * @param hours of the week in which it may compute, if not in all
 * @param networkHours of the week in which blobs may pass, if not in all
 * @param awayFor how long the owner must have been away before anything is computed, if at all
 * @param onBattery whether it may compute on its battery
 * @param onMetered whether blobs may pass on a line that is paid by what passes
 * @param pauseBeside programs beside which nothing is computed, by the names of their files
 * @param maxCelsius how hot processors may become, if that is limited
 * @param minFreeDiskBytes what stays free on the disk
 * @param ask a command or URL that says whether to compute, if any
 */
public record GuestRules(
    Optional<WeeklyHours> hours,
    Optional<WeeklyHours> networkHours,
    Optional<Duration> awayFor,
    boolean onBattery,
    boolean onMetered,
    List<String> pauseBeside,
    Optional<Integer> maxCelsius,
    long minFreeDiskBytes,
    Optional<String> ask) {
  public GuestRules {
    pauseBeside = List.copyOf(pauseBeside);
  }
}
