package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;

class DnsAddressesTest {
  private static final PeerId PEER = peer(1);
  private static final String NAME = "/dnsaddr/example.org/p2p/" + PEER;

  private final Map<String, List<String>> zone = new HashMap<>();
  private final List<String> asked = new ArrayList<>();
  private final DnsAddresses names =
      new DnsAddresses(name -> {
        asked.add(name);
        List<String> texts = zone.get(name);
        if (texts == null) {
          throw new Libp2pException(Reason.UNREACHABLE, name + " does not exist");
        }
        return texts;
      });

  private static PeerId peer(int seed) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) seed;
    return PeerId.of(PrivateKey.ofSeed(bytes).publicKey());
  }

  private List<String> expand(String address) throws Libp2pException {
    return names.expand(Multiaddr.parse(address), PEER, Duration.ofMinutes(1)).stream()
        .map(Multiaddr::toString)
        .toList();
  }

  @Test
  void leavesOtherAddressesAlone() throws Exception {
    String address = "/dns4/example.org/tcp/4001/p2p/" + PEER;
    assertThat(expand(address)).containsExactly(address);
    assertThat(asked).isEmpty();
  }

  @Test
  void findsTheAddressesOfThePeerAskedForAndThroughOtherNames() throws Exception {
    String tcp = "/ip4/192.0.2.1/tcp/4001/p2p/" + PEER;
    String quic = "/dns6/a.example.org/udp/4001/quic-v1/p2p/" + PEER;
    zone.put(
        "_dnsaddr.example.org",
        List.of(
            "dnsaddr=" + tcp,
            "v=spf1 -all",
            "dnsaddr=/ip4/192.0.2.2/tcp/4001/p2p/" + peer(2),
            "dnsaddr=/ip4/192.0.2.3/tcp/4001",
            "dnsaddr=/ip4/192.0.2.4/tcp/4001/wss/p2p/" + PEER,
            "dnsaddr=/dnsaddr/gone.example.org/p2p/" + PEER,
            "dnsaddr=/dnsaddr/eu.example.org/p2p/" + PEER));
    zone.put("_dnsaddr.eu.example.org", List.of("dnsaddr=" + quic));
    assertThat(expand(NAME)).containsExactly(tcp, quic);
  }

  @Test
  void doesNotFollowCirclesOrEndlessChains() {
    zone.put("_dnsaddr.example.org", List.of("dnsaddr=" + NAME));
    assertThatThrownBy(() -> expand(NAME))
        .isInstanceOf(Libp2pException.class)
        .hasMessageContaining("stands for no address of peer " + PEER);
    assertThat(asked).hasSize(1);
    asked.clear();
    zone.put("_dnsaddr.example.org", List.of("dnsaddr=/dnsaddr/0.example.org/p2p/" + PEER));
    for (int i = 0; i < 100; i++) {
      zone.put(
          "_dnsaddr." + i + ".example.org",
          List.of("dnsaddr=/dnsaddr/" + (i + 1) + ".example.org/p2p/" + PEER));
    }
    assertThatThrownBy(() -> expand(NAME)).isInstanceOf(Libp2pException.class);
    assertThat(asked).hasSize(DnsAddresses.MAX_LOOKUPS);
  }

  @Test
  void takesNoMoreAddressesThanItMay() throws Exception {
    zone.put(
        "_dnsaddr.example.org",
        IntStream.range(0, 1000)
            .mapToObj(i -> "dnsaddr=/ip4/192.0.2.1/tcp/%d/p2p/%s".formatted(i + 1, PEER))
            .toList());
    assertThat(expand(NAME)).hasSize(DnsAddresses.MAX_ADDRESSES);
  }

  @Test
  void saysThatANameDoesNotExist() {
    assertThatThrownBy(() -> expand(NAME)).hasMessageContaining("_dnsaddr.example.org");
  }
}
