package org.skerry.libp2p;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.testing.Hostile;

class MultiaddrFuzzTest {
  @FuzzTest
  void binary(byte[] in) {
    Hostile.read(MultiformatException.class, () -> Multiaddr.ofBytes(in))
        .ifPresent(address -> {
          assertThat(address.bytes()).isEqualTo(in);
          use(address);
        });
  }

  @FuzzTest
  void text(byte[] in) {
    String text = new String(in, UTF_8);
    Hostile.read(MultiformatException.class, () -> Multiaddr.parse(text))
        .ifPresent(address -> {
          assertThat(Multiaddr.ofBytes(address.bytes())).isEqualTo(address);
          use(address);
        });
    Hostile.read(MultiformatException.class, () -> Subnet.parse(text))
        .ifPresent(subnet -> assertThat(Subnet.parse(subnet.toString())).isEqualTo(subnet));
  }

  /** What is done with an address that a stranger told. */
  private static void use(Multiaddr address) {
    assertThat(Multiaddr.parse(address.toString())).isEqualTo(address);
    assertThat(address.isTcp() && address.isQuic()).isFalse();
    assertThat(address.withoutPeerId().bytes().length).isLessThanOrEqualTo(address.bytes().length);
    if (address.isTcp() || address.isQuic()) {
      assertThat(address.ip().map(Ip::isPublic).orElse(true)).isEqualTo(address.isPublic());
    }
    address
        .relay()
        .ifPresent(relay -> {
          assertThat(address.isRelayed()).isTrue();
          assertThat(relay.isRelayed()).isFalse();
          assertThat(relay.peerId()).isPresent();
        });
    assertThat(address.at(address).orElse(address)).isEqualTo(address);
  }

  @FuzzTest
  void peerId(byte[] in) {
    Hostile.read(MultiformatException.class, () -> PeerId.ofBytes(in))
        .ifPresent(peer -> {
          assertThat(peer.bytes()).isEqualTo(in);
          assertThat(PeerId.parse(peer.toString())).isEqualTo(peer);
          assertThat(PeerId.parse(peer.toCid().toString())).isEqualTo(peer);
          peer.publicKey()
              .ifPresent(key -> assertThat(key.encoded()).isEqualTo(peer.hash().digest()));
        });
    String text = new String(in, UTF_8);
    Hostile.read(MultiformatException.class, () -> PeerId.parse(text))
        .ifPresent(peer -> assertThat(PeerId.parse(peer.toString())).isEqualTo(peer));
  }

  @FuzzTest
  void signedEnvelope(byte[] in) {
    Hostile.read(MultiformatException.class, () -> SignedEnvelope.decode(in))
        .ifPresent(envelope -> {
          assertThat(envelope.bytes()).isEqualTo(in);
          assertThat(envelope.isSignedFor("another domain", envelope.payloadType())).isFalse();
        });
  }
}
