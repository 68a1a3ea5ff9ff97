package org.skerry.libp2p.yamux;

/**
 * Why a session failed.
 *
 * @param code what the GO_AWAY frame said, sent or received
 * @param message one line for a log
 */
public record YamuxFailure(Reason reason, GoAwayCode code, String message) {
  /** What a program can switch on, and metrics count. */
  public enum Reason {
    BAD_VERSION,
    BAD_TYPE,
    BAD_FLAGS,
    /** Stream 0 in a stream's frame, or another in a session's frame. */
    BAD_STREAM_ID,
    /** The remote opened a stream with an id of this side's parity. */
    WRONG_PARITY,
    DUPLICATE_SYN,
    /** A frame for a stream that nobody has ever opened. */
    UNKNOWN_STREAM,
    DATA_AFTER_FIN,
    FRAME_TOO_LONG,
    /** More data than the receive window allows. */
    WINDOW_EXCEEDED,
    /** Window updates beyond 2^32 - 1. */
    WINDOW_OVERFLOW,
    /** More unread data over all streams than {@link YamuxLimits#maxBufferedBytes()}. */
    BUFFER_FULL,
    /** More than {@link YamuxLimits#controlFramesPerSecond()}. */
    CONTROL_FLOOD,
    KEEP_ALIVE_TIMEOUT,
    /** The remote ended the session with an error code. */
    REMOTE_GO_AWAY,
    /** This side ended the session with an error code. */
    LOCAL_GO_AWAY
  }
}
