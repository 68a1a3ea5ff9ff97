package org.skerry.board.document;

import org.skerry.libp2p.multiformats.Cid;

/** A document that stands on the board of one unit. */
public sealed interface UnitDocument extends Document
    permits Claim, WeightManifest, Attestation, Withdrawal {
  /** The task's id. */
  Cid task();

  /** The unit's index; {@link Withdrawal#WHOLE_TASK} fits every unit. */
  int unit();

  /** Grows with everything its signer says under the same key of the board. */
  long sequence();

  /** The signer's clock. */
  long issuedAtMs();
}
