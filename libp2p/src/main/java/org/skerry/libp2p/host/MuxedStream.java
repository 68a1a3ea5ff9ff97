package org.skerry.libp2p.host;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.yamux.YamuxSession;

/**
 * The blocking face of one stream of Yamux or QUIC, before a protocol is negotiated on it.
 *
 * <p>Two bounded queues lie between the application's threads and the event loop. What arrives
 * waits in {@code received}, which its carrier bounds, because a byte counts as consumed only once
 * the application has read it. What is written waits in {@code pending} until the remote's window
 * and the socket take it; a writer blocks while {@link #MAX_PENDING_BYTES} wait.
 */
final class MuxedStream implements Stream {
  static final int MAX_PENDING_BYTES = 256 << 10;

  /** A writer that waits is woken once for all of this, and not for every chunk. */
  private static final int REFILL_AT_BYTES = MAX_PENDING_BYTES / 2;

  /** A chunk is a Yamux frame, and with its header a Noise message. */
  private static final int CHUNK_BYTES = YamuxSession.MAX_PAYLOAD_BYTES;

  /** Smaller writes share a chunk. */
  private static final int GATHER_BYTES = 2048;

  /** A reader that wants more is woken for this much, or for what came at once. */
  private static final int WAKE_BYTES = 128 << 10;

  /** How much is read before the event loop hears of it; well below half of a window. */
  private static final int REPORT_BYTES = 64 << 10;

  private final StreamCarrier carrier;
  private final int id;
  private volatile long timeoutNanos = Duration.ofSeconds(60).toNanos();

  /** When a negotiation must be over, as {@link System#nanoTime} counts. */
  private volatile @Nullable Long deadlineNanos;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition readable = lock.newCondition();
  private final Condition writable = lock.newCondition();

  // Guarded by the lock.
  private final ReceiveQueue received = new ReceiveQueue();
  private int wantedBytes;
  private int unreportedBytes;
  private final ArrayDeque<ByteBuf> pending = new ArrayDeque<>();
  private int pendingBytes;
  private long sentAtNanos = System.nanoTime();
  private boolean remoteClosed;
  private boolean readClosed;
  private boolean writeClosed;

  /** The remote has said that it reads no more. */
  private boolean writeStopped;

  private boolean sendAsked;
  private @Nullable Reason failure;

  /** Ended with bytes that may still be read; {@link Leftovers} has it. */
  private boolean leftBehind;

  /** What has arrived was dropped before anybody read it, so the end is no end in order. */
  private boolean unreadDropped;

  // Owned by the event loop.

  /** The chunk that the window cut. */
  private @Nullable ByteBuf sending;

  private boolean finSent;
  private boolean queued;
  private long lingersUntilNanos;
  private boolean lingers;

  /**
   * @param id by which its carrier knows it
   */
  MuxedStream(StreamCarrier carrier, int id) {
    this.carrier = carrier;
    this.id = id;
  }

  int id() {
    return id;
  }

  @Override
  public PeerId remotePeer() {
    return carrier.remotePeer();
  }

  @Override
  public Connection connection() {
    return carrier.connection();
  }

  @Override
  public String protocol() {
    return "multistream";
  }

  @Override
  public void timeout(Duration limit) {
    timeoutNanos = limit.toNanos();
  }

  /**
   * Bounds all that follows together: {@link #timeout} alone lets a remote move a byte now and then
   * for hours.
   */
  void deadline(Duration limit) {
    deadlineNanos = System.nanoTime() + limit.toNanos();
  }

  /** The time-out of a single read or write. */
  Duration timeout() {
    return Duration.ofNanos(timeoutNanos);
  }

  void noDeadline() {
    deadlineNanos = null;
  }

  // The application's side.

  @Override
  public int read(ByteBuffer into) throws Libp2pException {
    int report = 0;
    int total;
    lock.lock();
    try {
      long since = System.nanoTime();
      while (received.isEmpty()) {
        if (remoteClosed && !unreadDropped && failure != Reason.STREAM_RESET && !readClosed) {
          return -1;
        }
        check(readClosed);
        wantedBytes = Math.min(into.remaining(), WAKE_BYTES);
        await(readable, since, "read");
      }
      if (readClosed) {
        check(true);
      }
      total = received.read(into);
      unreportedBytes += total;
      if (unreportedBytes >= REPORT_BYTES || (remoteClosed && received.isEmpty())) {
        report = unreportedBytes;
        unreportedBytes = 0;
      }
      if (leftBehind && received.isEmpty()) {
        leftBehind = false;
        carrier.host().leftovers().remove(this);
      }
    } finally {
      lock.unlock();
    }
    release(total);
    if (report > 0) {
      carrier.consumed(this, report);
    }
    return total;
  }

  @Override
  public void write(ByteBuffer from) throws Libp2pException {
    while (from.hasRemaining()) {
      int size;
      boolean ask;
      lock.lock();
      try {
        long since = System.nanoTime();
        while (pendingBytes >= MAX_PENDING_BYTES) {
          checkWriting();
          // A thin line may take minutes for what is to go before the writer is woken.
          await(writable, sentAtNanos - since > 0 ? sentAtNanos : since, "write");
        }
        checkWriting();
        size = Math.min(Math.min(from.remaining(), CHUNK_BYTES), MAX_PENDING_BYTES - pendingBytes);
        ByteBuf chunk = pending.peekLast();
        if (chunk == null || chunk.writableBytes() < size) {
          chunk = carrier.buffers().heapBuffer(Math.max(size, GATHER_BYTES));
          pending.add(chunk);
        }
        chunk.writeBytes(from.slice(from.position(), size));
        from.position(from.position() + size);
        pendingBytes += size;
        ask = !sendAsked;
        sendAsked = true;
      } finally {
        lock.unlock();
      }
      if (ask) { // Until it has looked, the event loop need not hear of more.
        carrier.sendLater(this);
      }
    }
  }

  @Override
  public void closeWrite() throws Libp2pException {
    lock.lock();
    try {
      if (failure != null) {
        check(false);
      }
      writeClosed = true;
    } finally {
      lock.unlock();
    }
    carrier.sendLater(this);
  }

  @Override
  public void reset() {
    fail(Reason.STREAM_RESET, false);
    carrier.resetLater(this);
  }

  @Override
  public void close() {
    boolean unread;
    boolean over;
    boolean failed;
    lock.lock();
    try {
      over = readClosed && writeClosed;
      failed = failure != null;
      readClosed = true;
      writeClosed = true;
      unread = !received.isEmpty();
      readable.signalAll();
      writable.signalAll();
    } finally {
      lock.unlock();
    }
    if (over) {
      return;
    }
    if (unread) {
      reset();
    } else if (!failed) {
      carrier.sendLater(this);
      carrier.linger(this);
    }
  }

  private void checkWriting() throws Libp2pException {
    check(writeClosed);
    if (writeStopped) {
      throw new Libp2pException(
          Reason.STREAM_RESET, "peer " + remotePeer().shortText() + " reads the stream no more");
    }
  }

  private void check(boolean halfClosed) throws Libp2pException {
    if (failure != null) {
      throw new Libp2pException(
          failure,
          failure == Reason.STREAM_RESET
              ? "the stream to peer " + remotePeer().shortText() + " was reset"
              : "the connection to peer " + remotePeer().shortText() + " is closed");
    }
    if (halfClosed) {
      throw new Libp2pException(Reason.CLOSED, "this side has closed the stream");
    }
  }

  /** Waits, unless nothing has moved since then for as long as the limits allow. */
  @SuppressWarnings("WaitNotInLoop") // its callers loop
  private void await(Condition condition, long sinceNanos, String doing) throws Libp2pException {
    try {
      long now = System.nanoTime();
      Long deadline = deadlineNanos;
      long left = timeoutNanos - (now - sinceNanos);
      long most = deadline == null ? left : Math.min(left, deadline - now);
      if (most <= 0) {
        throw new Libp2pException(
            Reason.TIMEOUT, doing + ": peer " + remotePeer().shortText() + " was too slow");
      }
      condition.awaitNanos(most);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Libp2pException(Reason.CLOSED, doing + " was interrupted", e);
    }
  }

  // The event loop's side.

  /** Queues bytes that arrived. Returns whether anybody will read them. Owns {@code bytes}. */
  boolean arrived(ByteBuf bytes) {
    lock.lock();
    try {
      if (readClosed || failure != null) {
        bytes.release();
        return false;
      }
      received.add(bytes, carrier.buffers());
      if (received.sizeBytes() >= wantedBytes) {
        readable.signal();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more has come for now. */
  void rest() {
    lock.lock();
    try {
      if (!received.isEmpty()) {
        readable.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  void remoteClosed() {
    int report;
    lock.lock();
    try {
      remoteClosed = true;
      report = received.isEmpty() ? unreportedBytes : 0;
      unreportedBytes -= report;
      readable.signalAll();
    } finally {
      lock.unlock();
    }
    if (report > 0) {
      carrier.consumed(this, report);
    }
  }

  /** What came of {@link #send}. */
  enum Sent {
    /** Nothing waits; FIN is sent when the application closed. */
    ALL,
    /** The remote's window is full. */
    BLOCKED,
    /** One chunk went out and more wait: another stream's turn. */
    MORE,
    /** The session knows the stream no more. */
    GONE
  }

  /** Hands one chunk to the session. */
  Sent send() {
    ByteBuf chunk = sending;
    boolean last;
    if (chunk == null) {
      lock.lock();
      try {
        sendAsked = false;
        chunk = pending.poll();
        last = writeClosed;
      } finally {
        lock.unlock();
      }
      if (chunk == null) {
        if (last && !finSent) {
          finSent = true;
          carrier.sendFin(this);
        }
        return Sent.ALL;
      }
    }
    int size = carrier.sendData(this, chunk);
    if (chunk.isReadable() && size >= 0) {
      sending = chunk;
    } else {
      sending = null;
      chunk.release();
    }
    if (size < 0) {
      return Sent.GONE;
    }
    lock.lock();
    try {
      pendingBytes -= size;
      if (size > 0) {
        sentAtNanos = System.nanoTime();
      }
      if (pendingBytes <= REFILL_AT_BYTES) {
        writable.signal();
      }
    } finally {
      lock.unlock();
    }
    return sending == null ? Sent.MORE : Sent.BLOCKED;
  }

  /** The remote reads no more; what it sends may still be read. */
  void stopWriting() {
    finSent = true;
    lock.lock();
    try {
      writeStopped = true;
      writable.signalAll();
    } finally {
      lock.unlock();
    }
    dropUnsent();
  }

  /** Whether the stream was not yet in the queue for sending, in which it now is. */
  boolean enqueue() {
    boolean added = !queued;
    queued = true;
    return added;
  }

  void dequeue() {
    queued = false;
  }

  /** The application has closed the stream; the remote has until then to do the same. */
  void lingerUntil(long nanos) {
    lingers = true;
    lingersUntilNanos = nanos;
  }

  boolean isLate(long nowNanos) {
    return lingers && lingersUntilNanos - nowNanos < 0;
  }

  /** Whether neither side has more to send, though some of it may wait to be read. */
  boolean isEnded() {
    return finSent && isRemoteClosed();
  }

  /** What waits to be read. */
  int unreadBytes() {
    lock.lock();
    try {
      return received.sizeBytes();
    } finally {
      lock.unlock();
    }
  }

  /** Whether both sides have closed it and nothing waits to be read. */
  boolean isDone() {
    lock.lock();
    try {
      return finSent && remoteClosed && received.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is reset, or its connection gone, or both halves are closed here. */
  boolean isOver() {
    lock.lock();
    try {
      return failure != null || (readClosed && writeClosed);
    } finally {
      lock.unlock();
    }
  }

  boolean isRemoteClosed() {
    lock.lock();
    try {
      return remoteClosed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Releases what is not sent. Done by the event loop and not by whoever resets, so that what was
   * written before a reset has had its turn.
   */
  void dropUnsent() {
    if (sending != null) {
      sending.release();
      sending = null;
    }
    lock.lock();
    try {
      pending.forEach(ByteBuf::release);
      pending.clear();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the stream with {@code reason}, if nothing has yet, and wakes everybody.
   *
   * @param keepReceived whether what has arrived may still be read: an answer that a reset followed
   *     on its heels, or all that a remote sent that closed its half in order; {@link Leftovers}
   *     has it then
   */
  void fail(Reason reason, boolean keepReceived) {
    int dropped = 0;
    lock.lock();
    try {
      if (failure == null) {
        failure = reason;
      }
      if (keepReceived && !readClosed && !received.isEmpty() && leave()) {
        leftBehind = true;
      } else {
        dropped = received.clear();
        unreadDropped |= dropped > 0;
        if (leftBehind) {
          leftBehind = false;
          carrier.host().leftovers().remove(this);
        }
      }
      readable.signalAll();
      writable.signalAll();
    } finally {
      lock.unlock();
    }
    release(dropped);
  }

  /** Keeps what is not read to its end; false when nobody will read it. */
  private boolean leave() {
    return carrier.host().leftovers().add(this, System.nanoTime());
  }

  private void release(int bytes) {
    if (bytes > 0) {
      carrier.budget().give(bytes);
    }
  }

  /** Whoever might have read what is left has had the time for it. */
  void dropUnread() {
    fail(Reason.CLOSED, false);
  }
}
