package org.skerry.libp2p.host;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.multistream.Negotiation;

/**
 * A stream whose protocol is chosen, or proposed and certain enough that its writer need not wait:
 * then the answer is read before the first byte, and {@code na} fails that read with
 * PROTOCOL_UNSUPPORTED.
 */
final class NegotiatedStream implements Stream {
  private final MuxedStream raw;
  private final String protocol;
  private final BandwidthMeter.Counts bytes;
  private final Runnable unsupported;
  private final Object answerLock = new Object();
  private volatile @Nullable Negotiation unanswered;

  private NegotiatedStream(
      MuxedStream raw,
      String protocol,
      BandwidthMeter.Counts bytes,
      @Nullable Negotiation unanswered,
      Runnable unsupported) {
    this.raw = raw;
    this.protocol = protocol;
    this.bytes = bytes;
    this.unanswered = unanswered;
    this.unsupported = unsupported;
  }

  /**
   * @param bytes where what it carries is counted
   */
  static NegotiatedStream chosen(MuxedStream raw, String protocol, BandwidthMeter.Counts bytes) {
    return new NegotiatedStream(raw, protocol, bytes, null, () -> {});
  }

  /**
   * @param bytes where what it carries is counted
   * @param unsupported called when the other side turns out not to speak the protocol
   */
  static NegotiatedStream optimistic(
      MuxedStream raw,
      String protocol,
      BandwidthMeter.Counts bytes,
      Negotiation started,
      Runnable unsupported) {
    return new NegotiatedStream(raw, protocol, bytes, started, unsupported);
  }

  private void answered() throws Libp2pException {
    if (unanswered == null) {
      return;
    }
    synchronized (answerLock) {
      Negotiation negotiation = unanswered;
      if (negotiation == null) {
        return;
      }
      try {
        raw.deadline(raw.timeout());
        StreamNegotiation.finish(negotiation, raw);
        raw.noDeadline();
        unanswered = null;
      } catch (Libp2pException e) {
        if (e.reason() == Libp2pException.Reason.PROTOCOL_UNSUPPORTED) {
          unsupported.run();
        }
        raw.reset();
        throw e;
      }
    }
  }

  @Override
  public PeerId remotePeer() {
    return raw.remotePeer();
  }

  @Override
  public Connection connection() {
    return raw.connection();
  }

  @Override
  public String protocol() {
    return protocol;
  }

  @Override
  public void timeout(Duration limit) {
    raw.timeout(limit);
  }

  @Override
  public int read(ByteBuffer into) throws Libp2pException {
    answered();
    int size = raw.read(into);
    bytes.received(Math.max(0, size));
    return size;
  }

  @Override
  public void write(ByteBuffer from) throws Libp2pException {
    int size = from.remaining();
    try {
      raw.write(from);
    } finally {
      bytes.sent(size - from.remaining());
    }
  }

  @Override
  public void closeWrite() throws Libp2pException {
    raw.closeWrite();
  }

  @Override
  public void reset() {
    raw.reset();
  }

  @Override
  public void close() {
    if (unanswered != null && !raw.isOver()) {
      // An answer left unread would turn this close into a reset of what was written.
      try {
        raw.closeWrite();
        answered();
      } catch (Libp2pException e) {
        return; // answered() has reset the stream
      }
    }
    raw.close();
  }
}
