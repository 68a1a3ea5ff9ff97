package org.skerry.libp2p.portmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.libp2p.portmap.NatPmpPackets.Answer;

class NatPmpPacketsTest {
  private static final Port TCP = new Port(Port.Kind.TCP, 4001);
  private static final String ADDRESS = "0080000000000e10cb007109";
  private static final String MAPPING = "0082000000000e100fa1138800000e10";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @Test
  void asksAsTheSpecificationHasIt() {
    assertThat(NatPmpPackets.addressRequest()).isEqualTo(hex("0000"));
    assertThat(NatPmpPackets.mapRequest(TCP, 5000, 3600))
        .isEqualTo(hex("000200000fa1138800000e10"));
    assertThat(NatPmpPackets.mapRequest(new Port(Port.Kind.UDP, 65535), 0, 0))
        .isEqualTo(hex("00010000ffff000000000000"));
  }

  @Test
  void readsAnAddressAndAMapping() {
    assertThat(NatPmpPackets.read(hex(ADDRESS)))
        .isEqualTo(new Answer.Address(3600, InetAddress.ofLiteral("203.0.113.9")));
    assertThat(NatPmpPackets.read(hex(MAPPING)))
        .isEqualTo(new Answer.Mapping(3600, TCP, 5000, 3600));
  }

  @ParameterizedTest
  @CsvSource({
    "0080000100000000, version",
    "0082000200000000, not allowed",
    "0082000400000000, no room",
    "0082000500000000, does not know",
    "00820063, result 99",
    "02800001000000000000000000000000, version",
    "ffffffff, version"
  })
  void tellsWhyARouterRefuses(String packet, String why) {
    assertThat(NatPmpPackets.read(hex(packet)))
        .isInstanceOfSatisfying(
            Answer.Refused.class, refused -> assertThat(refused.why()).contains(why));
  }

  @Test
  void aRouterWithoutAPublicAddressSaysSo() {
    assertThat(NatPmpPackets.read(hex("0080000300000e1000000000")))
        .isEqualTo(new Answer.NoAddress());
  }

  @ParameterizedTest
  @CsvSource({
    "0082000000000e100fa1000000000e10, port 0",
    "0082000000000e100000138800000e10, port 0",
    "0083000000000e100fa1138800000e10, request 3",
    "0002000000000e100fa1138800000e10, request -126"
  })
  void aPacketThatMakesNoSenseIsMalformed(String packet, String why) {
    assertThat(NatPmpPackets.read(hex(packet)))
        .isInstanceOfSatisfying(
            Answer.Malformed.class, malformed -> assertThat(malformed.detail()).contains(why));
  }

  @Test
  void aPacketThatIsCutOffIsMalformed() {
    for (String whole : new String[] {ADDRESS, MAPPING}) {
      for (int size = 0; size < whole.length() / 2; size++) {
        assertThat(NatPmpPackets.read(Arrays.copyOf(hex(whole), size)))
            .as("%d bytes of %s", size, whole)
            .isInstanceOf(Answer.Malformed.class);
      }
    }
  }

  @Test
  void anyBytesAreRead() {
    Random random = new Random(7);
    for (int i = 0; i < 100_000; i++) {
      byte[] packet = new byte[random.nextInt(20)];
      random.nextBytes(packet);
      if (packet.length > 3 && random.nextBoolean()) {
        packet[0] = 0;
        packet[1] = (byte) (128 + random.nextInt(3));
        packet[2] = 0;
        packet[3] = 0;
      }
      assertThat(NatPmpPackets.read(packet)).isNotNull();
      NatPmpPackets.answers(packet, NatPmpPackets.addressRequest());
      NatPmpPackets.answers(packet, NatPmpPackets.mapRequest(TCP, 1, 1));
    }
  }

  @Test
  void anAnswerToAnotherRequestIsNotTakenForThisOnes() {
    byte[] ask = NatPmpPackets.mapRequest(TCP, 5000, 3600);
    assertThat(NatPmpPackets.answers(hex(MAPPING), ask)).isTrue();
    assertThat(NatPmpPackets.answers(hex("0082000200000000"), ask)).isTrue();
    assertThat(NatPmpPackets.answers(hex("02820001"), ask)).isTrue();
    assertThat(NatPmpPackets.answers(hex(ADDRESS), ask)).isFalse();
    assertThat(NatPmpPackets.answers(hex("0082000000000e100fa2138800000e10"), ask)).isFalse();
    assertThat(NatPmpPackets.answers(hex("0081000000000e100fa1138800000e10"), ask)).isFalse();
    assertThat(NatPmpPackets.answers(hex(ADDRESS), NatPmpPackets.addressRequest())).isTrue();
  }
}
