package org.skerry.dht.record;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.skerry.libp2p.PeerId;

/**
 * Which peers were refused, for what and how often. Thread-safe.
 *
 * <p>Peer ids cost nothing to make, so only so many peers are told apart. When another one comes,
 * the peer with the fewest refusals is forgotten, of those the one refused longest ago: many ids
 * that are used once push each other out, and leave whoever goes on lying where it is.
 */
public final class RefusalLedger {
  /** Peers that are told apart by default. */
  public static final int MAX_PEERS = 1024;

  private final int maxPeers;

  /** Guarded by itself; in the order of the peers' last refusals. */
  private final Map<PeerId, Account> accounts = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * One line: what one peer was refused for.
   *
   * @param cause {@link Rejection#cause}
   */
  public record Refusal(PeerId peer, String cause, long count) {}

  private static final class Account {
    final Map<String, Long> byCause = new TreeMap<>();
    long count;
  }

  public RefusalLedger() {
    this(MAX_PEERS);
  }

  public RefusalLedger(int maxPeers) {
    if (maxPeers < 1) {
      throw new IllegalArgumentException("a ledger of " + maxPeers + " peers");
    }
    this.maxPeers = maxPeers;
  }

  /** Writes down one refusal. */
  public void count(PeerId peer, String cause) {
    synchronized (accounts) {
      Account account = accounts.get(peer);
      if (account == null) {
        if (accounts.size() >= maxPeers) {
          forgetOne();
        }
        account = new Account();
        accounts.put(peer, account);
      }
      account.count++;
      account.byCause.merge(cause, 1L, Long::sum);
    }
  }

  private void forgetOne() {
    PeerId least = null;
    long fewest = Long.MAX_VALUE;
    for (Map.Entry<PeerId, Account> entry : accounts.entrySet()) {
      if (entry.getValue().count < fewest) {
        least = entry.getKey();
        fewest = entry.getValue().count;
      }
    }
    accounts.remove(least);
  }

  /** All lines, the most refusals first. */
  public List<Refusal> refusals() {
    List<Refusal> all = new ArrayList<>();
    synchronized (accounts) {
      accounts.forEach((peer, account) ->
          account.byCause.forEach((cause, count) -> all.add(new Refusal(peer, cause, count))));
    }
    all.sort(Comparator.comparingLong(Refusal::count).reversed());
    return all;
  }
}
