package org.skerry.libp2p.noise;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PublicKey;
import org.skerry.libp2p.wire.NoiseWire.NoiseExtensions;
import org.skerry.libp2p.wire.NoiseWire.NoiseHandshakePayload;

/**
 * One side of a libp2p Noise handshake, without any IO: messages in, {@link Step}s out.
 *
 * <pre>
 * initiator: start() → Send(1);  receive(2) → Finished(3)
 * responder:                     receive(1) → Send(2);  receive(3) → Finished(nothing)
 * </pre>
 *
 * <p>Messages 2 and 3 carry the signed payload; message 1 carries none, because nothing encrypts
 * it. After a Rejected or Finished the handshake is over.
 */
public final class NoiseHandshake {
  private static final byte[] NOTHING = {};

  /** More than any libp2p implementation has; a longer list is cut. */
  private static final int MAX_MUXERS = 16;

  /** What to do next. */
  public sealed interface Step {
    /** Send {@code message} and wait for an answer. */
    record Send(Message message) implements Step {}

    /** Send {@code message} unless it is empty; the channel is ready. */
    record Finished(Message message, SecureChannel channel) implements Step {}

    /** Close the connection. */
    record Rejected(NoiseRejection rejection, String detail) implements Step {}
  }

  /** The bytes of one handshake message. */
  public static final class Message {
    private final byte[] bytes;

    Message(byte[] bytes) {
      this.bytes = bytes;
    }

    public byte[] bytes() {
      return bytes.clone();
    }
  }

  private final boolean initiator;
  private final NoiseIdentity identity;
  private final Optional<PeerId> expected;
  private final List<String> muxers;
  private final NoiseXx noise;

  /**
   * @param expected the peer that was dialled; any other fails with {@code WRONG_PEER}
   * @param muxers this side's stream muxers, the preferred first
   */
  public NoiseHandshake(
      boolean initiator, NoiseIdentity identity, Optional<PeerId> expected, List<String> muxers) {
    this.initiator = initiator;
    this.identity = identity;
    this.expected = expected;
    this.muxers = List.copyOf(muxers);
    this.noise = new NoiseXx(initiator, NOTHING, identity.staticKey(), identity.newEphemeral());
  }

  /** The initiator's first message. */
  public Message start() {
    try {
      return new Message(noise.writeMessage(NOTHING));
    } catch (NoiseException e) {
      throw new IllegalStateException("the first message uses no key of the other side", e);
    }
  }

  public Step receive(byte[] message) {
    try {
      byte[] payload = noise.readMessage(message);
      if (!initiator && !noise.isComplete()) {
        return new Step.Send(new Message(noise.writeMessage(payload())));
      }
      NoiseHandshakePayload remote = parse(payload);
      PeerId peer = authenticate(remote);
      byte[] last = initiator ? noise.writeMessage(payload()) : NOTHING;
      CipherState[] ciphers = noise.split();
      return new Step.Finished(
          new Message(last),
          new SecureChannel(peer, muxer(remote.getExtensions()), ciphers[0], ciphers[1]));
    } catch (NoiseException e) {
      return new Step.Rejected(e.rejection(), String.valueOf(e.getMessage()));
    }
  }

  private byte[] payload() {
    return NoiseHandshakePayload.newBuilder()
        .setIdentityKey(ByteString.copyFrom(identity.publicKey().encoded()))
        .setIdentitySig(ByteString.copyFrom(identity.signature()))
        .setExtensions(NoiseExtensions.newBuilder().addAllStreamMuxers(muxers))
        .build()
        .toByteArray();
  }

  private static NoiseHandshakePayload parse(byte[] payload) throws NoiseException {
    try {
      return NoiseHandshakePayload.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new NoiseException(
          NoiseRejection.BAD_PAYLOAD, "the handshake payload is no protobuf: " + e.getMessage());
    }
  }

  private PeerId authenticate(NoiseHandshakePayload remote) throws NoiseException {
    PublicKey key;
    try {
      key = PublicKey.decode(remote.getIdentityKey().toByteArray());
    } catch (IllegalArgumentException e) {
      throw new NoiseException(
          NoiseRejection.BAD_PAYLOAD, "the other side's identity: " + e.getMessage());
    }
    byte[] signed = NoiseIdentity.signedBytes(noise.remoteStatic());
    if (!key.verify(signed, remote.getIdentitySig().toByteArray())) {
      throw new NoiseException(
          NoiseRejection.BAD_SIGNATURE, "the identity key did not sign the static key");
    }
    PeerId peer = PeerId.of(key);
    if (expected.isPresent() && !expected.get().equals(peer)) {
      throw new NoiseException(
          NoiseRejection.WRONG_PEER, "the other side is " + peer + ", not " + expected.get());
    }
    return peer;
  }

  private Optional<String> muxer(NoiseExtensions remote) {
    List<String> theirs = remote.getStreamMuxersList();
    theirs = theirs.subList(0, Math.min(theirs.size(), MAX_MUXERS));
    List<String> preferred = initiator ? muxers : theirs;
    List<String> other = initiator ? theirs : muxers;
    return preferred.stream().filter(other::contains).findFirst();
  }
}
