package org.skerry.libp2p;

import java.util.Arrays;
import java.util.Optional;
import org.skerry.libp2p.crypto.KeyFormatException;
import org.skerry.libp2p.crypto.PublicKey;
import org.skerry.libp2p.multiformats.Base58;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * The hash of a peer's public key; keys of at most 42 encoded bytes are carried whole.
 *
 * @see <a href="https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md">peer ids</a>
 */
public record PeerId(Multihash hash) implements Comparable<PeerId> {
  private static final int MAX_INLINE_KEY_BYTES = 42;

  /** The id of the peer that owns {@code key}. */
  public static PeerId of(PublicKey key) {
    byte[] encoded = key.encoded();
    return new PeerId(
        encoded.length <= MAX_INLINE_KEY_BYTES
            ? Multihash.identity(encoded)
            : Multihash.sha256(encoded));
  }

  public static PeerId ofBytes(byte[] bytes) {
    return new PeerId(Multihash.ofBytes(bytes));
  }

  /** Parses the base58 form ({@code 12D3Koo…}, {@code Qm…}) or a CIDv1 with codec libp2p-key. */
  public static PeerId parse(String text) {
    if (text.startsWith("1") || text.startsWith("Qm")) {
      return ofBytes(Base58.decode(text));
    }
    Cid cid = Cid.parse(text);
    if (cid.codec() != Cid.LIBP2P_KEY) {
      throw new MultiformatException("CID '" + text + "' is not a peer id");
    }
    return new PeerId(cid.hash());
  }

  public byte[] bytes() {
    return hash.bytes();
  }

  /** The public key, when it stands inside the id and is one that Skerry can use. */
  public Optional<PublicKey> publicKey() {
    if (hash.code() != Multihash.IDENTITY) {
      return Optional.empty();
    }
    try {
      return Optional.of(PublicKey.decode(hash.digest()));
    } catch (KeyFormatException e) {
      return Optional.empty(); // the id of a peer with another kind of key
    }
  }

  /** The CIDv1 form. */
  public Cid toCid() {
    return new Cid(Cid.LIBP2P_KEY, hash);
  }

  /** The last six characters: enough to tell peers apart in a line for people. */
  public String shortText() {
    String text = toString();
    return text.substring(Math.max(0, text.length() - 6));
  }

  @Override
  public int compareTo(PeerId other) {
    return Arrays.compareUnsigned(bytes(), other.bytes());
  }

  @Override
  public String toString() {
    return Base58.encode(bytes());
  }
}
