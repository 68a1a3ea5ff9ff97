package org.skerry.node.daemon;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.Predicate;
import org.skerry.dht.Dht;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.autonat.AutonatClient;
import org.skerry.libp2p.autonat.AutonatServer;
import org.skerry.libp2p.autonat.Reachability;
import org.skerry.libp2p.autonat.ReachabilityMonitor;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;

/**
 * Whether others reach this node, and what follows: where they do it says so to all, and where they
 * do not it uses the DHT as a client, since records that nobody can fetch help nobody. A node
 * begins as a server; in a network of one LAN nobody is asked, and it stays one.
 */
final class Reach implements AutoCloseable {
  /** All addresses are on this machine only. */
  static final String LOCAL = "local";

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private final ReachabilityMonitor monitor;

  /**
   * Begins to ask, and to be asked.
   *
   * @param isOutside which addresses matter; in production {@link Multiaddr#isPublic}
   */
  Reach(
      TcpHost host,
      Dht dht,
      String version,
      Predicate<Multiaddr> isOutside,
      InstantSource clock,
      EventSink events)
      throws Libp2pException {
    toClose.push(
        new AutonatServer(
            host, "skerry/" + version, isOutside, AutonatServer.Limits.DEFAULT, clock));
    AutonatClient client = new AutonatClient(host, isOutside);
    toClose.push(client);
    monitor =
        new ReachabilityMonitor(
            host,
            client,
            isOutside,
            state -> {
              host.announce(state.addresses());
              dht.serve(state.overall() != Reachability.UNREACHABLE);
              events.record(
                  new Event.Reach(
                      word(state.overall()),
                      state.addresses().stream().map(Multiaddr::toString).toList()));
            });
    toClose.push(monitor);
    monitor.start();
  }

  /** {@code reachable}, {@code unreachable} or {@code unknown}. */
  String word() {
    return word(monitor.state().overall());
  }

  private static String word(Reachability reachability) {
    return reachability.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    Closing.all(toClose);
  }
}
