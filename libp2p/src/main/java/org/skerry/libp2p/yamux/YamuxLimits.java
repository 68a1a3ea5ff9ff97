package org.skerry.libp2p.yamux;

/**
 * What one session may hold.
 *
 * @param maxInboundStreams streams the remote may have open at once; further ones are reset
 * @param maxOutboundStreams streams this side may have open at once
 * @param maxUnackedStreams streams this side may have opened that the remote has not acknowledged
 * @param maxWindowBytes how far one stream's receive window may grow
 * @param maxBufferedBytes bytes received and not yet consumed, over all streams; also bounds the
 *     sum of the windows beyond their first 256 KiB
 * @param maxFrameBytes longest payload of an inbound data frame; handed on as it comes, never
 *     assembled, and some peers fill a whole window with one frame
 * @param controlFramesPerSecond pings, refused streams and remote resets together, which cost this
 *     side work without taking a window
 * @param keepAliveNanos silence after which a ping is sent
 * @param deadAfterNanos silence after an unanswered ping that ends the session
 */
public record YamuxLimits(
    int maxInboundStreams,
    int maxOutboundStreams,
    int maxUnackedStreams,
    int maxWindowBytes,
    long maxBufferedBytes,
    int maxFrameBytes,
    int controlFramesPerSecond,
    long keepAliveNanos,
    long deadAfterNanos) {

  public static final YamuxLimits DEFAULT =
      new YamuxLimits(
          1024, 1024, 256, 16 << 20, 64L << 20, 16 << 20, 1024, 30_000_000_000L, 30_000_000_000L);

  public YamuxLimits {
    atLeast("maxInboundStreams", maxInboundStreams, 0);
    atLeast("maxOutboundStreams", maxOutboundStreams, 0);
    atLeast("maxUnackedStreams", maxUnackedStreams, 1);
    atLeast("maxWindowBytes", maxWindowBytes, YamuxFrame.INITIAL_WINDOW_BYTES);
    atLeast("maxBufferedBytes", maxBufferedBytes, YamuxFrame.INITIAL_WINDOW_BYTES);
    atLeast("maxFrameBytes", maxFrameBytes, 1);
    atLeast("controlFramesPerSecond", controlFramesPerSecond, 1);
    atLeast("keepAliveNanos", keepAliveNanos, 1);
    atLeast("deadAfterNanos", deadAfterNanos, 1);
  }

  private static void atLeast(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " " + value + " is below " + least);
    }
  }
}
