package org.skerry.board.document;

import org.skerry.libp2p.PeerId;

/**
 * Something about a publisher's key that outlasts the key. Its signer is the key itself, or the
 * recovery key that the publisher named while the key was his alone; see docs/PROTOCOL.md, section
 * 4.7.
 */
public sealed interface KeyStatement extends Document permits Recovery, Succession, Revocation {
  /** The key that is spoken of. */
  PeerId key();

  /** The signer's clock; for people, since a thief writes what he likes. */
  long issuedAtMs();
}
