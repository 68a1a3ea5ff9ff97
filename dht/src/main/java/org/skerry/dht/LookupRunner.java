package org.skerry.dht;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.skerry.dht.routing.AddressScope;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.Lookup;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;

/** Runs lookups: one virtual thread a query, replies taken one after another by the caller. */
final class LookupRunner {
  /** Takes the replies of a lookup, on the thread that runs it. */
  @FunctionalInterface
  interface Replies {
    /** Returns false to end the lookup. */
    boolean take(PeerAddresses from, KadMessage reply);
  }

  /** How often a lookup looks whether a slow query should make way for another. */
  private static final long STEP_MS = 250;

  private final Host host;
  private final PeerTable peers;
  private final KadClient client;
  private final Lookup.Settings settings;
  private final ExecutorService executor;
  private final InstantSource clock;

  LookupRunner(
      Host host,
      PeerTable peers,
      KadClient client,
      Lookup.Settings settings,
      ExecutorService executor,
      InstantSource clock) {
    this.host = host;
    this.peers = peers;
    this.client = client;
    this.settings = settings;
    this.executor = executor;
    this.clock = clock;
  }

  /** Sends {@code request} to ever nearer peers of its key, for at most {@code limit}. */
  Lookup run(KadMessage request, Duration limit, Replies replies) throws InterruptedException {
    KademliaKey target = KademliaKey.of(request.key());
    Lookup lookup = new Lookup(target, host.peerId(), settings, peers.seeds(target, settings.k()));
    LinkedBlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    long deadline = System.nanoTime() + limit.toNanos();
    while (!lookup.isDone()) {
      for (PeerAddresses peer : lookup.next(clock.millis())) {
        executor.execute(() -> answers.add(query(peer, request)));
      }
      long leftNanos = deadline - System.nanoTime();
      if (leftNanos <= 0) {
        return lookup;
      }
      Answer answer =
          answers.poll(
              Math.min(leftNanos, TimeUnit.MILLISECONDS.toNanos(STEP_MS)), TimeUnit.NANOSECONDS);
      switch (answer) {
        case null -> {}
        case Silent silent -> lookup.failed(silent.peer().peer());
        case Answered answered -> {
          lookup.answered(answered.peer().peer(), answered.closer());
          if (!replies.take(answered.peer(), answered.reply())) {
            return lookup;
          }
        }
      }
    }
    peers.locked(table -> {
      table.refreshed(target, clock.millis());
      return true;
    });
    return lookup;
  }

  private sealed interface Answer permits Answered, Silent {}

  private record Answered(PeerAddresses peer, KadMessage reply, Collection<PeerAddresses> closer)
      implements Answer {}

  private record Silent(PeerAddresses peer) implements Answer {}

  private Answer query(PeerAddresses peer, KadMessage request) {
    try {
      host.addAddresses(peer.peer(), peer.addresses());
      KadMessage reply = client.ask(peer.peer(), request);
      peers.heard(peer.peer());
      AddressScope scope = peers.scope(peer.peer());
      return new Answered(peer, reply, visible(reply.closer(), scope));
    } catch (Libp2pException e) {
      peers.failed(peer.peer(), e);
      return new Silent(peer);
    }
  }

  /** The peers a reply names, with those of their addresses that its sender may tell. */
  static List<PeerAddresses> visible(List<KadMessage.Peer> named, AddressScope scope) {
    return named.stream()
        .map(peer -> new PeerAddresses(peer.id(), scope.visible(peer.addresses())))
        .toList();
  }
}
