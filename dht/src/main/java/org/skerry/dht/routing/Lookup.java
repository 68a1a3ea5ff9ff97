package org.skerry.dht.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.PeerId;

/**
 * One iterative search for the k live peers nearest to a key.
 *
 * <pre>
 * candidate: HEARD_OF --next--> ASKED --answered--> ANSWERED
 *                                 \---failed-----> FAILED
 * </pre>
 *
 * <p>The search is over when each of the k nearest candidates that have not failed has answered; it
 * never stops merely because a reply brought nothing new. Peers that name inventions cost time, not
 * correctness: an invention never answers, so it ends up FAILED and out of the way; what one reply
 * may add and what the search may ask in all is bounded.
 *
 * <p>Not thread-safe: one owner at a time.
 */
public final class Lookup {
  /**
   * @param k how many nearest peers are wanted
   * @param alpha how many queries may be under way at once
   * @param slowMs a query under way for longer no longer holds back the next one
   * @param maxQueries the search ends after so many, whatever is left
   */
  public record Settings(int k, int alpha, long slowMs, int maxQueries) {
    public Settings {
      if (k < 1 || alpha < 1 || slowMs < 1 || maxQueries < 1) {
        throw new IllegalArgumentException("lookup settings must be positive");
      }
    }

    /** k = 20, α = 10. */
    public static Settings defaults() {
      return new Settings(20, 10, 1_500, 256);
    }
  }

  private enum State {
    HEARD_OF,
    ASKED,
    ANSWERED,
    FAILED
  }

  private static final class Candidate {
    final KademliaKey key;
    final PeerAddresses addresses;
    final int hops;
    State state = State.HEARD_OF;
    long askedMs;

    Candidate(KademliaKey key, PeerAddresses addresses, int hops) {
      this.key = key;
      this.addresses = addresses;
      this.hops = hops;
    }
  }

  private final KademliaKey target;
  private final PeerId self;
  private final Settings settings;
  private final TreeMap<KademliaKey, Candidate> byDistance;
  private final Map<PeerId, Candidate> candidates = new HashMap<>();
  private int queries;

  /** Starts from {@code seeds}, the nearest peers of the routing table. */
  public Lookup(
      KademliaKey target, PeerId self, Settings settings, Collection<PeerAddresses> seeds) {
    this.target = target;
    this.self = self;
    this.settings = settings;
    this.byDistance = new TreeMap<>(target::compareDistance);
    seeds.forEach(seed -> hearOf(KademliaKey.of(seed.peer()), seed, 1));
  }

  /** The peers to ask now, nearest first; each counts as asked from now on. */
  public List<PeerAddresses> next(long nowMs) {
    List<PeerAddresses> ask = new ArrayList<>();
    int seen = 0;
    int busy = 0;
    for (Candidate candidate : candidates.values()) {
      if (candidate.state == State.ASKED && candidate.askedMs + settings.slowMs() > nowMs) {
        busy++;
      }
    }
    for (Candidate candidate : byDistance.values()) {
      if (seen == settings.k() || busy >= settings.alpha() || queries >= settings.maxQueries()) {
        break;
      }
      if (candidate.state == State.FAILED) {
        continue;
      }
      seen++;
      if (candidate.state == State.HEARD_OF) {
        candidate.state = State.ASKED;
        candidate.askedMs = nowMs;
        queries++;
        busy++;
        ask.add(candidate.addresses);
      }
    }
    return ask;
  }

  /** Takes a reply; of the peers it names, the k nearest to the target count. */
  public void answered(PeerId from, Collection<PeerAddresses> closer) {
    Candidate answered = move(from, State.ANSWERED);
    if (answered != null) {
      int hops = answered.hops + 1;
      TreeMap<KademliaKey, PeerAddresses> named = new TreeMap<>(target::compareDistance);
      closer.forEach(peer -> named.put(keyOf(peer.peer()), peer));
      named.entrySet().stream()
          .limit(settings.k())
          .forEach(entry -> hearOf(entry.getKey(), entry.getValue(), hops));
    }
  }

  /** Notes that a peer was not reached, did not answer in time, or answered nonsense. */
  public void failed(PeerId peer) {
    move(peer, State.FAILED);
  }

  private @Nullable Candidate move(PeerId peer, State to) {
    Candidate candidate = candidates.get(peer);
    if (candidate == null || candidate.state != State.ASKED) {
      return null;
    }
    candidate.state = to;
    return candidate;
  }

  private KademliaKey keyOf(PeerId peer) {
    Candidate known = candidates.get(peer);
    return known != null ? known.key : KademliaKey.of(peer);
  }

  private void hearOf(KademliaKey key, PeerAddresses peer, int hops) {
    if (!peer.peer().equals(self) && !candidates.containsKey(peer.peer())) {
      Candidate candidate = new Candidate(key, peer, hops);
      candidates.put(peer.peer(), candidate);
      byDistance.put(key, candidate);
    }
  }

  /** Whether nothing is left to ask or to wait for. */
  public boolean isDone() {
    int seen = 0;
    for (Candidate candidate : byDistance.values()) {
      switch (candidate.state) {
        case FAILED -> {}
        case ANSWERED -> seen++;
        case ASKED -> {
          return false;
        }
        case HEARD_OF -> {
          if (queries < settings.maxQueries()) {
            return false;
          }
        }
      }
      if (seen == settings.k()) {
        break;
      }
    }
    return true;
  }

  /** The k nearest peers that have answered, nearest first. */
  public List<PeerId> closest() {
    return byDistance.values().stream()
        .filter(candidate -> candidate.state == State.ANSWERED)
        .limit(settings.k())
        .map(candidate -> candidate.addresses.peer())
        .toList();
  }

  /** Whether this node itself is one of the k nearest, and so one of the key's holders. */
  public boolean selfIsAmongClosest() {
    List<PeerId> closest = closest();
    return closest.size() < settings.k()
        || target.compareDistance(KademliaKey.of(self), KademliaKey.of(closest.getLast())) < 0;
  }

  /** How many peers were asked. */
  public int queries() {
    return queries;
  }

  /** How many peers one after another led to the nearest one; 0 when nobody answered. */
  public int hops() {
    return byDistance.values().stream()
        .filter(candidate -> candidate.state == State.ANSWERED)
        .findFirst()
        .map(candidate -> candidate.hops)
        .orElse(0);
  }
}
