package org.skerry.libp2p.host;

import java.util.concurrent.CompletableFuture;
import org.skerry.libp2p.PeerId;

/** What makes streams of one connection: Yamux over a secured channel, or QUIC. Thread-safe. */
interface Muxer {
  PeerId remotePeer();

  /** Opens a stream as soon as the limits let it; cancel the future to give up. */
  CompletableFuture<MuxedStream> open();

  /** Whether either side has said that it takes no new streams. */
  boolean isGoingAway();

  /** New streams go elsewhere: the connection closes when the last of its streams has. */
  void closeWhenIdle();

  /** How long there has been no stream; 0 while there is one. */
  long idleNanos(long nowNanos);

  void closeLater();
}
