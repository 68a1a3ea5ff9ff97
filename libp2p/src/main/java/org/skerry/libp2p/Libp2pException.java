package org.skerry.libp2p;

import java.io.IOException;

/** Why a libp2p operation did not succeed. Peers' misbehaviour inside the stack is counted. */
public final class Libp2pException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What a program can switch on. */
  public enum Reason {
    /** No address of the peer could be reached. */
    UNREACHABLE,
    /** A time limit passed. */
    TIMEOUT,
    /** The secure channel failed, or proved another identity than the one dialled. */
    HANDSHAKE_FAILED,
    /** The other side has not shown that it is in this host's private network. */
    WRONG_NETWORK,
    /** This host's block list has the other side. */
    BLOCKED,
    /** The other side speaks none of the protocols that were offered. */
    PROTOCOL_UNSUPPORTED,
    /** The other side broke a protocol's rules. */
    PROTOCOL_VIOLATION,
    /** The stream was reset by either side. */
    STREAM_RESET,
    /** The connection or the host is closed. */
    CLOSED,
    /** A limit on connections, streams or memory refused it. */
    LIMIT_EXCEEDED,
    /** A listen address cannot be bound. */
    ADDRESS_IN_USE
  }

  private final Reason reason;

  public Libp2pException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Libp2pException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
