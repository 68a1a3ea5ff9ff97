package org.skerry.transfer;

import org.skerry.libp2p.PeerId;

/** Whom chunks are fetched from. */
public sealed interface SourceId {
  /** A peer that speaks the blob protocol. */
  record Peer(PeerId id) implements SourceId {
    @Override
    public String toString() {
      return "peer " + id;
    }
  }

  /** A folder on a web server. */
  record Web(WebSeed seed) implements SourceId {
    @Override
    public String toString() {
      return "web seed " + seed;
    }
  }

  /** Who pays for what comes: all folders of a web server share what one peer may take. */
  default SourceId payer() {
    return switch (this) {
      case Peer peer -> peer;
      case Web web -> new Web(web.seed().server());
    };
  }
}
