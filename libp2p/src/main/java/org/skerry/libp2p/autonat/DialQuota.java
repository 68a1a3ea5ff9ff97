package org.skerry.libp2p.autonat;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** How often a server dials others back, over all versions of the protocol. Thread-safe. */
final class DialQuota {
  private static final long MINUTE_MS = 60_000;

  private final AutonatServer.Limits limits;
  private final InstantSource clock;
  private final Set<String> served = new HashSet<>();
  private final Map<String, Integer> dialsByPlace = new HashMap<>();
  private int dials;
  private long minute;

  DialQuota(AutonatServer.Limits limits, InstantSource clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /** Whether somebody at {@code place} is served now; then {@link #leave} is to follow. */
  synchronized boolean admit(String place) {
    long now = clock.millis() / MINUTE_MS;
    if (now != minute) {
      minute = now;
      dials = 0;
      dialsByPlace.clear();
    }
    if (dials >= limits.dialsPerMinute()
        || served.size() >= limits.atOnce()
        || dialsByPlace.getOrDefault(place, 0) >= limits.dialsPerPlace()
        || !served.add(place)) {
      return false;
    }
    dials++;
    dialsByPlace.merge(place, 1, Integer::sum);
    return true;
  }

  synchronized void leave(String place) {
    served.remove(place);
  }
}
