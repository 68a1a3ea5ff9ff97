package org.skerry.libp2p.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.ping.Ping;
import org.skerry.libp2p.pnet.PreSharedKey;
import org.skerry.libp2p.pnet.PrivateNetworkRejection;

/** Hosts with the same key, with another one, and (those of the fixture) with none. */
class PrivateNetworkIT extends HostFixture {
  private TcpHost one;
  private TcpHost two;
  private TcpHost other;

  private static PreSharedKey key(int seed) {
    return PreSharedKey.decode(
        ("/key/swarm/psk/1.0.0/\n/base16/\n" + "%02x".formatted(seed).repeat(32))
            .getBytes(US_ASCII));
  }

  private TcpHost member(int seed) throws Libp2pException {
    return host(
        PrivateKey.generate(new SecureRandom()),
        HostConfig.listening("test", listen).withPrivateNetwork(Optional.of(key(seed))));
  }

  @BeforeEach
  void startMembers() throws Exception {
    one = member(1);
    two = member(1);
    other = member(2);
  }

  private static long refused(TcpHost by, PrivateNetworkRejection why) {
    return by.metrics().value("refused_private_network_" + why.name().toLowerCase(Locale.ROOT));
  }

  @Test
  void carriesStreamsAmongThoseWhoShareTheKey() throws Exception {
    two.handle(ECHO, HostFixture::echo);
    one.connect(full(two), LIMIT);
    assertThat(Ping.measure(one, two.peerId(), LIMIT)).isPositive();
    byte[] bytes = new byte[3 << 20];
    new SecureRandom().nextBytes(bytes);
    try (Stream stream = one.open(two.peerId(), List.of(ECHO), LIMIT)) {
      var writing =
          async(() -> {
            stream.write(ByteBuffer.wrap(bytes));
            stream.closeWrite();
            return true;
          });
      assertThat(stream.readFully(bytes.length)).isEqualTo(bytes);
      assertThat(writing.get()).isTrue();
    }
  }

  @Test
  void doesNotLetInWhoHasAnotherKeyAndBothSidesSayWhy() {
    assertFails(Reason.WRONG_NETWORK, () -> other.connect(full(one), LIMIT));
    await().until(() -> refused(one, PrivateNetworkRejection.OTHER_KEY) == 1);
    assertThat(refused(other, PrivateNetworkRejection.UNPROVEN)).isEqualTo(1);
    assertThat(one.connections()).isEmpty();
  }

  @Test
  void doesNotLetInWhoHasNone() {
    assertThatThrownBy(() -> alice.connect(full(one), LIMIT)).isInstanceOf(Libp2pException.class);
    await().until(() -> refused(one, PrivateNetworkRejection.NO_KEY) == 1);
    assertThat(one.connections()).isEmpty();
  }

  @Test
  void hasNoQuic() {
    HostConfig quic =
        HostConfig.listening("test", Multiaddr.parse("/ip4/127.0.0.1/udp/0/quic-v1"))
            .withPrivateNetwork(Optional.of(key(1)));
    assertThatThrownBy(() -> TcpHost.start(PrivateKey.generate(new SecureRandom()), quic))
        .hasMessageContaining("no QUIC in a private network");
    Multiaddr elsewhere = Multiaddr.parse("/ip4/127.0.0.1/udp/9/quic-v1");
    assertThatThrownBy(() -> one.connect(elsewhere.withPeerId(alice.peerId()), LIMIT))
        .hasMessageContaining("no TCP or relayed address is known");
  }

  @Test
  void doesNotJoinThePublicNetwork() {
    assertThatThrownBy(() -> one.connect(full(alice), LIMIT))
        .isInstanceOf(Libp2pException.class)
        .hasMessageContaining("private network's key");
    assertThat(refused(one, PrivateNetworkRejection.UNPROVEN)).isEqualTo(1);
    assertThat(alice.connections()).isEmpty();
  }
}
