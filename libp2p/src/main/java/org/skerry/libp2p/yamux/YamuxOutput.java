package org.skerry.libp2p.yamux;

import io.netty.buffer.ByteBuf;

/**
 * What a {@link YamuxSession} asks of its driver. Called on the session's owner, during one of the
 * session's methods; an implementation may call back into the session (not into {@code receive}).
 */
public interface YamuxOutput {
  /** Sends one whole frame; frames go out in the order of these calls. Owns {@code frame}. */
  void frame(ByteBuf frame);

  /** The remote opened {@code stream}. */
  void opened(int stream);

  /**
   * Bytes arrived, at least one. Owns {@code bytes}, which are cheap to keep: never a small slice
   * of a large buffer. A peer may still send byte by byte, so whoever queues should coalesce. Every
   * byte must come back through {@link YamuxSession#consumed} once the application has it.
   */
  void data(int stream, ByteBuf bytes);

  /** A {@code write} that came short may be tried again. */
  void writable(int stream);

  /** The remote has closed its writing half: no data follows on {@code stream}. */
  void remoteClosed(int stream);

  /** The remote reset {@code stream}; the session has forgotten it and its unread bytes. */
  void reset(int stream);

  /** An {@code openStream} refused for a full backlog or too many streams may be tried again. */
  void openable();

  /** The remote opens and accepts no more streams; those that are open go on. */
  void remoteGoingAway();

  /**
   * The session is over, and with it every stream; the connection should be closed. Called once.
   */
  void failed(YamuxFailure failure);
}
