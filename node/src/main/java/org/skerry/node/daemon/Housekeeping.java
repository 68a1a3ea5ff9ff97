package org.skerry.node.daemon;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.skerry.libp2p.Multiaddr;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;
import org.skerry.transfer.TransferLedger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the node joined, its tasks announced, and writes down what was refused. Has a virtual
 * thread of its own.
 */
final class Housekeeping implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
  private static final long ROUND_MS = 1_000;
  private static final long ANNOUNCE_NANOS = TimeUnit.HOURS.toNanos(1);

  private final PeerStack stack;
  private final List<Multiaddr> bootstrap;
  private final PublishedTasks published;
  private final EventSink events;
  private final Pulse pulse = new Pulse();
  private final Map<String, Long> seenRefusals = new HashMap<>();
  private int knownPeers;

  Housekeeping(
      PeerStack stack, List<Multiaddr> bootstrap, PublishedTasks published, EventSink events) {
    this.stack = stack;
    this.bootstrap = List.copyOf(bootstrap);
    this.published = published;
    this.events = events;
  }

  @Override
  public void run() {
    try {
      stack.join(bootstrap);
      published.announceAll();
      long announced = System.nanoTime();
      while (!pulse.isStopped()) {
        round();
        if (System.nanoTime() - announced > ANNOUNCE_NANOS) {
          published.announceAll();
          announced = System.nanoTime();
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

  private void round() {
    int peers = stack.dht().routingTableSize();
    if (peers != knownPeers) {
      knownPeers = peers;
      events.record(new Event.Joined(peers));
    }
    for (TransferLedger.Refusal refusal : stack.ledger().refusals()) {
      news(
          refusal.peer() + " " + refusal.reason(),
          refusal.count(),
          count ->
              events.record(
                  new Event.Refused(
                      refusal.peer().toString(),
                      count == 1 ? "chunk" : count + " chunks",
                      refusal.reason().name())));
    }
    stack
        .dht()
        .counters()
        .forEach((name, count) -> {
          if (name.startsWith("rejected.")) {
            String reason = name.substring("rejected.".length());
            news(name, count, n -> events.record(new Event.Refused("", "record", reason)));
          }
        });
  }

  private interface News {
    void tell(long count);
  }

  private void news(String key, long count, News news) {
    long before = seenRefusals.getOrDefault(key, 0L);
    if (count > before) {
      seenRefusals.put(key, count);
      news.tell(count - before);
    }
  }
}
