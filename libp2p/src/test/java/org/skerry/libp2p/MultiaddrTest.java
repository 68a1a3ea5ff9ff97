package org.skerry.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.multiformats.MultiformatException;

class MultiaddrTest {
  private static final String PEER = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @ParameterizedTest
  @CsvSource({
    "/ip4/127.0.0.1/tcp/4001, true, false",
    "/dns6/example.org/tcp/4001/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA, true, false",
    "/ip6/::1/udp/4001/quic-v1, false, true",
    "/ip6/::1/udp/4001, false, false",
    "/ip4/127.0.0.1/tcp/4001/quic-v1, false, false",
    "/ip4/127.0.0.1/tcp/4001/p2p-circuit, false, false",
    "/dnsaddr/example.org/tcp/4001, false, false",
    "/tcp/4001, false, false",
  })
  void tellsTcpAndQuicFromOtherAddresses(String text, boolean isTcp, boolean isQuic) {
    assertThat(Multiaddr.parse(text).isTcp()).isEqualTo(isTcp);
    assertThat(Multiaddr.parse(text).isQuic()).isEqualTo(isQuic);
  }

  @ParameterizedTest
  @CsvSource({
    "/ip4/127.0.0.1/tcp/4001, 047f000001060fa1",
    "/ip4/1.2.3.4/udp/1234/quic-v1, 0401020304910204d2cd03",
    "/ip6/::1/tcp/80, 2900000000000000000000000000000001060050",
    "/ip6/2601:9:4f81:9700:803e:ca65:66e8:c21/udp/1234,"
        + " 29260100094f819700803eca6566e80c21910204d2",
    "/ip6/::ffff:127.0.0.1/tcp/1, 2900000000000000000000ffff7f000001060001",
    "/dns4/ipfs.io/tcp/443, 3607697066732e696f0601bb",
    "/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit,"
        + " a503221220d52ebb89d85b02a284948203a62ff28389c57c9f42beec4ec20db76a68911c0ba202",
  })
  void writesTheBytesOfOtherImplementations(String text, String bytes) {
    Multiaddr address = Multiaddr.parse(text);
    assertThat(address.bytes()).isEqualTo(hex(bytes));
    assertThat(Multiaddr.ofBytes(hex(bytes))).isEqualTo(address);
    assertThat(address.toString()).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "/ip6/0:0:0:0:0:0:0:0/tcp/1, /ip6/::/tcp/1",
    "/ip6/2001:DB8:0:0:1:0:0:1/tcp/1, /ip6/2001:db8::1:0:0:1/tcp/1",
    "/ip6/1:0:2:0:3:0:4:0/tcp/1, /ip6/1:0:2:0:3:0:4:0/tcp/1",
    "/ip6/fe80:0:0:0:0:0:0:1/tcp/1, /ip6/fe80::1/tcp/1",
  })
  void writesIpv6InItsOneShortForm(String text, String canonical) {
    assertThat(Multiaddr.parse(text).toString()).isEqualTo(canonical);
    assertThat(Multiaddr.parse(text)).isEqualTo(Multiaddr.parse(canonical));
  }

  @Test
  void addsAndTakesThePeer() {
    PeerId peer = PeerId.parse(PEER);
    Multiaddr bare = Multiaddr.parse("/ip4/1.2.3.4/tcp/5");
    Multiaddr full = Multiaddr.parse("/ip4/1.2.3.4/tcp/5/p2p/" + PEER);
    assertThat(bare.withPeerId(peer)).isEqualTo(full).isEqualTo(full.withPeerId(peer));
    assertThat(full.withoutPeerId()).isEqualTo(bare).isEqualTo(bare.withoutPeerId());
    assertThat(full.peerId()).contains(peer);
    assertThat(Multiaddr.parse("/ip4/1.2.3.4/tcp/5/ipfs/" + PEER)).isEqualTo(full);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "ip4/1.2.3.4",
        "/ip4",
        "/ip4/",
        "/ip4/1.2.3",
        "/ip4/256.1.1.1/tcp/1",
        "/ip4/01.1.1.1/tcp/1",
        "/ip4/localhost/tcp/1",
        "/ip6/::g/tcp/1",
        "/ip6/1.2.3.4/tcp/1",
        "/ip6/fe80::1%eth0/tcp/1",
        "/ip4/1.2.3.4/tcp/65536",
        "/ip4/1.2.3.4/tcp/-1",
        "/ip4/1.2.3.4/tcp/1/",
        "/ip4/1.2.3.4/tcp/1/p2p/xyz",
        "/dns4/a b/tcp/1",
        "/dns4//tcp/1",
        "/dns4/.a/tcp/1",
        "/carrier-pigeon/7",
      })
  void refusesTextThatIsNoAddress(String text) {
    assertThatThrownBy(() -> Multiaddr.parse(text)).isInstanceOf(MultiformatException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "04",
        "047f0000",
        "047f00000106",
        "3600",
        "360561",
        "36ffffffff7f61",
        "360261ff",
        "36020d0a",
        "a50300",
        "a503021200",
        "ff",
        "04ffffffffff",
        "8400",
      })
  void refusesBytesThatAreNoAddress(String bytes) {
    assertThatThrownBy(() -> Multiaddr.ofBytes(hex(bytes)))
        .isInstanceOf(MultiformatException.class);
  }

  @Test
  void refusesAddressesWithoutEnd() {
    assertThatThrownBy(() -> Multiaddr.ofBytes(hex("047f000001".repeat(17))))
        .isInstanceOf(MultiformatException.class);
    assertThatThrownBy(() -> Multiaddr.ofBytes(new byte[1025]))
        .isInstanceOf(MultiformatException.class);
  }

  @Test
  void readsNoHostileBytesWithoutWritingThemBackTheSame() {
    long seed = 3;
    Random random = new Random(seed);
    int[] heads = {4, 6, 41, 53, 54, 0xa5, 0x91};
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(24)];
      random.nextBytes(bytes);
      if (bytes.length > 6) {
        bytes[0] = (byte) heads[random.nextInt(heads.length)];
        bytes[5] = 6;
      }
      try {
        Multiaddr address = Multiaddr.ofBytes(bytes);
        assertThat(address.bytes()).as("seed %d, case %d", seed, i).isEqualTo(bytes);
        assertThat(Multiaddr.parse(address.toString())).isEqualTo(address);
        read++;
      } catch (MultiformatException e) {
        // refused, which is right for most
      }
    }
    assertThat(read).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "/ip4/8.8.8.8/tcp/1, true",
    "/ip4/127.0.0.1/tcp/1, false",
    "/ip4/10.1.2.3/tcp/1, false",
    "/ip4/172.20.0.1/tcp/1, false",
    "/ip4/192.168.1.1/tcp/1, false",
    "/ip4/169.254.1.1/tcp/1, false",
    "/ip4/100.64.0.1/tcp/1, false",
    "/ip4/100.128.0.1/tcp/1, true",
    "/ip4/0.0.0.0/tcp/1, false",
    "/ip4/224.0.0.1/tcp/1, false",
    "/ip4/255.255.255.255/tcp/1, false",
    "/ip6/::1/tcp/1, false",
    "/ip6/fd00::1/tcp/1, false",
    "/ip6/fe80::1/tcp/1, false",
    "/ip6/::ffff:10.0.0.1/tcp/1, false",
    "/ip6/2606:4700::1/tcp/1, true",
    "/dns4/example.org/tcp/1, true",
    "/p2p-circuit, false",
  })
  void knowsPublicAddresses(String text, boolean isPublic) {
    assertThat(Multiaddr.parse(text).isPublic()).isEqualTo(isPublic);
  }

  /**
   * Or whoever dials a name of somebody's choice would pass for somebody who dials that address.
   */
  @Test
  void anIpBehindANameIsNotTheHostsIp() {
    assertThat(Multiaddr.parse("/ip4/192.0.2.7/tcp/1/p2p-circuit").ip())
        .hasValueSatisfying(ip -> assertThat(ip).containsExactly(192, 0, 2, 7));
    assertThat(Multiaddr.parse("/dns4/example.org/tcp/1/ip4/192.0.2.7/tcp/1").ip()).isEmpty();
  }
}
