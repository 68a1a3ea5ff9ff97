package org.skerry.dht.routing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.skerry.libp2p.PeerId;

/** The members of one bucket, least recently heard first, and those that wait for a place. */
final class Bucket {
  /** One peer of a bucket or of its replacement cache. */
  static final class Member {
    final PeerId peer;
    final KademliaKey key;
    final Optional<IpGroup> group;
    long heardMs;
    long checkedMs = Long.MIN_VALUE;
    int failures;

    Member(PeerId peer, KademliaKey key, Optional<IpGroup> group, long heardMs) {
      this.peer = peer;
      this.key = key;
      this.group = group;
      this.heardMs = heardMs;
    }
  }

  private final int capacity;
  private final List<Member> members = new ArrayList<>();

  /** The newest last. */
  private final LinkedHashMap<PeerId, Member> replacements = new LinkedHashMap<>();

  long refreshedMs = Long.MIN_VALUE;

  Bucket(int capacity) {
    this.capacity = capacity;
  }

  List<Member> members() {
    return members;
  }

  boolean isFull() {
    return members.size() >= capacity;
  }

  Member oldest() {
    return members.getFirst();
  }

  void add(Member member) {
    forget(member.peer);
    members.add(member);
  }

  void toTail(Member member) {
    members.remove(member);
    members.add(member);
  }

  void remove(Member member) {
    members.remove(member);
  }

  int countOf(IpGroup group) {
    int count = 0;
    for (Member member : members) {
      if (member.group.isPresent() && member.group.get().equals(group)) {
        count++;
      }
    }
    return count;
  }

  /** Puts {@code member} at the newest end of the replacement cache. */
  void wait(Member member) {
    forget(member.peer);
    if (replacements.size() >= capacity) {
      replacements.pollFirstEntry();
    }
    replacements.put(member.peer, member);
  }

  void forget(PeerId replacement) {
    replacements.remove(replacement);
  }

  boolean hasReplacement() {
    return !replacements.isEmpty();
  }

  /** Takes the newest replacement that {@code fits}. */
  Optional<Member> takeReplacement(Predicate<Member> fits) {
    Optional<Member> taken =
        replacements.sequencedValues().reversed().stream().filter(fits).findFirst();
    taken.ifPresent(member -> replacements.remove(member.peer));
    return taken;
  }
}
