package org.skerry.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Multiaddr;

class OriginTest {
  private static final String RELAY = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

  private static Origin of(String address) {
    return Origin.of(Optional.of(Multiaddr.parse(address)));
  }

  @Test
  void putsPublicAddressesTogetherThatOneOwnerIsLikelyToHave() {
    assertThat(of("/ip4/11.22.33.44/tcp/1")).isEqualTo(of("/ip4/11.22.99.1/tcp/2"));
    assertThat(of("/ip4/11.22.33.44/tcp/1")).isNotEqualTo(of("/ip4/11.23.33.44/tcp/1"));
    assertThat(of("/ip6/2a00:1450:1::1/tcp/1")).isEqualTo(of("/ip6/2a00:1450:ffff::9/tcp/1"));
    assertThat(of("/ip6/2a00:1450::1/tcp/1")).isNotEqualTo(of("/ip6/2a00:1451::1/tcp/1"));
  }

  @Test
  void tellsMachinesOfAPrivateNetworkApart() {
    assertThat(of("/ip4/10.0.0.1/tcp/1")).isEqualTo(of("/ip4/10.0.0.1/tcp/9"));
    assertThat(of("/ip4/10.0.0.1/tcp/1")).isNotEqualTo(of("/ip4/10.0.0.2/tcp/1"));
    assertThat(of("/ip6/fd00::1/tcp/1")).isEqualTo(of("/ip6/fd00::2/tcp/1"));
  }

  @Test
  void putsTheWholeMachineTogetherAndAllThatNothingIsKnownOf() {
    assertThat(of("/ip4/127.0.0.1/tcp/1"))
        .isEqualTo(of("/ip6/::1/tcp/1"))
        .isEqualTo(Origin.LOOPBACK);
    assertThat(Origin.LOOPBACK.isBounded()).isFalse();
    assertThat(Origin.of(Optional.empty())).isEqualTo(Origin.UNKNOWN);
    assertThat(of("/dns4/example.org/tcp/1")).isEqualTo(Origin.UNKNOWN);
    assertThat(of("/ip4/11.22.33.44/tcp/1/p2p/" + RELAY + "/p2p-circuit"))
        .as("a relay's address says nothing about whom it relays")
        .isEqualTo(Origin.UNKNOWN);
    assertThat(Origin.UNKNOWN.isBounded()).isTrue();
  }
}
