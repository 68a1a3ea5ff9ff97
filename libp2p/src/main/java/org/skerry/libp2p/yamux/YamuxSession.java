package org.skerry.libp2p.yamux;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.yamux.Opening.Refusal;
import org.skerry.libp2p.yamux.YamuxFailure.Reason;

/**
 * One side of a Yamux session. It has no channel, thread or clock: bytes and times (of one
 * monotonic clock, such as {@link System#nanoTime}) go in, frames and events come out of {@link
 * YamuxOutput}. <b>Owned by one event loop</b>, which makes every call.
 *
 * <p>Streams are named by their ids; a stream that both sides have closed, or either has reset, is
 * forgotten, and later calls for it do nothing ({@code write} returns {@link #GONE}).
 *
 * <pre>
 * stream state   event                      becomes          frames and events
 * ------------   ------------------------   --------------   -----------------------------------
 * (none)         openStream                 OPEN             → WINDOW_UPDATE+SYN
 * (none)         SYN, below the limit       OPEN             opened
 * (none)         SYN, above it or going away (none)          → WINDOW_UPDATE+RST
 * OPEN           write                      OPEN             → DATA (ACK on the first of an inbound)
 * OPEN           closeWrite                 LOCAL_CLOSED     → [WINDOW_UPDATE+ACK] WINDOW_UPDATE+FIN
 * OPEN           FIN                        REMOTE_CLOSED    remoteClosed
 * LOCAL_CLOSED   DATA                       LOCAL_CLOSED     data; consumed → WINDOW_UPDATE
 * LOCAL_CLOSED   FIN                        CLOSED           remoteClosed
 * REMOTE_CLOSED  write                      REMOTE_CLOSED    → DATA
 * REMOTE_CLOSED  DATA                       session fails    → GO_AWAY, failed
 * REMOTE_CLOSED  WINDOW_UPDATE              REMOTE_CLOSED    [writable]
 * REMOTE_CLOSED  closeWrite                 CLOSED           → [WINDOW_UPDATE+ACK] WINDOW_UPDATE+FIN
 * CLOSED         all bytes consumed         (none)
 * any            RST                        (none)           reset
 * any            reset                      (none)           → WINDOW_UPDATE+RST
 * (none)         DATA, WINDOW_UPDATE        (none)           ignored: they crossed our RST or FIN
 * never opened   any but SYN                session fails    → GO_AWAY, failed
 * </pre>
 *
 * <p>Receive windows start at 256 KiB, are refilled when half of one has been <em>consumed</em>,
 * and double, while the limits allow, whenever a refill comes due within four round trips of the
 * last.
 *
 * <p>Replies that the remote can provoke without a window (pongs, resets of refused streams) are
 * bounded by {@link YamuxLimits#controlFramesPerSecond()}; a driver still needs a write time-out
 * against a remote that sends and never reads.
 *
 * @see <a href="https://github.com/hashicorp/yamux/blob/master/spec.md">the specification</a>
 * @see <a href="https://github.com/libp2p/specs/blob/master/yamux/README.md">libp2p's additions</a>
 */
public final class YamuxSession {
  /** What {@code write} returns for a stream that is no more. */
  public static final int GONE = -1;

  /** With its header, just what one Noise message can carry. */
  public static final int MAX_PAYLOAD_BYTES = 65_519 - YamuxFrame.HEADER_BYTES;

  /** By how much the window of a stream that this side opens is wider. */
  private static final int FRAMING_BYTES = 64 << 10;

  private final ByteBufAllocator buffers;
  private final YamuxLimits limits;
  private final YamuxOutput output;
  private final FrameReader reader = new FrameReader(new Frames());
  private final StreamTable streams;
  private final ReceiveBudget received;
  private final RateBudget controlFrames;
  private final KeepAlive keepAlive;

  private boolean localGoAway;
  private boolean remoteGoAway;
  private @Nullable YamuxFailure failure;

  /**
   * @param client whether this side dialled; it then opens the odd stream ids
   * @param nowNanos the time now
   */
  public YamuxSession(
      boolean client,
      YamuxLimits limits,
      ByteBufAllocator buffers,
      YamuxOutput output,
      long nowNanos) {
    this.limits = limits;
    this.buffers = buffers;
    this.output = output;
    this.streams = new StreamTable(client, limits);
    this.received = new ReceiveBudget(limits);
    this.controlFrames = new RateBudget(limits.controlFramesPerSecond(), nowNanos);
    this.keepAlive = new KeepAlive(limits, nowNanos);
  }

  /**
   * Opens a stream; the remote learns of it at once, its handler with the first data. The window is
   * wider than what both sides begin with: an answer of 256 KiB and its framing would wait a round
   * trip for its last bytes.
   */
  public Opening openStream(long nowNanos) {
    if (failure != null || localGoAway || remoteGoAway) {
      return new Opening.Refused(Refusal.GOING_AWAY);
    }
    Optional<Refusal> refusal = streams.refusal();
    if (refusal.isPresent()) {
      return new Opening.Refused(refusal.get());
    }
    YamuxStream stream = streams.open(nowNanos);
    received.grow(stream, FRAMING_BYTES);
    control(YamuxFrame.WINDOW_UPDATE, YamuxFrame.SYN, stream.id, stream.refill(nowNanos));
    return new Opening.Opened(stream.id);
  }

  /**
   * Sends as much of {@code data} as the stream's window takes and advances its reader index by
   * that; {@code data} stays the caller's, and its bytes must not change until they are sent. After
   * a short write {@link YamuxOutput#writable} says when to go on. Nothing is queued here; a driver
   * also waits for its own channel, since a remote may open windows without end and never read.
   *
   * @return the number of bytes taken, or {@link #GONE}
   * @throws IllegalStateException when this side has closed its writing half
   */
  public int write(int id, ByteBuf data) {
    YamuxStream stream = streams.get(id);
    if (stream == null) {
      return GONE;
    }
    if (stream.localClosed) {
      throw new IllegalStateException("write after closeWrite on stream " + id);
    }
    int accepted = 0;
    while (data.isReadable() && streams.contains(stream)) {
      int size = stream.takeSendWindow(Math.min(data.readableBytes(), MAX_PAYLOAD_BYTES));
      if (size == 0) {
        stream.writeBlocked = true;
        break;
      }
      accepted += size;
      ByteBuf payload = data.readRetainedSlice(size);
      output.frame(YamuxFrame.data(buffers, ack(stream), id, payload));
    }
    return accepted;
  }

  /** The application has taken {@code bytes} of the stream's data: the window may open again. */
  public void consumed(int id, int bytes, long nowNanos) {
    YamuxStream stream = streams.get(id);
    if (stream == null) {
      return;
    }
    stream.consumed(bytes);
    received.consumed(bytes);
    if (stream.remoteClosed) {
      forgetIfDone(stream);
    } else if (stream.updateDue()) {
      received.grow(stream, nowNanos, keepAlive.rttNanos());
      control(YamuxFrame.WINDOW_UPDATE, ack(stream), id, stream.refill(nowNanos));
    }
  }

  /** Ends this side's writing half; a second call does nothing. */
  public void closeWrite(int id) {
    YamuxStream stream = streams.get(id);
    if (stream == null || stream.localClosed) {
      return;
    }
    stream.localClosed = true;
    int ack = ack(stream);
    if (ack != 0) { // some peers take a frame with both flags for one or the other
      control(YamuxFrame.WINDOW_UPDATE, ack, id, 0);
    }
    control(YamuxFrame.WINDOW_UPDATE, YamuxFrame.FIN, id, 0);
    forgetIfDone(stream);
  }

  /** Ends both halves at once; unread data counts as consumed, later data is dropped. */
  public void reset(int id) {
    YamuxStream stream = streams.get(id);
    if (stream == null) {
      return;
    }
    boolean remoteKnowsItClosed = stream.localClosed && stream.remoteClosed;
    forget(stream);
    if (!remoteKnowsItClosed) {
      control(YamuxFrame.WINDOW_UPDATE, YamuxFrame.RST, id, 0);
    }
    openable();
  }

  /** Measures the round trip, unless a measurement is under way. */
  public void ping(long nowNanos) {
    if (failure == null && !keepAlive.waiting()) {
      control(YamuxFrame.PING, YamuxFrame.SYN, 0, keepAlive.start(nowNanos));
    }
  }

  /**
   * Says that no more streams will be opened or accepted. With {@link GoAwayCode#NORMAL} those that
   * are open go on, and the driver closes the connection when it likes; with another code the
   * session fails now.
   */
  public void goAway(GoAwayCode code) {
    if (failure != null) {
      return;
    }
    if (code != GoAwayCode.NORMAL) {
      fail(Reason.LOCAL_GO_AWAY, code, "closed by this side with " + code);
    } else if (!localGoAway) {
      localGoAway = true;
      control(YamuxFrame.GO_AWAY, 0, 0, code.ordinal());
    }
  }

  /** To be called about once a second: sends the first ping and keep-alives, notices silence. */
  public void tick(long nowNanos) {
    if (failure != null) {
      return;
    }
    if (keepAlive.dead(nowNanos)) {
      fail(Reason.KEEP_ALIVE_TIMEOUT, GoAwayCode.INTERNAL_ERROR, "no answer to a keep-alive ping");
    } else if (keepAlive.pingDue(nowNanos)) {
      ping(nowNanos);
    }
  }

  /** Handles all readable bytes of {@code in}, which stays the caller's to release. */
  public void receive(ByteBuf in, long nowNanos) {
    keepAlive.heard(nowNanos);
    reader.read(in, nowNanos);
  }

  /** The shortest measured round trip. */
  public OptionalLong rttNanos() {
    return keepAlive.rttNanos();
  }

  /** Streams that are not yet closed on both sides and consumed. */
  public int openStreams() {
    return streams.size();
  }

  /** Bytes received, over all streams, and not yet consumed. */
  public long bufferedBytes() {
    return received.bufferedBytes();
  }

  /** Why the session ended, if it did. */
  public Optional<YamuxFailure> failure() {
    return Optional.ofNullable(failure);
  }

  /** What arrives, frame by frame. */
  private final class Frames implements FrameReader.Sink {
    @Override
    public void header(YamuxFrame frame, long nowNanos) {
      if (frame.version() != 0) {
        violation(Reason.BAD_VERSION, "version " + frame.version());
      } else if ((frame.flags() & ~YamuxFrame.ALL_FLAGS) != 0) {
        violation(Reason.BAD_FLAGS, "flags 0x" + Integer.toHexString(frame.flags()));
      } else {
        switch (frame.type()) {
          case YamuxFrame.DATA, YamuxFrame.WINDOW_UPDATE -> streamFrame(frame, nowNanos);
          case YamuxFrame.PING, YamuxFrame.GO_AWAY -> sessionFrame(frame, nowNanos);
          default -> violation(Reason.BAD_TYPE, "frame type " + frame.type());
        }
      }
    }

    @Override
    public void payload(YamuxFrame frame, ByteBuf in, int size) {
      if (streams.get(frame.stream()) != null) {
        output.data(frame.stream(), take(in, size));
      } else {
        in.skipBytes(size);
      }
    }

    /** FIN and RST count after everything else in their frame. */
    @Override
    public void end(YamuxFrame frame, long nowNanos) {
      YamuxStream stream = streams.get(frame.stream());
      if (stream == null) {
        return;
      }
      if (frame.has(YamuxFrame.RST)) {
        if (spendControlFrame(nowNanos)) {
          forget(stream);
          output.reset(stream.id);
          openable();
        }
      } else if (frame.has(YamuxFrame.FIN) && !stream.remoteClosed) {
        stream.remoteClosed = true;
        output.remoteClosed(stream.id);
        forgetIfDone(stream);
      }
    }

    @Override
    public boolean isOver() {
      return failure != null;
    }
  }

  private void sessionFrame(YamuxFrame frame, long nowNanos) {
    if (frame.stream() != 0) {
      violation(Reason.BAD_STREAM_ID, "a session frame for stream " + frame.unsignedStream());
    } else if (frame.type() == YamuxFrame.GO_AWAY) {
      remoteGoAway(GoAwayCode.of(frame.length()));
    } else if (!frame.has(YamuxFrame.SYN)) {
      keepAlive.pong(frame.length(), nowNanos);
    } else if (spendControlFrame(nowNanos)) {
      control(YamuxFrame.PING, YamuxFrame.ACK, 0, frame.length());
    }
  }

  private void remoteGoAway(GoAwayCode code) {
    if (code != GoAwayCode.NORMAL) {
      end(
          new YamuxFailure(Reason.REMOTE_GO_AWAY, code, "closed by the remote with " + code),
          false);
    } else if (!remoteGoAway) {
      remoteGoAway = true;
      output.remoteGoingAway();
    }
  }

  private void streamFrame(YamuxFrame frame, long nowNanos) {
    long length = frame.unsignedLength();
    if (frame.stream() == 0) {
      violation(Reason.BAD_STREAM_ID, "a stream frame for stream 0");
      return;
    }
    if (frame.type() == YamuxFrame.DATA && length > limits.maxFrameBytes()) {
      violation(Reason.FRAME_TOO_LONG, length + " bytes of data, limit " + limits.maxFrameBytes());
      return;
    }
    if (frame.has(YamuxFrame.SYN) && !accept(frame, nowNanos)) {
      return;
    }
    if (!streams.wasOpened(frame.stream())) {
      violation(Reason.UNKNOWN_STREAM, "stream " + frame.unsignedStream() + " was never opened");
      return;
    }
    YamuxStream stream = streams.get(frame.stream());
    if (stream == null) {
      return; // it is over, and this crossed our RST or FIN
    }
    if (frame.has(YamuxFrame.ACK)) {
      streams.acknowledged(stream);
      openable();
    }
    if (frame.type() == YamuxFrame.DATA) {
      dataHeader(stream, (int) length);
    } else {
      windowUpdate(stream, length);
    }
  }

  /** Opens the stream of a SYN. Returns whether the rest of the frame is to be handled. */
  private boolean accept(YamuxFrame frame, long nowNanos) {
    int id = frame.stream();
    if (!streams.isRemotes(id)) {
      violation(Reason.WRONG_PARITY, "SYN for stream " + frame.unsignedStream());
      return false;
    }
    if (streams.get(id) != null) {
      violation(Reason.DUPLICATE_SYN, "second SYN for stream " + frame.unsignedStream());
      return false;
    }
    streams.used(id);
    if (localGoAway || streams.isFullForInbound()) {
      if (!spendControlFrame(nowNanos)) {
        return false;
      }
      control(YamuxFrame.WINDOW_UPDATE, YamuxFrame.RST, id, 0);
    } else {
      streams.accept(id, nowNanos);
      output.opened(id);
    }
    return failure == null;
  }

  /** Accounts for a data frame before its payload. */
  private void dataHeader(YamuxStream stream, int length) {
    if (length == 0) {
      return;
    }
    if (stream.remoteClosed) {
      violation(Reason.DATA_AFTER_FIN, length + " bytes on stream " + stream.unsignedId());
    } else if (!stream.takeReceiveWindow(length)) {
      violation(Reason.WINDOW_EXCEEDED, length + " bytes on stream " + stream.unsignedId());
    } else if (!received.take(length)) {
      violation(
          Reason.BUFFER_FULL,
          (bufferedBytes() + length) + " unread, limit " + limits.maxBufferedBytes());
    }
  }

  /** A slice keeps all of {@code in} alive, so a small piece is copied. */
  private ByteBuf take(ByteBuf in, int size) {
    return size >= in.capacity() / 2
        ? in.readRetainedSlice(size)
        : buffers.buffer(size).writeBytes(in, size);
  }

  private void windowUpdate(YamuxStream stream, long delta) {
    if (!stream.addSendWindow(delta)) {
      violation(Reason.WINDOW_OVERFLOW, delta + " more for stream " + stream.unsignedId());
    } else if (delta > 0 && stream.writeBlocked) {
      stream.writeBlocked = false;
      output.writable(stream.id);
    }
  }

  private void forgetIfDone(YamuxStream stream) {
    if (stream.localClosed && stream.remoteClosed && stream.buffered() == 0) {
      forget(stream);
      openable();
    }
  }

  private void forget(YamuxStream stream) {
    if (streams.remove(stream)) {
      received.forget(stream);
    }
  }

  private void openable() {
    if (failure == null && streams.becameOpenable()) {
      output.openable();
    }
  }

  /** The ACK flag when an inbound stream's first frame goes out. */
  private static int ack(YamuxStream stream) {
    if (!stream.inbound || stream.acked) {
      return 0;
    }
    stream.acked = true;
    return YamuxFrame.ACK;
  }

  private boolean spendControlFrame(long nowNanos) {
    if (controlFrames.take(nowNanos)) {
      return true;
    }
    violation(Reason.CONTROL_FLOOD, "more than " + limits.controlFramesPerSecond() + " a second");
    return false;
  }

  private void control(int type, int flags, int id, int length) {
    output.frame(YamuxFrame.header(buffers, type, flags, id, length));
  }

  private void violation(Reason reason, String message) {
    fail(reason, GoAwayCode.PROTOCOL_ERROR, message);
  }

  private void fail(Reason reason, GoAwayCode code, String message) {
    if (failure == null) {
      end(new YamuxFailure(reason, code, message), true);
    }
  }

  private void end(YamuxFailure why, boolean tellRemote) {
    failure = why;
    streams.clear();
    received.clear();
    if (tellRemote) {
      control(YamuxFrame.GO_AWAY, 0, 0, why.code().ordinal());
    }
    output.failed(why);
  }
}
