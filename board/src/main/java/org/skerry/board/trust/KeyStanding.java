package org.skerry.board.trust;

import org.skerry.libp2p.PeerId;

/** Whether a publisher's key is to be believed, and who is to be believed instead. */
public sealed interface KeyStanding {
  /** It speaks for itself. */
  record Current() implements KeyStanding {}

  /** Whoever follows it follows {@code successor} from now on. */
  record Succeeded(PeerId successor) implements KeyStanding {}

  /** Nothing that it says is to be believed. */
  record Revoked(String reason) implements KeyStanding {}

  /**
   * Those who may speak for it contradict themselves, and nobody knows which word is its owner's.
   */
  record Disputed(String why) implements KeyStanding {}
}
