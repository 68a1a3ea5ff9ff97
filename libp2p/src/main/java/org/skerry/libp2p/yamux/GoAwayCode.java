package org.skerry.libp2p.yamux;

/** Why a session ends, as its GO_AWAY frame says it. */
public enum GoAwayCode {
  NORMAL,
  PROTOCOL_ERROR,
  INTERNAL_ERROR;

  /** The code of a received frame; one that no version defines counts as an internal error. */
  static GoAwayCode of(int wire) {
    return wire >= 0 && wire < values().length ? values()[wire] : INTERNAL_ERROR;
  }
}
