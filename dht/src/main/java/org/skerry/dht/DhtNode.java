package org.skerry.dht;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** Drives a {@link Kademlia} over a {@link Host}: one virtual thread a request. Thread-safe. */
final class DhtNode implements Host.Listener, AutoCloseable {
  /** How often an operation is asked whether a slow request should make way for another. */
  private static final long STEP_MS = 250;

  private final Kademlia kademlia;
  private final Host host;
  private final InstantSource clock;
  private final KadClient client;
  private final InboundRequests inbound;
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("dht-", 0).factory());
  private final Set<PeerId> beingChecked = ConcurrentHashMap.newKeySet();

  DhtNode(Kademlia kademlia, Host host, InstantSource clock) {
    this.kademlia = kademlia;
    this.host = host;
    this.clock = clock;
    DhtConfig config = kademlia.config();
    client = new KadClient(host, config.protocol(), config.requestTimeout(), kademlia.counters());
    inbound =
        new InboundRequests(
            kademlia, new PeerLimiter(config.inbound()), config.inbound().idle(), clock);
  }

  void start() {
    host.addListener(this);
    if (kademlia.isServing()) {
      serve(true);
    }
    // Peers that were identified before this node listened are asked instead.
    host.connections().forEach(connection -> checkInBackground(connection.remotePeer()));
  }

  /**
   * Begins or ceases to serve. The host tells connected peers by a push of identify, whereupon they
   * take this node into their tables or out.
   */
  void serve(boolean serves) {
    kademlia.serve(serves);
    if (serves) {
      host.handle(kademlia.config().protocol(), inbound);
    } else {
      host.unhandle(kademlia.config().protocol());
    }
  }

  long nowMs() {
    return clock.millis();
  }

  /** A peer that serves the protocol, as identify tells, may enter; one that ceased to leaves. */
  @Override
  public void identified(PeerId peer, List<String> protocols, List<Multiaddr> addresses) {
    if (protocols.contains(kademlia.config().protocol())) {
      heard(peer);
    } else {
      kademlia.doesNotServe(peer);
    }
  }

  private void heard(PeerId peer) {
    kademlia.heard(peer, nowMs()).ifPresent(this::checkInBackground);
  }

  private sealed interface Ended permits Answered, Failed {}

  private record Answered(Operation.Ask ask, KadMessage reply) implements Ended {}

  private record Failed(Operation.Ask ask) implements Ended {}

  /**
   * Drives {@code operation} to its end on this thread.
   *
   * @param limit after which the step that is under way has to end; as long again for the next
   */
  void run(Operation operation, Duration limit) throws InterruptedException {
    LinkedBlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      for (Operation.Ask ask : operation.next(nowMs())) {
        executor.execute(() -> ended.add(send(ask)));
      }
      if (operation.isDone()) {
        operation.finish(nowMs()).forEach(this::inBackground);
        return;
      }
      long leftNanos = deadline - System.nanoTime();
      if (leftNanos <= 0) {
        operation.timeUp();
        deadline = System.nanoTime() + limit.toNanos();
        continue;
      }
      take(
          operation,
          ended.poll(
              Math.min(leftNanos, TimeUnit.MILLISECONDS.toNanos(STEP_MS)), TimeUnit.NANOSECONDS));
    }
  }

  private void take(Operation operation, @Nullable Ended ended) {
    switch (ended) {
      case null -> {}
      case Failed failed -> operation.failed(failed.ask(), nowMs());
      case Answered answered -> operation.answered(answered.ask(), answered.reply(), nowMs());
    }
  }

  private Ended send(Operation.Ask ask) {
    PeerId peer = ask.peer().peer();
    try {
      host.addAddresses(peer, ask.peer().addresses());
      KadMessage reply = client.exchange(peer, ask.request());
      heard(peer);
      return new Answered(ask, reply);
    } catch (Libp2pException e) {
      kademlia.failed(ask, failure(e), nowMs());
      return new Failed(ask);
    }
  }

  private static Kademlia.Failure failure(Libp2pException e) {
    return switch (e.reason()) {
      case UNREACHABLE,
          TIMEOUT,
          HANDSHAKE_FAILED,
          WRONG_NETWORK,
          CLOSED,
          PROTOCOL_VIOLATION,
          BLOCKED ->
          Kademlia.Failure.SILENT;
      case PROTOCOL_UNSUPPORTED -> Kademlia.Failure.UNSUPPORTED;
      case STREAM_RESET, LIMIT_EXCEEDED, ADDRESS_IN_USE -> Kademlia.Failure.REFUSED;
    };
  }

  /** Asks {@code peer} for a sign of life, once at a time. */
  private void checkInBackground(PeerId peer) {
    if (beingChecked.add(peer)) {
      inBackground(kademlia.check(List.of(peer)), () -> beingChecked.remove(peer));
    }
  }

  /** Runs {@code operation} on a thread of its own. */
  void inBackground(Operation operation) {
    inBackground(operation, () -> {});
  }

  private void inBackground(Operation operation, Runnable afterwards) {
    try {
      executor.execute(() -> {
        try {
          run(operation, kademlia.config().operationTimeout());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        } finally {
          afterwards.run();
        }
      });
    } catch (RejectedExecutionException e) {
      // Closed meanwhile: then nobody waits for the result.
    }
  }

  ExecutorService executor() {
    return executor;
  }

  @Override
  public void close() {
    host.unhandle(kademlia.config().protocol());
    executor.shutdownNow();
  }
}
