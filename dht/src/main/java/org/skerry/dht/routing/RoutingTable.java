package org.skerry.dht.routing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.libp2p.PeerId;

/**
 * The peers a node knows, in buckets by the number of leading bits they share with its own key.
 *
 * <p>A new peer enters a bucket that has room; else it waits in the bucket's replacement cache, and
 * the bucket's least recently heard member is named for a liveness check. A member that fails the
 * check makes room for the newest replacement; one that answers stays, because old peers tend to
 * live on. Only peers that speak the protocol as servers may be offered.
 *
 * <p>Not thread-safe: one owner at a time.
 */
public final class RoutingTable {
  /**
   * @param bucketSize Kademlia's k
   * @param maxPerGroup peers of one {@link IpGroup} in the table, and in a bucket (below)
   * @param quietMs a member not heard of for so long is due for a liveness check
   * @param maxFailures after so many failures in a row a member leaves, replacement or not
   */
  public record Settings(
      int bucketSize, int maxPerGroup, int maxPerGroupInBucket, long quietMs, int maxFailures) {
    public Settings {
      if (bucketSize < 1 || maxPerGroup < 1 || maxPerGroupInBucket < 1 || maxFailures < 1) {
        throw new IllegalArgumentException("routing table settings must be positive");
      }
    }

    /** k = 20, at most 3 peers of an IP group in the table and 2 in a bucket. */
    public static Settings defaults() {
      return new Settings(20, 3, 2, 10 * 60_000, 3);
    }

    /** The same without bounds on IP groups. */
    public Settings withoutGroupLimits() {
      return new Settings(bucketSize, Integer.MAX_VALUE, Integer.MAX_VALUE, quietMs, maxFailures);
    }
  }

  /** What became of a peer that was offered. */
  public sealed interface Offer permits Added, Known, Waiting, Refused {}

  /** It is a member now. */
  public record Added() implements Offer {}

  /** It was a member; it counts as alive. */
  public record Known() implements Offer {}

  /** Its bucket is full; {@code check} is the member to ping, if none was heard of just now. */
  public record Waiting(Optional<PeerId> check) implements Offer {}

  /** It may not enter. */
  public record Refused(Reason reason) implements Offer {
    /** Why a peer may not enter. */
    public enum Reason {
      SELF,
      IP_GROUP_FULL
    }
  }

  private final KademliaKey self;
  private final PeerId selfId;
  private final Settings settings;

  /**
   * By shared bits, as far as there ever was a peer, and one more: few of all 256 ever have one.
   */
  private final List<Bucket> buckets = new ArrayList<>();

  private final Map<PeerId, Bucket.Member> members = new HashMap<>();
  private final Map<IpGroup, Integer> groups = new HashMap<>();

  public RoutingTable(PeerId self, Settings settings) {
    this.selfId = self;
    this.self = KademliaKey.of(self);
    this.settings = settings;
    buckets.add(new Bucket(settings.bucketSize()));
  }

  /** Offers a peer that was just heard from and speaks the protocol as a server. */
  public Offer offer(PeerId peer, Optional<IpGroup> group, long nowMs) {
    if (peer.equals(selfId)) {
      return new Refused(Refused.Reason.SELF);
    }
    if (alive(peer, nowMs)) {
      return new Known();
    }
    Bucket.Member member = new Bucket.Member(peer, KademliaKey.of(peer), group, nowMs);
    Bucket bucket = bucketOf(member.key);
    if (!groupHasRoom(bucket, group)) {
      return new Refused(Refused.Reason.IP_GROUP_FULL);
    }
    if (!bucket.isFull()) {
      enter(bucket, member);
      return new Added();
    }
    bucket.wait(member);
    Bucket.Member oldest = bucket.oldest();
    boolean doubtful = oldest.heardMs + settings.quietMs() <= nowMs || oldest.failures > 0;
    return new Waiting(doubtful ? Optional.of(oldest.peer) : Optional.empty());
  }

  /** Notes that a member answered; false when {@code peer} is none. */
  public boolean alive(PeerId peer, long nowMs) {
    Bucket.Member member = members.get(peer);
    if (member == null) {
      return false;
    }
    member.heardMs = nowMs;
    member.failures = 0;
    bucketOf(member.key).toTail(member);
    return true;
  }

  /**
   * Notes that a peer did not answer. It leaves at once when a replacement is waiting, else after a
   * few failures in a row.
   *
   * @return whether it left the table
   */
  public boolean failed(PeerId peer, long nowMs) {
    Bucket.Member member = members.get(peer);
    if (member == null) {
      bucketOf(KademliaKey.of(peer)).forget(peer);
      return false;
    }
    member.failures++;
    member.checkedMs = nowMs;
    Bucket bucket = bucketOf(member.key);
    if (member.failures >= settings.maxFailures() || bucket.hasReplacement()) {
      remove(peer);
      return true;
    }
    return false;
  }

  /** Takes out a peer, for one because it no longer serves; a replacement moves up. */
  public void remove(PeerId peer) {
    Bucket.Member member = members.remove(peer);
    Bucket bucket = bucketOf(KademliaKey.of(peer));
    bucket.forget(peer);
    if (member == null) {
      return;
    }
    bucket.remove(member);
    member.group.ifPresent(group -> groups.merge(group, -1, Integer::sum));
    bucket
        .takeReplacement(candidate -> groupHasRoom(bucket, candidate.group))
        .ifPresent(replacement -> enter(bucket, replacement));
  }

  /** The {@code count} members nearest to {@code target}, nearest first. */
  public List<PeerId> closest(KademliaKey target, int count) {
    // With c bits shared between self and target, members of bucket c share more than c bits with
    // the target, those of later buckets exactly c, and those of bucket i < c exactly i: so what
    // does not lie in bucket c is needed only when what comes before does not suffice.
    int shared = indexOf(target);
    List<Bucket.Member> found = new ArrayList<>();
    if (shared < buckets.size()) {
      found.addAll(buckets.get(shared).members());
    }
    if (found.size() < count) {
      for (int i = shared + 1; i < buckets.size(); i++) {
        found.addAll(buckets.get(i).members());
      }
    }
    for (int i = Math.min(shared, buckets.size()) - 1; found.size() < count && i >= 0; i--) {
      found.addAll(buckets.get(i).members());
    }
    found.sort((a, b) -> target.compareDistance(a.key, b.key));
    List<PeerId> nearest = new ArrayList<>(Math.min(count, found.size()));
    for (int i = 0; i < Math.min(count, found.size()); i++) {
      nearest.add(found.get(i).peer);
    }
    return nearest;
  }

  /** Up to {@code limit} members that are due for a liveness check, longest unheard first. */
  public List<PeerId> due(long nowMs, int limit) {
    return members.values().stream()
        .filter(member -> isDue(member, nowMs))
        .sorted(Comparator.comparingLong(member -> member.heardMs))
        .limit(limit)
        .map(member -> member.peer)
        .toList();
  }

  private boolean isDue(Bucket.Member member, long nowMs) {
    // One that failed is asked again sooner, but not in a tight loop.
    long waitMs = member.failures > 0 ? settings.quietMs() / 10 : settings.quietMs();
    return Math.max(member.heardMs, member.checkedMs) + waitMs <= nowMs;
  }

  /**
   * The buckets (numbers of shared bits) that are due for a refresh, up to the last one that has
   * members and the one after it. A full one has as many peers as it can use, and those are checked
   * by themselves: it is refreshed more seldom.
   */
  public List<Integer> staleBuckets(long sinceMs, long fullSinceMs) {
    int last = buckets.size() - 1;
    while (last >= 0 && buckets.get(last).members().isEmpty()) {
      last--;
    }
    List<Integer> stale = new ArrayList<>();
    for (int i = 0; i <= Math.min(last + 1, buckets.size() - 1); i++) {
      Bucket bucket = buckets.get(i);
      if (bucket.refreshedMs <= (bucket.isFull() ? fullSinceMs : sinceMs)) {
        stale.add(i);
      }
    }
    return stale;
  }

  /** Notes that a lookup for {@code target} was made. */
  public void refreshed(KademliaKey target, long nowMs) {
    int index = indexOf(target);
    if (index < buckets.size()) {
      buckets.get(index).refreshedMs = nowMs;
    }
  }

  public boolean contains(PeerId peer) {
    return members.containsKey(peer);
  }

  public int size() {
    return members.size();
  }

  public List<PeerId> peers() {
    return List.copyOf(members.keySet());
  }

  private void enter(Bucket bucket, Bucket.Member member) {
    bucket.add(member);
    members.put(member.peer, member);
    member.group.ifPresent(group -> groups.merge(group, 1, Integer::sum));
  }

  private boolean groupHasRoom(Bucket bucket, Optional<IpGroup> group) {
    return group
        .map(ip ->
            groups.getOrDefault(ip, 0) < settings.maxPerGroup()
                && bucket.countOf(ip) < settings.maxPerGroupInBucket())
        .orElse(true);
  }

  private Bucket bucketOf(KademliaKey key) {
    int index = indexOf(key);
    while (buckets.size() <= Math.min(index + 1, KademliaKey.BITS - 1)) {
      buckets.add(new Bucket(settings.bucketSize()));
    }
    return buckets.get(index);
  }

  private int indexOf(KademliaKey key) {
    return Math.min(self.commonPrefixBits(key), KademliaKey.BITS - 1);
  }
}
