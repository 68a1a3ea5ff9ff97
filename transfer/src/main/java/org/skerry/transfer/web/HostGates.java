package org.skerry.transfer.web;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** Lets a few requests at a time through to each host. Thread-safe. */
final class HostGates {
  private final int places;
  private final ConcurrentHashMap<String, Gate> gates = new ConcurrentHashMap<>();

  HostGates(int places) {
    this.places = places;
  }

  private static final class Gate {
    private final Semaphore free;
    // Changed only inside the map's compute.
    private int users;

    private Gate(int places) {
      this.free = new Semaphore(places, true);
    }
  }

  /** Waits for a place. */
  void enter(String host) throws InterruptedException {
    Gate gate =
        gates.compute(
            host,
            (h, known) -> {
              Gate used = known == null ? new Gate(places) : known;
              used.users++;
              return used;
            });
    try {
      gate.free.acquire();
    } catch (InterruptedException e) {
      forget(host);
      throw e;
    }
  }

  void leave(String host) {
    Gate gate = gates.get(host);
    if (gate == null) {
      throw new IllegalStateException("nobody entered the gate of " + host);
    }
    gate.free.release();
    forget(host);
  }

  private void forget(String host) {
    gates.computeIfPresent(host, (h, gate) -> --gate.users == 0 ? null : gate);
  }
}
