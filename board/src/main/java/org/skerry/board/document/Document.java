package org.skerry.board.document;

import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;

/** What one peer says under its signature. */
public sealed interface Document permits TaskCharter, Catalog, Consent, KeyStatement, UnitDocument {

  /** The only schema version so far; a payload of any other is refused as such. */
  int SCHEMA_VERSION = 1;

  /** Who says it; must own the envelope's key. */
  PeerId signer();

  /** The payload. */
  Value toValue();
}
