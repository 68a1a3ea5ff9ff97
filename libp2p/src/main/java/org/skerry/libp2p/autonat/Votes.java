package org.skerry.libp2p.autonat;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What servers said of one address: the newest word of each of the last few. That it was reached is
 * proven, so that weighs as much as that it was not; who asks servers of one place only learns one
 * place's view.
 */
final class Votes {
  private static final int KEPT = 5;
  private static final int ENOUGH = 3;

  /** By the server's IP address, the newest last. */
  private final Map<String, Boolean> reached = new LinkedHashMap<>();

  /** Adds a vote; where it speaks against a settled belief, all others have to speak anew. */
  void addAnew(String server, boolean wasReached) {
    Reachability believed = outcome(KEPT);
    if (believed == (wasReached ? Reachability.UNREACHABLE : Reachability.REACHABLE)) {
      reached.clear();
    }
    add(server, wasReached);
  }

  private void add(String server, boolean wasReached) {
    reached.remove(server);
    reached.put(server, wasReached);
    if (reached.size() > KEPT) {
      reached.remove(reached.keySet().iterator().next());
    }
  }

  boolean isEmpty() {
    return reached.isEmpty();
  }

  boolean has(String server) {
    return reached.containsKey(server);
  }

  /**
   * @param servers how many could be asked: where there are few, fewer are enough
   */
  Reachability outcome(int servers) {
    long yes = reached.values().stream().filter(was -> was).count();
    long no = reached.size() - yes;
    if (yes > 0 && yes >= no) {
      return Reachability.REACHABLE;
    }
    return no > 0 && no >= Math.min(ENOUGH, servers)
        ? Reachability.UNREACHABLE
        : Reachability.UNKNOWN;
  }
}
