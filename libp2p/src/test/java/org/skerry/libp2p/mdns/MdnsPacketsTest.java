package org.skerry.libp2p.mdns;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.mdns.MdnsPackets.Heard;
import org.skerry.libp2p.testing.LeakCheck;

@ExtendWith(LeakCheck.class)
class MdnsPacketsTest {
  private static final String SERVICE_HEX = "045f703270045f756470056c6f63616c00";
  private static final PeerId PEER = PeerId.of(PrivateKey.ofSeed(new byte[32]).publicKey());
  private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/192.168.1.5/tcp/4001");

  private final ByteBufAllocator buffers = new UnpooledByteBufAllocator(false, true);
  private final MdnsPackets packets = new MdnsPackets("_p2p._udp.local.");

  private static byte[] bytes(ByteBuf packet) {
    try {
      return ByteBufUtil.getBytes(packet);
    } finally {
      packet.release();
    }
  }

  private Heard read(byte[] packet) {
    return packets.read(Unpooled.wrappedBuffer(packet));
  }

  private Heard read(String hex) {
    return read(HexFormat.of().parseHex(hex));
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(US_ASCII));
  }

  private byte[] answer(Multiaddr... addresses) {
    List<Multiaddr> full = List.of(addresses).stream().map(a -> a.withPeerId(PEER)).toList();
    return bytes(packets.answer(buffers, "somename", full));
  }

  @Test
  void asksInTheGoldenBytes() {
    assertThat(HexFormat.of().formatHex(bytes(packets.query(buffers))))
        .isEqualTo("000000000001000000000000" + SERVICE_HEX + "000c0001");
  }

  @Test
  void hearsWhoAsksForPeersOrServicesInAnySpelling() {
    assertThat(read(bytes(packets.query(buffers)))).isEqualTo(new Heard.PeersWanted());
    // In capitals, for any type, with an answer to the asker alone preferred.
    assertThat(read("000000000001000000000000045f503250045f756470054c4f43414c0000ff8001"))
        .isEqualTo(new Heard.PeersWanted());
    assertThat(
            read(
                "000000000001000000000000"
                    + "095f7365727669636573075f646e732d7364045f756470056c6f63616c00000c0001"))
        .isEqualTo(new Heard.ServicesWanted());
    assertThat(read("000000000001000000000000" + "045f697070045f746370056c6f63616c00000c0001"))
        .as("printers")
        .isEqualTo(new Heard.Other());
  }

  @Test
  void readsWhatItAnswers() {
    Multiaddr other = Multiaddr.parse("/ip6/fd00::5/tcp/4001");
    assertThat(read(answer(ADDRESS, other)))
        .isEqualTo(new Heard.Peers(Map.of(PEER, List.of(ADDRESS, other))));
    assertThat(read(bytes(packets.services(buffers)))).isEqualTo(new Heard.Other());
  }

  @Test
  void answersWithinOneFrameOfEthernet() {
    Multiaddr[] many =
        IntStream.range(0, 100)
            .mapToObj(i -> Multiaddr.parse("/ip4/192.168.1.5/tcp/" + (4001 + i)))
            .toArray(Multiaddr[]::new);
    byte[] packet = answer(many);
    assertThat(packet.length).isLessThan(1400);
    assertThat(read(packet)).isInstanceOf(Heard.Peers.class);
  }

  /** A pointer for the name, in the answers, one record for each address, as others have it. */
  @Test
  void readsCompressedNamesAndRecordsAnywhere() {
    String name = "0161" + "c00c";
    String text = "dnsaddr=" + ADDRESS.withPeerId(PEER);
    String txt = HexFormat.of().toHexDigits((byte) text.length()) + hex(text);
    String packet =
        "000084000000000200000000"
            + (SERVICE_HEX + "000c000100000078" + "0004" + name)
            + (name + "0010800100000078")
            + HexFormat.of().toHexDigits((short) (text.length() + 1))
            + txt;
    assertThat(read(packet)).isEqualTo(new Heard.Peers(Map.of(PEER, List.of(ADDRESS))));
  }

  @Test
  void ignoresGoodbyesOtherServicesAndAddressesWithoutPeer() {
    byte[] packet = answer(ADDRESS);
    String text = HexFormat.of().formatHex(packet);
    assertThat(read(text.replace("0010000100000078", "0010000100000000")))
        .as("a goodbye")
        .isEqualTo(new Heard.Other());
    assertThat(read(text.replace("045f703270", "045f703271"))).isEqualTo(new Heard.Other());
    assertThat(read(bytes(packets.answer(buffers, "somename", List.of(ADDRESS)))))
        .isEqualTo(new Heard.Other());
    assertThat(read(text.replace(hex("/tcp/"), hex("/xyz/")))).isEqualTo(new Heard.Other());
  }

  @Test
  void survivesEveryTruncationLoopsAndNoise() {
    byte[] packet = answer(ADDRESS);
    for (int size = 0; size < packet.length; size++) {
      byte[] cut = Arrays.copyOf(packet, size);
      assertThat(read(cut)).as("%d bytes", size).isInstanceOf(Heard.Malformed.class);
    }
    assertThat(read("000000000001000000000000c00c000c0001")).isInstanceOf(Heard.Malformed.class);
    assertThat(read("0000840000000fff00000000")).isInstanceOf(Heard.Malformed.class);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] noise = packet.clone();
      for (int flips = random.nextInt(8); flips >= 0; flips--) {
        noise[random.nextInt(noise.length)] = (byte) random.nextInt();
      }
      assertThat(read(noise)).as("seed %d", seed).isNotNull();
    }
  }
}
