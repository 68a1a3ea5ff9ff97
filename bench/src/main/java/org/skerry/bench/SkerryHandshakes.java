package org.skerry.bench;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.HostLimits;
import org.skerry.libp2p.host.SecureProtocol;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.ping.Ping;

/** Two hosts in this process, of which one dials the other. */
final class SkerryHandshakes implements Handshakes {
  /** More connections from one place, one after the other, than a host takes from strangers. */
  private static final HostLimits LIMITS = HostLimits.DEFAULT.withConnections(65_536, 65_536, 64);

  private static final Multiaddr LOOPBACK = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final SecureProtocol security;
  private final TcpHost server;
  private final TcpHost client;
  private final Semaphore ended = new Semaphore(0);

  SkerryHandshakes(SecureProtocol security) throws IOException {
    this.security = security;
    server = host(List.of(LOOPBACK));
    client = host(List.of());
    client.addListener(
        new Host.Listener() {
          @Override
          public void disconnected(Connection connection) {
            ended.release();
          }
        });
  }

  static String variant(SecureProtocol security) {
    return "skerry-" + security.name().toLowerCase(Locale.ROOT);
  }

  private TcpHost host(List<Multiaddr> listen) throws IOException {
    return TcpHost.start(
        PrivateKey.generate(new SecureRandom()),
        new HostConfig(listen, "skerry/bench", LIMITS, List.of(security)));
  }

  @Override
  public String variant() {
    return variant(security);
  }

  @Override
  public void make(int count) throws IOException, InterruptedException {
    Multiaddr address = server.listenAddresses().getFirst().withPeerId(server.peerId());
    for (int i = 0; i < count; i++) {
      Connection connection = client.dial(address, LIMIT);
      Ping.measure(client, server.peerId(), LIMIT);
      connection.close();
      if (!ended.tryAcquire(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("a connection did not close within " + LIMIT);
      }
    }
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
