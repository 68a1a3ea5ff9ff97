package org.skerry.node.cli;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.dcutr.DirectUpgrade;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.relay.RelayClient;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.config.NodeConfig;
import org.skerry.node.daemon.Hosts;
import org.skerry.node.daemon.PeerStack;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.traffic.Traffic;
import org.skerry.transfer.store.FreeSpace;
import org.skerry.transfer.web.WebRules;

/**
 * A peer for the length of one command: it asks the network under a key of its own, holds nothing
 * for others, and leaves no trace but the blobs it fetched and which catalogs it saw.
 */
final class Consumer {
  private static final Duration JOIN_LIMIT = Duration.ofSeconds(20);
  private static final Multiaddr HERE = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");

  /** A router lets somebody in only to a port that is listened on. */
  private static final Multiaddr ANYWHERE = Multiaddr.parse("/ip4/0.0.0.0/tcp/0");

  private Consumer() {}

  static PeerStack join(SkerryHome home, NodeConfig config, Terminal terminal)
      throws NodeException, IOException {
    if (config.bootstrap().isEmpty()) {
      throw new NodeException(
          Reason.UNREACHABLE,
          "no bootstrap peer is configured",
          "name one with --bootstrap, or under [network] in " + home.config());
    }
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    boolean local = Hosts.areLocal(config.bootstrap());
    TcpHost host =
        Hosts.listen(
            key,
            List.of(local ? HERE : ANYWHERE),
            Version.text(),
            config.privateNetwork(),
            config.sockets());
    host.block(config.blocked());
    new RelayClient(host); // Who has the blobs may be behind a router,
    new DirectUpgrade(host, Multiaddr::isPublic, outcome -> {}); // and so may be who wants them.
    PeerStack stack =
        PeerStack.open(
            host,
            key,
            new PeerStack.Settings(
                Optional.empty(),
                home.fetched(),
                FreeSpace.OF_FILE_SYSTEM,
                false,
                true,
                false,
                Optional.of(home.seen()),
                Optional.of(home.believedKeys()),
                List.of(),
                Traffic.open(config.traffic(), home.traffic()),
                WebRules.PUBLIC),
            InstantSource.system(),
            event -> {});
    terminal.say("Joining through " + config.bootstrap().size() + " bootstrap peer(s) …");
    if (!joins(stack, config)) {
      stack.close();
      throw new NodeException(
          Reason.UNREACHABLE,
          "none of the " + config.bootstrap().size() + " bootstrap peers answers",
          "check the addresses, and that they are online");
    }
    return stack;
  }

  /** A busy peer may miss a first dial, so it is asked again for a while. */
  private static boolean joins(PeerStack stack, NodeConfig config) {
    long limit = System.nanoTime() + JOIN_LIMIT.toNanos();
    do {
      if (stack.join(config.bootstrap()) > 0) {
        return true;
      }
    } while (System.nanoTime() < limit && !Thread.currentThread().isInterrupted());
    return false;
  }
}
