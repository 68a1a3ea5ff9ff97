package org.skerry.libp2p.noise;

/** Why a Noise channel was refused; metrics count these. */
public enum NoiseRejection {
  /** A message is shorter than its pattern demands. */
  TRUNCATED,
  /** A ciphertext does not authenticate: tampering, another key, or garbage. */
  BAD_TAG,
  /** A Diffie-Hellman result is all zero: the other side sent a point of low order. */
  WEAK_KEY,
  /** The handshake payload is not the protobuf it should be. */
  BAD_PAYLOAD,
  /** The identity key did not sign the static key. */
  BAD_SIGNATURE,
  /** The other side proved an identity, but not the one that was dialled. */
  WRONG_PEER,
  /** The channel has used up its nonces. */
  EXHAUSTED
}
