package org.skerry.libp2p.autonat;

import org.skerry.libp2p.Multiaddr;

/** What came of asking one server to dial this host. */
public sealed interface Verdict {
  /** The server dialled {@code address} and proved it with the nonce. */
  record Reachable(Multiaddr address) implements Verdict {}

  /** The server, which speaks version 1, says that it dialled {@code address}. */
  record Claimed(Multiaddr address) implements Verdict {}

  /** The server says that it could not dial {@code address}. */
  record Unreachable(Multiaddr address) implements Verdict {}

  /** The server did not try, or did not prove what it says. */
  record Undecided(String why) implements Verdict {}
}
