package org.skerry.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.libp2p.Multiaddr;

class AddressScopeTest {
  @ParameterizedTest
  @CsvSource({
    "/ip4/127.3.0.1/tcp/1, LOOPBACK",
    "/ip6/::1/tcp/1, LOOPBACK",
    "/ip4/10.1.2.3/tcp/1, PRIVATE",
    "/ip4/172.16.0.1/tcp/1, PRIVATE",
    "/ip4/192.168.0.1/tcp/1, PRIVATE",
    "/ip4/169.254.1.1/tcp/1, PRIVATE",
    "/ip4/100.64.0.1/tcp/1, PRIVATE",
    "/ip6/fd00::1/tcp/1, PRIVATE",
    "/ip6/fe80::1/tcp/1, PRIVATE",
    "/dns4/localhost/tcp/1, PRIVATE",
    "/ip6/::ffff:127.0.0.1/tcp/1, LOOPBACK",
    "/ip4/100.128.0.1/tcp/1, PUBLIC",
    "/ip4/172.32.0.1/tcp/1, PUBLIC",
    "/ip6/2606:4700::1/udp/1/quic-v1, PUBLIC"
  })
  void tellsHowFarAnAddressReaches(String address, AddressScope scope) {
    assertThat(AddressScope.of(Multiaddr.parse(address))).hasValue(scope);
  }

  @Test
  void knowsThatNobodyDialsUnspecifiedAndMulticastAddresses() {
    assertThat(AddressScope.of(Multiaddr.parse("/ip4/0.0.0.0/tcp/1"))).isEmpty();
    assertThat(AddressScope.of(Multiaddr.parse("/ip6/::/tcp/1"))).isEmpty();
    assertThat(AddressScope.of(Multiaddr.parse("/ip4/224.0.0.1/tcp/1"))).isEmpty();
  }

  @Test
  void letsAPeerTellOnlyAddressesThatReachAsFarAsItself() {
    List<Multiaddr> all =
        Stream.of("127.0.0.1", "10.0.0.1", "8.8.8.8", "0.0.0.0", "8.8.8.8")
            .map(ip -> Multiaddr.parse("/ip4/" + ip + "/tcp/1"))
            .toList();
    assertThat(AddressScope.PUBLIC.visible(all)).containsExactly(all.get(2));
    assertThat(AddressScope.PRIVATE.visible(all)).containsExactly(all.get(1), all.get(2));
    assertThat(AddressScope.LOOPBACK.visible(all)).isEqualTo(all.subList(0, 3));
  }
}
