package org.skerry.dht;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.PeerId;

/** A request to each of some peers, to all at once. */
final class Tell implements Operation {
  /** Says whether a reply means that the peer did what it was told. */
  @FunctionalInterface
  interface Confirms {
    boolean test(PeerId from, KadMessage reply);
  }

  private final List<Ask> toSend;
  private final Set<Ask> open = new HashSet<>();
  private final Confirms confirms;
  private final List<PeerId> took = new ArrayList<>();

  Tell(
      PeerTable peers,
      Collection<PeerId> to,
      Function<PeerId, KadMessage> request,
      Confirms confirms) {
    this.confirms = confirms;
    toSend =
        new ArrayList<>(
            to.stream().map(peer -> new Ask(peers.known(peer), request.apply(peer))).toList());
  }

  /** Those that did what they were told. */
  List<PeerId> took() {
    return took;
  }

  @Override
  public List<Ask> next(long nowMs) {
    List<Ask> now = List.copyOf(toSend);
    toSend.clear();
    open.addAll(now);
    return now;
  }

  @Override
  public void answered(Ask ask, KadMessage reply, long nowMs) {
    if (open.remove(ask) && confirms.test(ask.peer().peer(), reply)) {
      took.add(ask.peer().peer());
    }
  }

  @Override
  public void failed(Ask ask, long nowMs) {
    open.remove(ask);
  }

  @Override
  public void timeUp() {
    toSend.clear();
    open.clear();
  }

  @Override
  public boolean isDone() {
    return toSend.isEmpty() && open.isEmpty();
  }
}
