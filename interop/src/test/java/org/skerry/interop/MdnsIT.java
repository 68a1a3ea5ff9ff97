package org.skerry.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.mdns.MdnsDiscovery;
import org.skerry.libp2p.mdns.MdnsDiscovery.Place;
import tools.jackson.databind.JsonNode;

/** Multicast DNS with js-libp2p over the loopback link, on a port of its own. */
final class MdnsIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Test
  void bothFindTheOther() throws Exception {
    int port = ThreadLocalRandom.current().nextInt(20_000, 60_000);
    NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    Map<PeerId, List<Multiaddr>> found = new ConcurrentHashMap<>();
    try (TcpHost host = Hosts.start();
        JsPeer js = JsPeer.start(Map.of("mdnsPort", port));
        MdnsDiscovery ours =
            MdnsDiscovery.start(
                host, Optional.empty(), new Place(port, List.of(loopback)), found::put)) {
      await().atMost(LIMIT).until(() -> found.containsKey(js.peerId()));
      assertThat(found).containsEntry(js.peerId(), List.of(js.address().withoutPeerId()));
      String self = host.peerId().toString();
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            JsonNode addresses = js.run("discovered", Map.of()).get(self);
            assertThat(addresses).isNotNull();
            assertThat(addresses.values())
                .extracting(JsonNode::asString)
                .containsExactly(host.listenAddresses().getFirst().toString());
          });
      assertThat(ours.malformed()).isZero();
    }
  }
}
