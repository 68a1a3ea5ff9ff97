package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.PeerRecord.Rejection;

/** Signed peer records in identify and its push. */
class PeerRecordIT extends HostFixture {
  private static final Multiaddr ONE = Multiaddr.parse("/ip4/127.0.0.1/tcp/1");
  private static final Multiaddr TWO = Multiaddr.parse("/ip4/127.0.0.1/tcp/2");
  private static final long AHEAD = 1L << 50; // of the clock of every host here

  private final PrivateKey key = PrivateKey.generate(new SecureRandom());
  private final PeerId peer = PeerId.of(key.publicKey());
  private TcpHost chatty;
  private int pushes;

  @BeforeEach
  void connect() throws Exception {
    chatty = host(key, HostLimits.DEFAULT);
    alice.connect(full(chatty), LIMIT);
    await().until(() -> !alice.certifiedAddresses(peer).isEmpty());
  }

  /**
   * Says {@code said} without, and {@code signed} with a signature, and waits until it is heard.
   */
  private void push(List<Multiaddr> said, byte[] signed) throws Exception {
    String protocol = "/push/" + pushes++;
    try (Stream stream = chatty.open(alice.peerId(), List.of("/ipfs/id/push/1.0.0"), LIMIT)) {
      stream.writeMessage(
          new IdentifyMessage(
                  key.publicKey(),
                  "test",
                  List.of(protocol),
                  said,
                  Optional.empty(),
                  ByteString.copyFrom(signed))
              .encode());
    }
    await().until(() -> alice.protocols(peer).contains(protocol));
  }

  private byte[] record(long sequence, Multiaddr... addresses) {
    return new PeerRecord(peer, sequence, List.of(addresses)).signed(key);
  }

  private long refused(Rejection why) {
    return alice.metrics().value("refused_peer_record_" + why.name().toLowerCase(Locale.ROOT));
  }

  @Test
  void knowsTheSignedAddressesOfWhomItDialsAndOfWhoDials() {
    assertThat(alice.certifiedAddresses(peer)).isEqualTo(chatty.listenAddresses());
    await()
        .untilAsserted(() ->
            assertThat(chatty.certifiedAddresses(alice.peerId()))
                .isEqualTo(alice.listenAddresses()));
  }

  @Test
  void hearsOfAddressesThatChange() {
    await().until(() -> !chatty.protocols(alice.peerId()).isEmpty());
    Multiaddr outside = Multiaddr.parse("/ip4/127.0.0.1/tcp/4001");
    chatty.announce(List.of(outside));
    await().until(() -> alice.certifiedAddresses(peer).contains(outside));
    chatty.announce(List.of());
    await().until(() -> !alice.certifiedAddresses(peer).contains(outside));
    assertThat(alice.addresses(peer)).doesNotContain(outside);
  }

  @Test
  void prefersWhatIsSignedAndTakesNothingOlder() throws Exception {
    push(List.of(TWO), record(AHEAD, ONE));
    assertThat(alice.certifiedAddresses(peer)).containsExactly(ONE);
    assertThat(alice.addresses(peer)).as("said without a signature").doesNotContain(TWO);
    push(List.of(), record(AHEAD - 1, TWO));
    assertThat(alice.certifiedAddresses(peer)).containsExactly(ONE);
    assertThat(refused(Rejection.OUTDATED)).isEqualTo(1);
    push(List.of(), record(AHEAD, ONE));
    assertThat(refused(Rejection.OUTDATED)).as("the same again is no harm").isEqualTo(1);
  }

  @Test
  void believesABadRecordNothingAndCountsIt() throws Exception {
    List<Multiaddr> before = alice.addresses(peer);
    PrivateKey stranger = PrivateKey.generate(new SecureRandom());
    push(List.of(TWO), new PeerRecord(peer, AHEAD, List.of(ONE)).signed(stranger));
    byte[] bent = record(AHEAD, ONE);
    bent[bent.length - 1] ^= 1;
    push(List.of(TWO), bent);
    push(List.of(TWO), new byte[] {1, 2, 3});
    push(List.of(TWO), new byte[PeerRecord.MAX_BYTES + 1]);
    assertThat(alice.addresses(peer)).isEqualTo(before);
    assertThat(refused(Rejection.OTHER_PEER)).isEqualTo(1);
    assertThat(refused(Rejection.BAD_SIGNATURE)).isEqualTo(1);
    assertThat(refused(Rejection.MALFORMED)).isEqualTo(1);
    assertThat(refused(Rejection.TOO_LONG)).isEqualTo(1);
  }

  @Test
  void takesThePlainAddressesOfWhoSignsNone() throws Exception {
    push(List.of(TWO), new byte[0]);
    assertThat(alice.addresses(peer)).endsWith(TWO);
    assertThat(alice.certifiedAddresses(peer)).doesNotContain(TWO);
  }
}
