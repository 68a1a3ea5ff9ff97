package org.skerry.libp2p.noise;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The XX handshake of {@code Noise_XX_25519_ChaChaPoly_SHA256}, without any idea of libp2p.
 *
 * <pre>
 * message 1, initiator: e
 * message 2, responder: e, ee, s, es
 * message 3, initiator: s, se          then both split
 * </pre>
 */
final class NoiseXx {
  private static final String PROTOCOL = "Noise_XX_25519_ChaChaPoly_SHA256";
  private static final int SEALED_KEY_BYTES = DhKeyPair.KEY_BYTES + CipherState.TAG_BYTES;

  private final boolean initiator;
  private final SymmetricState state;
  private final DhKeyPair staticKey;
  private final DhKeyPair ephemeral;
  private byte @Nullable [] remoteEphemeral;
  private byte @Nullable [] remoteStatic;
  private int messages;

  NoiseXx(boolean initiator, byte[] prologue, DhKeyPair staticKey, DhKeyPair ephemeral) {
    this.initiator = initiator;
    this.state = new SymmetricState(PROTOCOL, prologue);
    this.staticKey = staticKey;
    this.ephemeral = ephemeral;
  }

  boolean isComplete() {
    return messages == 3;
  }

  byte[] handshakeHash() {
    return state.hash();
  }

  byte[] remoteStatic() {
    return known(remoteStatic);
  }

  byte[] writeMessage(byte[] payload) throws NoiseException {
    requireTurn(true);
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    switch (messages++) {
      case 0 -> writeEphemeral(out);
      case 1 -> {
        writeEphemeral(out);
        state.mixKey(ephemeral.agree(known(remoteEphemeral))); // ee
        out.writeBytes(state.encryptAndHash(staticKey.publicKey()));
        state.mixKey(staticKey.agree(known(remoteEphemeral))); // es
      }
      default -> {
        out.writeBytes(state.encryptAndHash(staticKey.publicKey()));
        state.mixKey(staticKey.agree(known(remoteEphemeral))); // se
      }
    }
    out.writeBytes(state.encryptAndHash(payload));
    return out.toByteArray();
  }

  /** Returns the payload of {@code message}. */
  byte[] readMessage(byte[] message) throws NoiseException {
    requireTurn(false);
    int payloadAt;
    switch (messages++) {
      case 0 -> payloadAt = readEphemeral(message);
      case 1 -> {
        int at = readEphemeral(message);
        state.mixKey(ephemeral.agree(known(remoteEphemeral))); // ee
        payloadAt = readStatic(message, at);
        state.mixKey(ephemeral.agree(known(remoteStatic))); // es
      }
      default -> {
        payloadAt = readStatic(message, 0);
        state.mixKey(ephemeral.agree(known(remoteStatic))); // se
      }
    }
    return state.decryptAndHash(Arrays.copyOfRange(message, payloadAt, message.length));
  }

  /** The ciphers of a finished handshake: first the one this side sends with. */
  CipherState[] split() {
    if (!isComplete()) {
      throw new IllegalStateException("split after " + messages + " of 3 messages");
    }
    CipherState[] ciphers = state.split();
    return initiator ? ciphers : new CipherState[] {ciphers[1], ciphers[0]};
  }

  private void requireTurn(boolean writing) {
    boolean initiatorsTurn = messages % 2 == 0;
    if (isComplete() || initiatorsTurn != (initiator == writing)) {
      throw new IllegalStateException(
          (writing ? "write" : "read") + " out of turn after " + messages + " messages");
    }
  }

  private void writeEphemeral(ByteArrayOutputStream out) {
    byte[] key = ephemeral.publicKey();
    out.writeBytes(key);
    state.mixHash(key);
  }

  private int readEphemeral(byte[] message) throws NoiseException {
    byte[] key = slice(message, 0, DhKeyPair.KEY_BYTES);
    remoteEphemeral = key;
    state.mixHash(key);
    return DhKeyPair.KEY_BYTES;
  }

  private int readStatic(byte[] message, int at) throws NoiseException {
    remoteStatic = state.decryptAndHash(slice(message, at, SEALED_KEY_BYTES));
    return at + SEALED_KEY_BYTES;
  }

  private static byte[] slice(byte[] message, int at, int size) throws NoiseException {
    if (message.length - at < size) {
      throw new NoiseException(
          NoiseRejection.TRUNCATED, "a handshake message of " + message.length + " bytes");
    }
    return Arrays.copyOfRange(message, at, at + size);
  }

  private static byte[] known(byte @Nullable [] key) {
    if (key == null) {
      throw new IllegalStateException("the other side's key is not known yet");
    }
    return key;
  }
}
