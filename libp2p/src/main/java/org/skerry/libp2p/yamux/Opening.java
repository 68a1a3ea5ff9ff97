package org.skerry.libp2p.yamux;

/** What came of opening a stream. */
public sealed interface Opening {
  /** The stream is open and may be written to. */
  record Opened(int stream) implements Opening {}

  record Refused(Refusal refusal) implements Opening {}

  /** Why no stream was opened. */
  enum Refusal {
    /** Too many streams wait for the remote's ACK; {@link YamuxOutput#openable()} follows. */
    ACK_BACKLOG_FULL,
    /** {@link YamuxLimits#maxOutboundStreams()}; {@link YamuxOutput#openable()} follows. */
    TOO_MANY_STREAMS,
    /** Either side said GO_AWAY, or the session failed. */
    GOING_AWAY,
    /** All 2^31 ids of this side are used. */
    IDS_EXHAUSTED
  }
}
