package org.skerry.transfer.limit;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.skerry.libp2p.PeerId;

/**
 * Whose chunk goes out next: start-time fair queueing between peers (Goyal, Vin and Cheng, SIGCOMM
 * 1996), so that a peer with many streams gets no more than one with a single stream. A peer that
 * is at its own limit lets the others pass. Sans-IO; its owner locks.
 */
final class Turns {
  private static final Comparator<Turn> ORDER =
      Comparator.<Turn>comparingDouble(turn -> turn.start).thenComparingLong(turn -> turn.number);

  private final Buckets<PeerId> buckets;
  private final TreeSet<Turn> waiting = new TreeSet<>(ORDER);
  private final Map<PeerId, Lane> lanes = new HashMap<>();
  private double virtualTime;
  private long numbers;
  private long granted;

  /** A chunk's place in the queue. */
  static final class Turn {
    private final PeerId peer;
    private final int bytes;
    private final double start;
    private final long number;
    private boolean granted;

    private Turn(PeerId peer, int bytes, double start, long number) {
      this.peer = peer;
      this.bytes = bytes;
      this.start = start;
      this.number = number;
    }

    boolean isGranted() {
      return granted;
    }
  }

  /** A peer with chunks in the queue, or whose last one is not paid for by virtual time. */
  private static final class Lane {
    private double finish;
    private int waiting;
  }

  Turns(Rates rates, long nowMs) {
    this.buckets = new Buckets<>(rates, nowMs);
  }

  Rates rates() {
    return buckets.rates();
  }

  void set(Rates rates, long nowMs) {
    buckets.set(rates, nowMs);
  }

  /**
   * @param weight above 0: twice as much lets a peer have twice the share for this chunk
   */
  Turn ask(PeerId peer, int bytes, double weight) {
    Lane lane = lanes.computeIfAbsent(peer, p -> new Lane());
    double start = Math.max(virtualTime, lane.finish);
    lane.finish = start + bytes / weight;
    lane.waiting++;
    Turn turn = new Turn(peer, bytes, start, numbers++);
    waiting.add(turn);
    return turn;
  }

  /**
   * Grants what may go now.
   *
   * @return when to ask again; {@link Long#MAX_VALUE} when nobody waits
   */
  long grant(long nowMs) {
    while (true) {
      Optional<Turn> next =
          waiting.stream().filter(turn -> buckets.freeAtMs(turn.peer, nowMs) <= nowMs).findFirst();
      if (next.isEmpty()) {
        return waiting.stream()
            .mapToLong(turn -> buckets.freeAtMs(turn.peer, nowMs))
            .min()
            .orElse(Long.MAX_VALUE);
      }
      Turn turn = next.get();
      virtualTime = Math.max(virtualTime, turn.start);
      buckets.spend(turn.peer, turn.bytes, nowMs);
      turn.granted = true;
      granted++;
      leave(turn);
    }
  }

  /** How many turns were granted so far. */
  long granted() {
    return granted;
  }

  /** Whoever asked wants it no more. */
  void cancel(Turn turn) {
    if (!turn.granted) {
      leave(turn);
    }
  }

  private void leave(Turn turn) {
    waiting.remove(turn);
    Lane lane = lanes.get(turn.peer);
    if (lane != null) {
      lane.waiting--;
    }
    lanes.values().removeIf(l -> l.waiting == 0 && l.finish <= virtualTime);
  }
}
