package org.skerry.transfer.limit;

import org.skerry.libp2p.PeerId;

/**
 * Lets chunks out at the owner's rates, in fair turns between the peers that wait, until the quota
 * is spent. Thread-safe.
 */
public final class UploadQueue {
  /** How much more of the line a peer gets for a blob that hardly anybody else has. */
  private static final double SCARCE_WEIGHT = 4;

  private final Quota quota;
  private final Turns turns;
  private boolean held;

  public UploadQueue(Rates rates, Quota quota) {
    this.quota = quota;
    this.turns = new Turns(rates, nowMs());
  }

  /** A queue in which nobody waits. */
  public static UploadQueue unlimited() {
    return new UploadQueue(Rates.UNLIMITED, Quota.none());
  }

  /** Other rates hold from now on, also for whoever waits. */
  public synchronized void set(Rates rates) {
    turns.set(rates, nowMs());
    notifyAll();
  }

  /** Whether nothing goes out until further notice; whoever waits is sent away. */
  public synchronized void hold(boolean newHeld) {
    held = newHeld;
    notifyAll();
  }

  /** How many streams can be served at once so that each still moves. */
  public synchronized int streams() {
    return turns.rates().streams();
  }

  /** Whether nothing goes out now: the quota of today is spent, or everything is held. */
  public synchronized boolean isShut() {
    return held || quota.isSpent();
  }

  /**
   * Waits until {@code bytes} may go out to {@code peer}.
   *
   * @param scarce whether hardly anybody else has what they are of
   * @return false when they may not: the quota is spent, or everything is held
   */
  public boolean await(PeerId peer, int bytes, boolean scarce) throws InterruptedException {
    if (!quota.spend(bytes)) {
      return false;
    }
    synchronized (this) {
      if (held) {
        quota.giveBack(bytes);
        return false;
      }
      if (turns.rates().equals(Rates.UNLIMITED)) {
        return true;
      }
      Turns.Turn turn = turns.ask(peer, bytes, scarce ? SCARCE_WEIGHT : 1);
      try {
        while (true) {
          long now = nowMs();
          long before = turns.granted();
          long again = turns.grant(now);
          if (turns.granted() > before) {
            notifyAll(); // Whoever is awake grants for all.
          }
          if (turn.isGranted()) {
            return true;
          }
          if (held) {
            turns.cancel(turn);
            quota.giveBack(bytes);
            return false;
          }
          wait(Math.max(1, again - now));
        }
      } catch (InterruptedException e) {
        turns.cancel(turn);
        quota.giveBack(bytes);
        throw e;
      }
    }
  }

  private static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }
}
