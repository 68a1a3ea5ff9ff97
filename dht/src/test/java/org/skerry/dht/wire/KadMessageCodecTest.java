package org.skerry.dht.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.dht.wire.KadMessageCodec.MalformedMessageException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class KadMessageCodecTest {
  private static final byte[] KEY = "/a/b".getBytes(StandardCharsets.UTF_8);
  private static final PeerId PEER = new PeerId(Multihash.ofSha256(new byte[32]));
  private static final String PEER_HEX = "1220" + "00".repeat(32);

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static void assertGolden(KadMessage message, String bytes) throws Exception {
    assertThat(HexFormat.of().formatHex(KadMessageCodec.encode(message)))
        .isEqualTo(bytes.replace(" ", ""));
    assertThat(KadMessageCodec.decode(hex(bytes))).isEqualTo(message);
  }

  @Test
  void writesAPingInTwoBytes() throws Exception {
    assertGolden(KadMessage.of(KadMessage.Type.PING, new byte[0]), "0805");
  }

  @Test
  void writesARecordInsideAPutValue() throws Exception {
    String time = "2026-01-01T00:00:00.000000000Z";
    assertThat(Timestamps.format(1_767_225_600_000L)).isEqualTo(time);
    KadMessage.Record record =
        new KadMessage.Record(KEY, "v".getBytes(StandardCharsets.UTF_8), time);
    String timeHex = HexFormat.of().formatHex(time.getBytes(StandardCharsets.UTF_8));
    assertGolden(
        KadMessage.of(KadMessage.Type.PUT_VALUE, KEY).withRecord(record),
        "0800 1204 2f612f62 1a29 0a04 2f612f62 1201 76 2a1e" + timeHex);
  }

  @Test
  void writesPeersWithTheirAddresses() throws Exception {
    KadMessage.Peer peer =
        new KadMessage.Peer(
            PEER,
            List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/4001")),
            KadMessage.ConnectionType.CONNECTED);
    String peerHex = "30 0a22" + PEER_HEX + "1208 047f000001060fa1 1801";
    assertGolden(
        KadMessage.of(KadMessage.Type.GET_PROVIDERS, KEY)
            .withCloser(List.of(peer))
            .withProviders(List.of(peer)),
        "0803 1204 2f612f62 42" + peerHex + "4a" + peerHex);
  }

  @Test
  void takesWhatOtherImplementationsWriteAndSkipsWhatItDoesNotKnow() throws Exception {
    // clusterLevelRaw, an unknown field, a record with author and signature, no type (PUT_VALUE)
    KadMessage message =
        KadMessageCodec.decode(hex("5007 a20601 00 1a0e 0a0161 120176 1a0155 220156 2a00"));
    assertThat(message.type()).isEqualTo(KadMessage.Type.PUT_VALUE);
    assertThat(message.record())
        .hasValue(new KadMessage.Record(new byte[] {'a'}, new byte[] {'v'}, ""));
    // a peer with an id it cannot hold, then one with an address (/udp/1/utp) it cannot read
    KadMessage peers =
        KadMessageCodec.decode(
            hex("0804 4204 0a02 1601 422e 0a22" + PEER_HEX + "1206 910200 01ae02 1807"));
    assertThat(peers.closer())
        .containsExactly(
            new KadMessage.Peer(PEER, List.of(), KadMessage.ConnectionType.NOT_CONNECTED));
  }

  @Test
  void readsNoMorePeersAndAddressesThanItsBounds() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < 20_000; i++) {
      bytes.writeBytes(hex("4224 0a22" + PEER_HEX));
    }
    assertThat(KadMessageCodec.decode(bytes.toByteArray()).closer())
        .hasSize(KadMessageCodec.MAX_PEERS);
    Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/4001");
    KadMessage.Peer many =
        new KadMessage.Peer(
            PEER,
            java.util.Collections.nCopies(100, address),
            KadMessage.ConnectionType.NOT_CONNECTED);
    byte[] message =
        KadMessageCodec.encode(
            KadMessage.of(KadMessage.Type.FIND_NODE, KEY).withCloser(List.of(many)));
    assertThat(KadMessageCodec.decode(message).closer().getFirst().addresses()).hasSize(16);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff", "0806", "08ffffffff07", "12ff01", "1a020a05", "00", "3b", "3c"})
  void refusesWhatIsNoMessage(String bytes) {
    assertThat(decodes(hex(bytes))).isFalse();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void refusesOrReadsButNeverFailsOnDamagedMessages(long seed) {
    Random random = new Random(seed);
    KadMessage.Peer peer =
        new KadMessage.Peer(
            PEER,
            List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/4001")),
            KadMessage.ConnectionType.CONNECTED);
    byte[] good =
        KadMessageCodec.encode(
            KadMessage.of(KadMessage.Type.GET_VALUE, KEY)
                .withRecord(new KadMessage.Record(KEY, KEY, Timestamps.format(0)))
                .withCloser(List.of(peer, peer))
                .withProviders(List.of(peer)));
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bad = java.util.Arrays.copyOf(good, 1 + random.nextInt(good.length));
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      refused += decodes(bad) ? 0 : 1;
    }
    assertThat(refused).isBetween(5_000, 19_999);
  }

  private static boolean decodes(byte[] bytes) {
    try {
      KadMessageCodec.decode(bytes);
      return true;
    } catch (MalformedMessageException e) {
      return false;
    }
  }

  @Test
  void parsesTimesLeniently() {
    assertThat(Timestamps.parse("2026-01-01T00:00:00.5Z")).hasValue(1_767_225_600_500L);
    assertThat(Timestamps.parse("2026-01-01T00:00:00Z")).hasValue(1_767_225_600_000L);
    assertThat(Timestamps.parse("")).isEmpty();
    assertThat(Timestamps.parse("yesterday")).isEmpty();
    assertThat(Timestamps.parse("+999999999-01-01T00:00:00Z")).isEmpty();
    assertThat(Timestamps.parse("2".repeat(100_000))).isEmpty();
  }
}
