package org.skerry.libp2p.mdns;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.mdns.MdnsDiscovery.Place;
import org.skerry.libp2p.pnet.PreSharedKey;
import org.skerry.libp2p.testing.LeakCheck;

/** Discovery over the loopback link, on a port of its own. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class MdnsDiscoveryIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final PreSharedKey KEY =
      PreSharedKey.decode(
          ("/key/swarm/psk/1.0.0/\n/base16/\n" + "01".repeat(32)).getBytes(US_ASCII));

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private Place place;

  /** A host and whom it found. */
  private record Node(TcpHost host, MdnsDiscovery discovery, Map<PeerId, List<Multiaddr>> found) {}

  @BeforeEach
  void choosePort() throws Exception {
    NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    int port = ThreadLocalRandom.current().nextInt(20_000, 60_000);
    place = new Place(port, List.of(loopback));
  }

  @AfterEach
  void close() throws Exception {
    while (!toClose.isEmpty()) {
      toClose.pop().close();
    }
  }

  private Node node(Optional<PreSharedKey> key) throws Exception {
    TcpHost host =
        TcpHost.start(
            PrivateKey.generate(new SecureRandom()),
            HostConfig.listening("test", Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
    toClose.push(host);
    Map<PeerId, List<Multiaddr>> found = new ConcurrentHashMap<>();
    MdnsDiscovery discovery = MdnsDiscovery.start(host, key, place, found::put);
    toClose.push(discovery);
    return new Node(host, discovery, found);
  }

  @Test
  void peersFindEachOtherWhoeverComesFirst() throws Exception {
    Node first = node(Optional.empty());
    Node second = node(Optional.empty());
    Node third = node(Optional.empty());
    for (Node node : List.of(first, second, third)) {
      await().atMost(LIMIT).until(() -> node.found().size() == 2);
      assertThat(node.found()).doesNotContainKey(node.host().peerId());
    }
    assertThat(first.found()).containsEntry(third.host().peerId(), third.host().listenAddresses());
    PeerId peer = second.host().peerId();
    Multiaddr address = first.found().getOrDefault(peer, List.of()).getFirst();
    assertThat(first.host().connect(address.withPeerId(peer), LIMIT).remotePeer()).isEqualTo(peer);
  }

  @Test
  void privateNetworksAreApart() throws Exception {
    Node member = node(Optional.of(KEY));
    Node stranger = node(Optional.empty());
    Node other = node(Optional.of(KEY));
    await().atMost(LIMIT).until(() -> member.found().containsKey(other.host().peerId()));
    Node another = node(Optional.empty());
    await().atMost(LIMIT).until(() -> stranger.found().containsKey(another.host().peerId()));
    assertThat(member.found()).containsOnlyKeys(other.host().peerId());
    assertThat(stranger.found()).containsOnlyKeys(another.host().peerId());
  }

  @Test
  void goesOnAfterPacketsThatAreNone() throws Exception {
    Node first = node(Optional.empty());
    try (MulticastSocket socket = new MulticastSocket(place.port())) {
      socket.setOption(StandardSocketOptions.IP_MULTICAST_IF, place.links().getFirst());
      InetSocketAddress group = new InetSocketAddress("224.0.0.251", place.port());
      socket.send(new DatagramPacket(new byte[] {1, 2, 3}, 3, group));
      socket.send(new DatagramPacket(new byte[100], 100, group));
    }
    await().atMost(LIMIT).until(() -> first.discovery().malformed() > 0);
    Node second = node(Optional.empty());
    await().atMost(LIMIT).until(() -> first.found().containsKey(second.host().peerId()));
  }
}
