package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.SignedEnvelope;
import org.skerry.libp2p.crypto.PrivateKey;

class HostMessagesFuzzTest {
  private static final PrivateKey KEY = PrivateKey.ofSeed(new byte[32]);
  private static final PeerId PEER = PeerId.of(KEY.publicKey());

  @FuzzTest
  void identify(byte[] in) {
    IdentifyMessage.decode(in, PEER)
        .ifPresent(message -> {
          assertThat(message.protocols()).hasSizeLessThanOrEqualTo(256);
          assertThat(message.addresses()).hasSizeLessThanOrEqualTo(PeerBook.MAX_ADDRESSES);
          assertThat(message.agentVersion()).matches("[ -~]{0,128}");
          assertThat(IdentifyMessage.decode(message.encode(), PEER)).contains(message);
        });
  }

  /** What anybody may send. */
  @FuzzTest
  void peerRecord(byte[] in) {
    if (PeerRecord.read(in, PEER) instanceof PeerRecord.Reading.Accepted(PeerRecord record)) {
      check(record);
    }
  }

  /** What the peer itself may have signed. */
  @FuzzTest
  void signedPeerRecord(byte[] in) {
    byte[] signed =
        SignedEnvelope.seal(KEY, PeerRecord.DOMAIN, new byte[] {0x03, 0x01}, in).bytes();
    switch (PeerRecord.read(signed, PEER)) {
      case PeerRecord.Reading.Accepted(PeerRecord record) -> check(record);
      case PeerRecord.Reading.Rejected(var rejection, String _) ->
          assertThat(rejection)
              .isIn(
                  PeerRecord.Rejection.TOO_LONG,
                  PeerRecord.Rejection.MALFORMED,
                  PeerRecord.Rejection.OTHER_PEER);
    }
  }

  private static void check(PeerRecord record) {
    assertThat(record.peer()).isEqualTo(PEER);
    assertThat(record.addresses()).hasSizeLessThanOrEqualTo(PeerBook.MAX_ADDRESSES);
    assertThat(PeerRecord.read(record.signed(KEY), PEER))
        .isEqualTo(new PeerRecord.Reading.Accepted(record));
  }
}
