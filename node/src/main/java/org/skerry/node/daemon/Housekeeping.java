package org.skerry.node.daemon;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.skerry.libp2p.Multiaddr;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;
import org.skerry.transfer.TransferLedger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the node joined, its tasks announced and its store tidy, and writes down what was refused.
 * Has a virtual thread of its own.
 */
final class Housekeeping implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
  private static final long ROUND_MS = 1_000;
  private static final long ANNOUNCE_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final long TIDY_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final PeerStack stack;
  private final List<Multiaddr> bootstrap;
  private final PublishedTasks published;
  private final Optional<Pruner> pruner;
  private final EventSink events;
  private final Pulse pulse = new Pulse();
  private final RefusalNews refusals = new RefusalNews();
  private int knownPeers;

  Housekeeping(
      PeerStack stack,
      List<Multiaddr> bootstrap,
      PublishedTasks published,
      Optional<Pruner> pruner,
      EventSink events) {
    this.stack = stack;
    this.bootstrap = List.copyOf(bootstrap);
    this.published = published;
    this.pruner = pruner;
    this.events = events;
  }

  @Override
  public void run() {
    try {
      stack.join(bootstrap);
      announce();
      boolean heard = stack.dht().routingTableSize() > 0;
      long announced = System.nanoTime();
      long tidied = announced;
      while (!pulse.isStopped()) {
        round();
        if (System.nanoTime() - tidied > TIDY_NANOS) {
          published.revealFinished();
          pruner.ifPresent(Pruner::prune);
          tidied = System.nanoTime();
        }
        boolean first = !heard && knownPeers > 0;
        if (first || System.nanoTime() - announced > ANNOUNCE_NANOS) {
          announce();
          announced = System.nanoTime();
          heard = heard || knownPeers > 0;
        }
        pulse.sleep(ROUND_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("housekeeping ended", e);
    }
  }

  void stop() {
    pulse.stop();
  }

  /** Records end after two days, and what was said to nobody has to be said again. */
  private void announce() {
    stack.keys().announceAll();
    published.announceAll();
  }

  private void round() {
    int peers = stack.dht().routingTableSize();
    if (peers != knownPeers) {
      knownPeers = peers;
      events.record(new Event.Joined(peers));
    }
    Map<RefusalNews.Line, Long> refused = new LinkedHashMap<>();
    for (TransferLedger.Refusal r : stack.ledger().refusals()) {
      refused.put(line(r.peer(), "chunk", r.reason().name()), r.count());
    }
    for (TransferLedger.WebRefusal r : stack.ledger().webRefusals()) {
      refused.put(line(r.seed(), "answer", r.reason().name()), r.count());
    }
    stack
        .dht()
        .refusals()
        .forEach(r -> refused.put(line(r.peer(), "record", r.cause()), r.count()));
    refusals.since(refused).forEach(events::record);
  }

  private static RefusalNews.Line line(Object who, String what, String reason) {
    return new RefusalNews.Line(who.toString(), what, reason);
  }
}
