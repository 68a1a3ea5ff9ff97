package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.SignedEnvelope;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.PeerRecord.Reading;
import org.skerry.libp2p.host.PeerRecord.Rejection;
import org.skerry.libp2p.testing.FakeClock;
import org.skerry.libp2p.wire.PeerRecordWire;

class PeerRecordTest {
  private static final PrivateKey KEY = PrivateKey.ofSeed(new byte[32]);
  private static final PrivateKey OTHER_KEY =
      PrivateKey.ofSeed(HexFormat.of().parseHex("01".repeat(32)));
  private static final PeerId PEER = PeerId.of(KEY.publicKey());
  private static final PeerId OTHER_PEER = PeerId.of(OTHER_KEY.publicKey());
  private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/1.2.3.4/tcp/5");
  private static final byte[] TYPE = {0x03, 0x01};

  private static PeerRecord accepted(byte[] signed) {
    assertThat(PeerRecord.read(signed, PEER)).isInstanceOf(Reading.Accepted.class);
    return ((Reading.Accepted) PeerRecord.read(signed, PEER)).record();
  }

  private static void assertRefused(Rejection why, byte[] signed) {
    assertThat(PeerRecord.read(signed, PEER))
        .isInstanceOfSatisfying(
            Reading.Rejected.class, it -> assertThat(it.rejection()).isEqualTo(why));
  }

  private static byte[] signed(PeerRecordWire.PeerRecord.Builder record) {
    return SignedEnvelope.seal(KEY, PeerRecord.DOMAIN, TYPE, record.build().toByteArray()).bytes();
  }

  private static PeerRecordWire.PeerRecord.Builder ofPeer() {
    return PeerRecordWire.PeerRecord.newBuilder().setPeerId(ByteString.copyFrom(PEER.bytes()));
  }

  @Test
  void readsWhatItSigned() {
    PeerRecord record = new PeerRecord(PEER, 1_700_000_000_000L, List.of(ADDRESS));
    assertThat(accepted(record.signed(KEY))).isEqualTo(record);
  }

  @Test
  void writesTheGoldenPayload() {
    byte[] signed = new PeerRecord(PEER, 300, List.of(ADDRESS)).signed(KEY);
    assertThat(HexFormat.of().formatHex(SignedEnvelope.decode(signed).payload()))
        .isEqualTo(
            "0a26002408011220"
                + "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
                + "10ac02"
                + "1a0a0a080401020304060005");
  }

  @Test
  void acceptsNoByteThatAnybodyChangedAndNoPart() {
    byte[] signed = new PeerRecord(PEER, 1, List.of(ADDRESS)).signed(KEY);
    for (int at = 0; at < signed.length; at++) {
      byte[] bent = signed.clone();
      bent[at] ^= 1;
      assertThat(PeerRecord.read(bent, PEER))
          .as("byte %d", at)
          .isInstanceOf(Reading.Rejected.class);
      assertRefused(Rejection.MALFORMED, Arrays.copyOf(signed, at));
    }
  }

  @Test
  void refusesWhatAnotherPeerSignedOrIsAbout() {
    assertRefused(Rejection.OTHER_PEER, new PeerRecord(OTHER_PEER, 1, List.of()).signed(OTHER_KEY));
    assertRefused(Rejection.OTHER_PEER, new PeerRecord(PEER, 1, List.of()).signed(OTHER_KEY));
    assertRefused(Rejection.OTHER_PEER, new PeerRecord(OTHER_PEER, 1, List.of()).signed(KEY));
  }

  @Test
  void refusesAnotherDomainOrType() {
    byte[] payload = ofPeer().build().toByteArray();
    assertRefused(
        Rejection.BAD_SIGNATURE,
        SignedEnvelope.seal(KEY, "libp2p-routing-state", TYPE, payload).bytes());
    byte[] text = "/libp2p/routing-state-record".getBytes(StandardCharsets.UTF_8);
    assertRefused(
        Rejection.BAD_SIGNATURE,
        SignedEnvelope.seal(KEY, PeerRecord.DOMAIN, text, payload).bytes());
  }

  @Test
  void refusesSignedNonsenseAndWhatIsTooLong() {
    assertRefused(Rejection.MALFORMED, signed(PeerRecordWire.PeerRecord.newBuilder()));
    assertRefused(
        Rejection.MALFORMED,
        SignedEnvelope.seal(KEY, PeerRecord.DOMAIN, TYPE, new byte[] {0x0a, 0x7f}).bytes());
    PeerRecordWire.PeerRecord.Builder longRecord = ofPeer();
    longRecord.addAddressesBuilder().setMultiaddr(ByteString.copyFrom(new byte[9000]));
    assertRefused(Rejection.TOO_LONG, signed(longRecord));
  }

  @Test
  void leavesOutUnknownTransportsAndAllBeyondTheMost() {
    PeerRecordWire.PeerRecord.Builder many = ofPeer();
    many.addAddressesBuilder().setMultiaddr(ByteString.fromHex("ffff03"));
    many.addAddressesBuilder().setMultiaddr(ByteString.copyFrom(ADDRESS.withPeerId(PEER).bytes()));
    IntStream.range(0, 100)
        .forEach(i ->
            many.addAddressesBuilder()
                .setMultiaddr(
                    ByteString.copyFrom(Multiaddr.parse("/ip4/1.2.3.4/tcp/" + (100 + i)).bytes())));
    assertThat(accepted(signed(many)).addresses())
        .hasSize(PeerBook.MAX_ADDRESSES)
        .startsWith(ADDRESS, Multiaddr.parse("/ip4/1.2.3.4/tcp/100"));
  }

  @Test
  void signsAnewWithAGreaterSequenceOnlyWhenAddressesChange() {
    FakeClock clock = new FakeClock();
    OwnRecord own = new OwnRecord(KEY, clock);
    byte[] first = own.of(List.of(ADDRESS));
    assertThat(accepted(first).sequence()).isEqualTo(clock.millis());
    clock.advance(Duration.ofHours(1));
    assertThat(own.of(List.of(ADDRESS))).isEqualTo(first);
    clock.advance(Duration.ofHours(-2));
    PeerRecord second = accepted(own.of(List.of()));
    assertThat(second.sequence()).isEqualTo(accepted(first).sequence() + 1);
    assertThat(second.addresses()).isEmpty();
    clock.advance(Duration.ofHours(3));
    OwnRecord restarted = new OwnRecord(KEY, clock);
    assertThat(accepted(restarted.of(List.of())).sequence()).isGreaterThan(second.sequence());
  }
}
