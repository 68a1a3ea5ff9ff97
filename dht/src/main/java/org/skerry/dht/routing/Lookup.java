package org.skerry.dht.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * <p>The search runs over d disjoint paths, as in S/Kademlia: the peers to begin with are dealt to
 * the paths in turn, and whom a reply names first belongs to the path of who named it. The search
 * is over when each of the k nearest candidates that have not failed has answered, and of each path
 * each of its own k/d nearest; it never stops merely because a reply brought nothing new. So a liar
 * leads its own path astray and no other: whoever the others lead to is asked all the same.
 *
 * <p>Peers that name inventions cost time, not correctness: an invention never answers, so it ends
 * up FAILED and out of the way; what one reply may add and what the search may ask in all is
 * bounded. Of the peers of one {@link IpGroup} that answered only the nearest few count, so that
 * cheap addresses do not buy a neighbourhood.
 *
 * <p>Not thread-safe: one owner at a time.
 */
public final class Lookup {
  /**
   * @param k how many nearest peers are wanted
   * @param alpha how many queries may be under way at once; one more for each that failed, up to
   *     twice as many
   * @param paths d
   * @param maxPerGroup how many of the k nearest may be of one IP group
   * @param slowMs a query under way for longer no longer holds back the next one; sooner where
   *     peers answer fast
   * @param maxQueries the search ends after so many, whatever is left
   */
  public record Settings(
      int k, int alpha, int paths, int maxPerGroup, long slowMs, int maxQueries) {
    public Settings {
      if (k < 1 || alpha < 1 || paths < 1 || maxPerGroup < 1 || slowMs < 1 || maxQueries < 1) {
        throw new IllegalArgumentException("lookup settings must be positive");
      }
    }

    /** k = 20, α = 8, d = 4. */
    public static Settings defaults() {
      return new Settings(20, 8, 4, 3, 1_500, 256);
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
    final int path;
    final int hops;
    State state = State.HEARD_OF;
    long askedMs;

    /** Where it answered from; unknown before. */
    Optional<IpGroup> group = Optional.empty();

    Candidate(KademliaKey key, PeerAddresses addresses, int path, int hops) {
      this.key = key;
      this.addresses = addresses;
      this.path = path;
      this.hops = hops;
    }
  }

  private final KademliaKey target;
  private final PeerId self;
  private final Settings settings;
  private final ResponseTimes times;
  private final TreeMap<KademliaKey, Candidate> byDistance;
  private final Map<PeerId, Candidate> candidates = new HashMap<>();

  /** To be asked however far they are from the target. */
  private final List<Candidate> contacts = new ArrayList<>();

  /** Those that have neither answered nor failed. */
  private final List<Candidate> asked = new ArrayList<>();

  private int seeds;
  private int queries;
  private int failures;
  private final Map<IpGroup, Integer> answeredByGroup = new HashMap<>();
  private boolean groupsMatter;

  /** Those that the end waits for; null when a reply may have changed who they are. */
  private @Nullable List<Candidate> awaited;

  public Lookup(KademliaKey target, PeerId self, Settings settings, ResponseTimes times) {
    this.target = target;
    this.self = self;
    this.settings = settings;
    this.times = times;
    this.byDistance = new TreeMap<>(target::compareDistance);
  }

  /** Begins with {@code peers} too. */
  public void startFrom(Collection<PeerAddresses> peers) {
    for (PeerAddresses peer : peers) {
      hearOf(KademliaKey.of(peer.peer()), peer, seeds++ % settings.paths(), 1);
    }
  }

  /**
   * Begins with {@code peers} too, and asks each of them, however far from the target it is: it may
   * know a part of the network that nobody else leads to.
   */
  public void startThrough(Collection<PeerAddresses> peers) {
    startFrom(peers);
    for (PeerAddresses peer : peers) {
      Candidate contact = candidates.get(peer.peer());
      if (contact != null) {
        contacts.add(contact);
      }
    }
    awaited = null;
  }

  /** The peers to ask now, nearest first; each counts as asked from now on. */
  public List<PeerAddresses> next(long nowMs) {
    long slowMs = times.slowMs();
    int[] busy = new int[settings.paths()];
    int free = Math.min(settings.alpha() + failures, 2 * settings.alpha());
    for (Candidate candidate : asked) {
      if (candidate.askedMs + slowMs > nowMs) {
        busy[candidate.path]++;
        free--;
      }
    }
    if (free <= 0) {
      return List.of();
    }
    int share = Math.ceilDiv(settings.alpha(), settings.paths());
    List<Candidate> ask = new ArrayList<>();
    for (Candidate candidate : awaited()) {
      if (candidate.state == State.HEARD_OF && busy[candidate.path] < share && ask.size() < free) {
        busy[candidate.path]++;
        ask.add(candidate);
      }
    }
    // What some paths do not use is for the others.
    for (Candidate candidate : awaited()) {
      if (candidate.state == State.HEARD_OF && ask.size() < free && !ask.contains(candidate)) {
        ask.add(candidate);
      }
    }
    ask.sort((a, b) -> target.compareDistance(a.key, b.key));
    List<PeerAddresses> now = new ArrayList<>();
    for (Candidate candidate : ask) {
      if (queries < settings.maxQueries()) {
        queries++;
        candidate.state = State.ASKED;
        candidate.askedMs = nowMs;
        asked.add(candidate);
        now.add(candidate.addresses);
      }
    }
    return now;
  }

  /**
   * The k nearest that have not failed, and of each path its own k/d nearest; nearest first. What
   * stands for a path makes no difference when there is one. Then the contacts that have not
   * answered.
   */
  private List<Candidate> awaited() {
    List<Candidate> known = awaited;
    if (known != null) {
      return known;
    }
    List<Candidate> found = new ArrayList<>();
    int share = Math.ceilDiv(settings.k(), settings.paths());
    int[] ofPath = new int[settings.paths()];
    int fullPaths = 0;
    int seen = 0;
    Crowd crowd = new Crowd();
    for (Candidate candidate : byDistance.values()) {
      if (candidate.state == State.FAILED || !crowd.hasRoom(candidate)) {
        continue;
      }
      boolean forPath = ofPath[candidate.path]++ < share;
      if (forPath && ofPath[candidate.path] == share) {
        fullPaths++;
      }
      if (seen++ < settings.k() || forPath) {
        found.add(candidate);
      }
      if (seen >= settings.k() && fullPaths == settings.paths()) {
        break;
      }
    }
    for (Candidate contact : contacts) {
      boolean open = contact.state == State.HEARD_OF || contact.state == State.ASKED;
      if (open && !found.contains(contact)) {
        found.add(contact);
      }
    }
    awaited = found;
    return found;
  }

  /** Counts the peers of each IP group that answered, from the nearest on. */
  private final class Crowd {
    private final Map<IpGroup, Integer> counts = new HashMap<>();

    boolean hasRoom(Candidate candidate) {
      return !groupsMatter
          || candidate.group.isEmpty()
          || counts.merge(candidate.group.get(), 1, Integer::sum) <= settings.maxPerGroup();
    }
  }

  /**
   * Takes a reply; of the peers it names, the k nearest to the target count.
   *
   * @param group where {@code from} was reached
   */
  public void answered(
      PeerId from, Optional<IpGroup> group, Collection<PeerAddresses> closer, long nowMs) {
    Candidate answered = move(from, State.ANSWERED);
    if (answered != null) {
      times.note(nowMs - answered.askedMs);
      answered.group = group;
      groupsMatter |=
          group.isPresent()
              && answeredByGroup.merge(group.get(), 1, Integer::sum) > settings.maxPerGroup();
      TreeMap<KademliaKey, PeerAddresses> named = new TreeMap<>(target::compareDistance);
      closer.forEach(peer -> named.put(keyOf(peer.peer()), peer));
      named.entrySet().stream()
          .limit(settings.k())
          .forEach(e -> hearOf(e.getKey(), e.getValue(), answered.path, answered.hops + 1));
    }
  }

  /** Notes that a peer was not reached, did not answer in time, or answered nonsense. */
  public void failed(PeerId peer) {
    if (move(peer, State.FAILED) != null) {
      failures++;
    }
  }

  private @Nullable Candidate move(PeerId peer, State to) {
    Candidate candidate = candidates.get(peer);
    if (candidate == null || candidate.state != State.ASKED) {
      return null;
    }
    candidate.state = to;
    asked.remove(candidate);
    awaited = null;
    return candidate;
  }

  private KademliaKey keyOf(PeerId peer) {
    Candidate known = candidates.get(peer);
    return known != null ? known.key : KademliaKey.of(peer);
  }

  private void hearOf(KademliaKey key, PeerAddresses peer, int path, int hops) {
    if (!peer.peer().equals(self) && !candidates.containsKey(peer.peer())) {
      Candidate candidate = new Candidate(key, peer, path, hops);
      candidates.put(peer.peer(), candidate);
      byDistance.put(key, candidate);
      awaited = null;
    }
  }

  /** Whether nothing is left to ask or to wait for. */
  public boolean isDone() {
    for (Candidate candidate : awaited()) {
      switch (candidate.state) {
        case FAILED, ANSWERED -> {}
        case ASKED -> {
          return false;
        }
        case HEARD_OF -> {
          if (queries < settings.maxQueries()) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private List<Candidate> nearest() {
    List<Candidate> nearest = new ArrayList<>();
    Crowd crowd = new Crowd();
    for (Candidate candidate : byDistance.values()) {
      if (nearest.size() == settings.k()) {
        break;
      }
      if (candidate.state == State.ANSWERED && crowd.hasRoom(candidate)) {
        nearest.add(candidate);
      }
    }
    return nearest;
  }

  /** The k nearest peers that have answered, nearest first. */
  public List<PeerId> closest() {
    return nearest().stream().map(candidate -> candidate.addresses.peer()).toList();
  }

  /** Where {@link #closest} stand in the key space. */
  public List<KademliaKey> closestKeys() {
    return nearest().stream().map(candidate -> candidate.key).toList();
  }

  /** {@link #closest}, and where they are reached. */
  public List<PeerAddresses> closestAddresses() {
    return nearest().stream().map(candidate -> candidate.addresses).toList();
  }

  /** Whether {@code peer} has answered. */
  public boolean hasAnswered(PeerId peer) {
    Candidate candidate = candidates.get(peer);
    return candidate != null && candidate.state == State.ANSWERED;
  }

  /** Whether this node itself is one of the k nearest, and so one of the key's holders. */
  public boolean selfIsAmongClosest() {
    List<KademliaKey> closest = closestKeys();
    return closest.size() < settings.k()
        || target.compareDistance(KademliaKey.of(self), closest.getLast()) < 0;
  }

  public KademliaKey target() {
    return target;
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
