package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.mdns.MdnsDiscovery.Place;

final class LocalPeersIT {
  private static final List<Multiaddr> ANY_PORT = List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"));

  @Test
  void connectsPeersThatKnowNothingOfEachOther() throws Exception {
    NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    Place place = new Place(ThreadLocalRandom.current().nextInt(20_000, 60_000), List.of(loopback));
    try (TcpHost one = Hosts.listen(TestPeer.key(1), ANY_PORT, "test");
        TcpHost other = Hosts.listen(TestPeer.key(2), ANY_PORT, "test");
        AutoCloseable first = LocalPeers.find(one, Optional.empty(), place);
        AutoCloseable second = LocalPeers.find(other, Optional.empty(), place)) {
      await().atMost(Duration.ofSeconds(20)).until(() -> one.connections().size() == 1);
      assertThat(one.connections())
          .extracting(Connection::remotePeer)
          .containsExactly(other.peerId());
    }
  }
}
