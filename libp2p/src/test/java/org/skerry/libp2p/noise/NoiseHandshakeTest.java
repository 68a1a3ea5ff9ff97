package org.skerry.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.noise.NoiseHandshake.Step;

class NoiseHandshakeTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String YAMUX = "/yamux/1.0.0";

  private final PrivateKey alice = PrivateKey.ofSeed(seed(1));
  private final PrivateKey bob = PrivateKey.ofSeed(seed(2));

  private static byte[] seed(int value) {
    byte[] seed = new byte[32];
    seed[0] = (byte) value;
    return seed;
  }

  private static NoiseHandshake side(
      boolean initiator, PrivateKey key, Optional<PeerId> expected, String... muxers) {
    return new NoiseHandshake(
        initiator, NoiseIdentity.create(key, RANDOM), expected, List.of(muxers));
  }

  /** Runs all three messages; the initiator's last step and the responder's. */
  private static Step[] run(NoiseHandshake initiator, NoiseHandshake responder) {
    Step second = responder.receive(initiator.start().bytes());
    Step third = initiator.receive(((Step.Send) second).message().bytes());
    if (!(third instanceof Step.Finished finished)) {
      return new Step[] {third};
    }
    return new Step[] {third, responder.receive(finished.message().bytes())};
  }

  private static SecureChannel channel(Step step) {
    return ((Step.Finished) step).channel();
  }

  @Test
  void provesBothIdentitiesAndAgreesOnAMuxerEarly() {
    Step[] ends =
        run(
            side(true, alice, Optional.of(PeerId.of(bob.publicKey())), "/other", YAMUX),
            side(false, bob, Optional.empty(), YAMUX, "/third"));
    assertThat(channel(ends[0]).remotePeer()).isEqualTo(PeerId.of(bob.publicKey()));
    assertThat(channel(ends[1]).remotePeer()).isEqualTo(PeerId.of(alice.publicKey()));
    assertThat(channel(ends[0]).muxer()).contains(YAMUX);
    assertThat(channel(ends[1]).muxer()).contains(YAMUX);
  }

  @Test
  void followsTheInitiatorsPreferenceOnBothSides() {
    Step[] ends =
        run(
            side(true, alice, Optional.empty(), "/a", "/b"),
            side(false, bob, Optional.empty(), "/b", "/a"));
    assertThat(channel(ends[0]).muxer()).contains("/a");
    assertThat(channel(ends[1]).muxer()).contains("/a");
  }

  @Test
  void leavesTheMuxerOpenWhenOneSideNamesNone() {
    Step[] ends =
        run(side(true, alice, Optional.empty(), YAMUX), side(false, bob, Optional.empty()));
    assertThat(channel(ends[0]).muxer()).isEmpty();
    assertThat(channel(ends[1]).muxer()).isEmpty();
  }

  @Test
  void refusesAnotherPeerThanTheOneDialled() {
    Step[] ends =
        run(
            side(true, alice, Optional.of(PeerId.of(alice.publicKey()))),
            side(false, bob, Optional.empty()));
    assertRejected(NoiseRejection.WRONG_PEER, ends[0]);
  }

  @Test
  void refusesASignatureOverAnotherStaticKey() throws Exception {
    NoiseIdentity stolen = NoiseIdentity.create(bob, RANDOM);
    NoiseXx impostor =
        new NoiseXx(false, new byte[0], DhKeyPair.generate(RANDOM), DhKeyPair.generate(RANDOM));
    NoiseHandshake initiator = side(true, alice, Optional.empty());
    impostor.readMessage(initiator.start().bytes());
    byte[] payload =
        org.skerry.libp2p.wire.NoiseWire.NoiseHandshakePayload.newBuilder()
            .setIdentityKey(com.google.protobuf.ByteString.copyFrom(stolen.publicKey().encoded()))
            .setIdentitySig(com.google.protobuf.ByteString.copyFrom(stolen.signature()))
            .build()
            .toByteArray();
    assertRejected(NoiseRejection.BAD_SIGNATURE, initiator.receive(impostor.writeMessage(payload)));
  }

  @Test
  void refusesAPayloadThatIsNoProtobufOrCarriesNoKey() throws Exception {
    for (byte[] payload : new byte[][] {{(byte) 0xff, 1, 2}, {}}) {
      NoiseXx responder =
          new NoiseXx(false, new byte[0], DhKeyPair.generate(RANDOM), DhKeyPair.generate(RANDOM));
      NoiseHandshake initiator = side(true, alice, Optional.empty());
      responder.readMessage(initiator.start().bytes());
      assertRejected(
          NoiseRejection.BAD_PAYLOAD, initiator.receive(responder.writeMessage(payload)));
    }
  }

  @Test
  void refusesGarbageInsteadOfAMessage() {
    assertRejected(
        NoiseRejection.TRUNCATED, side(false, bob, Optional.empty()).receive(new byte[31]));
    NoiseHandshake initiator = side(true, alice, Optional.empty());
    initiator.start();
    byte[] garbage = new byte[200];
    RANDOM.nextBytes(garbage);
    assertRejected(NoiseRejection.BAD_TAG, initiator.receive(garbage));
  }

  private static void assertRejected(NoiseRejection rejection, Step step) {
    assertThat(step)
        .isInstanceOfSatisfying(
            Step.Rejected.class, r -> assertThat(r.rejection()).isEqualTo(rejection));
  }
}
