package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.crypto.PublicKey;
import org.skerry.libp2p.wire.IdentifyWire.Identify;

class IdentifyMessageTest {
  private static final PublicKey KEY = PrivateKey.ofSeed(new byte[32]).publicKey();
  private static final PeerId SENDER = PeerId.of(KEY);

  private static Identify.Builder signedByTheSender() {
    return Identify.newBuilder().setPublicKey(ByteString.copyFrom(KEY.encoded()));
  }

  private static IdentifyMessage decode(Identify.Builder message) {
    return IdentifyMessage.decode(message.build().toByteArray(), SENDER).orElseThrow();
  }

  @Test
  void writesTheGoldenBytes() {
    IdentifyMessage message =
        new IdentifyMessage(
            KEY,
            "skerry/1",
            List.of("/a"),
            List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/5")),
            Optional.of(Multiaddr.parse("/ip4/6.7.8.9/tcp/10")),
            ByteString.fromHex("0102"));
    assertThat(HexFormat.of().formatHex(message.encode()))
        .isEqualTo(
            "0a24080112203b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
                + "1208"
                + "0401020304060005"
                + "1a02"
                + "2f61"
                + "2208"
                + "040607080906000a"
                + "2a0a"
                + "697066732f302e312e30"
                + "3208"
                + "736b657272792f31"
                + "4202"
                + "0102");
    assertThat(IdentifyMessage.decode(message.encode(), SENDER)).contains(message);
  }

  @Test
  void believesNobodyElsesKeyAndNoGarbage() {
    PeerId other =
        PeerId.of(PrivateKey.ofSeed(HexFormat.of().parseHex("01".repeat(32))).publicKey());
    byte[] bytes = signedByTheSender().build().toByteArray();
    assertThat(IdentifyMessage.decode(bytes, other)).isEmpty();
    assertThat(IdentifyMessage.decode(new byte[0], SENDER)).isEmpty();
    assertThat(IdentifyMessage.decode(new byte[] {0x0a, 0x7f}, SENDER)).isEmpty();
  }

  @Test
  void leavesOutAddressesOfTransportsItDoesNotKnow() {
    Multiaddr known = Multiaddr.parse("/ip4/1.2.3.4/tcp/5");
    IdentifyMessage message =
        decode(
            signedByTheSender()
                .addListenAddrs(ByteString.fromHex("ffff03"))
                .addListenAddrs(ByteString.copyFrom(known.bytes()))
                .setObservedAddr(ByteString.fromHex("04")));
    assertThat(message.addresses()).containsExactly(known);
    assertThat(message.observed()).isEmpty();
  }

  @Test
  void cutsListsAndCleansText() {
    Identify.Builder flood =
        signedByTheSender().setAgentVersion("evil\u001b[2J\n" + "x".repeat(500));
    IntStream.range(0, 1000)
        .forEach(i -> {
          flood.addProtocols("/p/" + i);
          flood.addListenAddrs(
              ByteString.copyFrom(Multiaddr.parse("/ip4/1.2.3.4/tcp/" + (i + 1)).bytes()));
        });
    flood.addProtocols("/" + "y".repeat(1000));
    IdentifyMessage message = decode(flood);
    assertThat(message.protocols()).hasSize(256);
    assertThat(message.addresses()).hasSize(PeerBook.MAX_ADDRESSES);
    assertThat(message.agentVersion()).startsWith("evil?[2J?xxx").hasSize(128);
  }
}
