package org.skerry.dht;

import java.util.Collection;
import java.util.List;
import org.skerry.dht.routing.AddressScope;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.Lookup;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.PeerId;

/** One request to ever nearer peers of its key. */
final class Search implements Operation {
  /** Takes the replies of a search. */
  @FunctionalInterface
  interface Replies {
    /** Returns false to end the search. */
    boolean take(PeerId from, KadMessage reply, long nowMs);
  }

  private final PeerTable peers;
  private final KadMessage request;
  private final KademliaKey target;
  private final Lookup lookup;
  private final Replies replies;
  private final RecentSearches recent;
  private boolean begun;
  private boolean ended;

  Search(
      PeerTable peers,
      RecentSearches recent,
      Lookup.Settings settings,
      KadMessage request,
      Replies replies) {
    this.peers = peers;
    this.recent = recent;
    this.request = request;
    this.replies = replies;
    target = KademliaKey.of(request.key());
    lookup = new Lookup(target, peers.self(), settings, peers.times());
    lookup.startFrom(peers.seeds(target, settings.k()));
  }

  /** Asks {@code contacts} first, however far they are from what is searched. */
  void startThrough(Collection<PeerId> contacts) {
    lookup.startThrough(contacts.stream().map(peers::known).toList());
  }

  /** Whether it ended before everybody was asked. */
  boolean isCutShort() {
    return !lookup.isDone();
  }

  /** What was found so far. */
  Lookup lookup() {
    return lookup;
  }

  @Override
  public List<Ask> next(long nowMs) {
    if (!begun) {
      begun = true;
      lookup.startFrom(recent.of(target, nowMs));
    }
    return ended
        ? List.of()
        : lookup.next(nowMs).stream().map(peer -> new Ask(peer, request)).toList();
  }

  @Override
  public void answered(Ask ask, KadMessage reply, long nowMs) {
    if (ended || ask.request() != request) {
      return;
    }
    PeerId from = ask.peer().peer();
    AddressScope scope = peers.scope(from);
    List<PeerAddresses> closer =
        reply.closer().stream()
            .map(named -> new PeerAddresses(named.id(), scope.visible(named.addresses())))
            .toList();
    lookup.answered(from, peers.group(from), closer, nowMs);
    ended = !replies.take(from, reply, nowMs);
  }

  @Override
  public void failed(Ask ask, long nowMs) {
    if (ask.request() == request) {
      lookup.failed(ask.peer().peer());
    }
  }

  @Override
  public void timeUp() {
    ended = true;
  }

  @Override
  public boolean isDone() {
    return ended || lookup.isDone();
  }

  @Override
  public List<Operation> finish(long nowMs) {
    if (lookup.isDone()) {
      peers.refreshed(target, nowMs);
      recent.add(target, lookup.closestAddresses(), nowMs);
    }
    return List.of();
  }
}
