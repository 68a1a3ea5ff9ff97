package org.skerry.dht.routing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
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
  private final ArrayDeque<Member> replacements = new ArrayDeque<>();
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
    return (int) members.stream().filter(m -> m.group.filter(group::equals).isPresent()).count();
  }

  /** Puts {@code member} at the newest end of the replacement cache. */
  void wait(Member member) {
    forget(member.peer);
    if (replacements.size() >= capacity) {
      replacements.removeFirst();
    }
    replacements.addLast(member);
  }

  void forget(PeerId replacement) {
    replacements.removeIf(member -> member.peer.equals(replacement));
  }

  boolean hasReplacement() {
    return !replacements.isEmpty();
  }

  /** Takes the newest replacement that {@code fits}. */
  Optional<Member> takeReplacement(Predicate<Member> fits) {
    for (Iterator<Member> newest = replacements.descendingIterator(); newest.hasNext(); ) {
      Member member = newest.next();
      if (fits.test(member)) {
        newest.remove();
        return Optional.of(member);
      }
    }
    return Optional.empty();
  }
}
