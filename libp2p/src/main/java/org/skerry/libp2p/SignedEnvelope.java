package org.skerry.libp2p;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.skerry.libp2p.crypto.KeyFormatException;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.crypto.PublicKey;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Varint;

/**
 * A payload, its type, and the signature of one key over both under a domain string.
 *
 * <p>Decoding checks form only; {@link #isSignedFor} checks the signature. The signature covers the
 * exact payload bytes that were received.
 *
 * @see <a href="https://github.com/libp2p/specs/blob/master/RFC/0002-signed-envelopes.md">RFC
 *     0002</a>
 */
public final class SignedEnvelope {
  private static final int PUBLIC_KEY_TAG = 0x0a;
  private static final int PAYLOAD_TYPE_TAG = 0x12;
  private static final int PAYLOAD_TAG = 0x1a;
  private static final int SIGNATURE_TAG = 0x2a;

  private final PublicKey signer;
  private final byte[] payloadType;
  private final byte[] payload;
  private final byte[] signature;

  private SignedEnvelope(PublicKey signer, byte[] payloadType, byte[] payload, byte[] signature) {
    this.signer = signer;
    this.payloadType = payloadType;
    this.payload = payload;
    this.signature = signature;
  }

  /** Signs {@code payload} with {@code key} under {@code domain}. */
  public static SignedEnvelope seal(
      PrivateKey key, String domain, byte[] payloadType, byte[] payload) {
    return new SignedEnvelope(
        key.publicKey(),
        payloadType.clone(),
        payload.clone(),
        key.sign(signedBytes(domain, payloadType, payload)));
  }

  /**
   * Decodes an envelope in its deterministic protobuf form: the four fields once each, in order.
   *
   * @throws MultiformatException when the bytes are anything else
   */
  public static SignedEnvelope decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    byte[] key = field(in, PUBLIC_KEY_TAG, "public key");
    byte[] type = field(in, PAYLOAD_TYPE_TAG, "payload type");
    byte[] payload = field(in, PAYLOAD_TAG, "payload");
    byte[] signature = field(in, SIGNATURE_TAG, "signature");
    if (in.hasRemaining()) {
      throw new MultiformatException("signed envelope has " + in.remaining() + " trailing bytes");
    }
    try {
      return new SignedEnvelope(PublicKey.decode(key), type, payload, signature);
    } catch (KeyFormatException e) {
      throw new MultiformatException("signed envelope: " + e.getMessage());
    }
  }

  private static byte[] field(ByteBuffer in, int tag, String name) {
    if (!in.hasRemaining() || in.get() != tag) {
      throw new MultiformatException("signed envelope has no " + name + " in its place");
    }
    int size = Varint.readInt(in, in.capacity());
    if (size > in.remaining()) {
      throw new MultiformatException("signed envelope is truncated in its " + name);
    }
    byte[] out = new byte[size];
    in.get(out);
    return out;
  }

  private static byte[] signedBytes(String domain, byte[] payloadType, byte[] payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part :
        new byte[][] {domain.getBytes(StandardCharsets.UTF_8), payloadType, payload}) {
      Varint.write(out, part.length);
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** Whether the signature holds under {@code domain} and the type is {@code payloadType}. */
  public boolean isSignedFor(String domain, byte[] payloadType) {
    return Arrays.equals(this.payloadType, payloadType)
        && signer.verify(signedBytes(domain, payloadType, payload), signature);
  }

  public PublicKey signer() {
    return signer;
  }

  public byte[] payloadType() {
    return payloadType.clone();
  }

  public byte[] payload() {
    return payload.clone();
  }

  public byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(out, PUBLIC_KEY_TAG, signer.encoded());
    write(out, PAYLOAD_TYPE_TAG, payloadType);
    write(out, PAYLOAD_TAG, payload);
    write(out, SIGNATURE_TAG, signature);
    return out.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, int tag, byte[] value) {
    out.write(tag);
    Varint.write(out, value.length);
    out.writeBytes(value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignedEnvelope that && Arrays.equals(bytes(), that.bytes());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signature);
  }
}
