package org.skerry.libp2p.yamux;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.yamux.Opening.Refusal;

/**
 * The streams of a session that are not over, the ids that were ever used, and how many streams
 * there may be. Owned by its session.
 */
final class StreamTable {
  private final boolean client;
  private final YamuxLimits limits;
  private final IntObjectMap<YamuxStream> streams = new IntObjectHashMap<>();
  private int nextId;
  private int highestInboundId;
  private int inbound;
  private int outbound;
  private int unacked;
  private boolean openRefused;

  StreamTable(boolean client, YamuxLimits limits) {
    this.client = client;
    this.limits = limits;
    this.nextId = client ? 1 : 2;
  }

  @Nullable YamuxStream get(int id) {
    return streams.get(id);
  }

  boolean contains(YamuxStream stream) {
    return streams.get(stream.id) == stream;
  }

  int size() {
    return streams.size();
  }

  void clear() {
    streams.clear();
  }

  /** Why this side may not open a stream now; a caller that waits is told when it may. */
  Optional<Refusal> refusal() {
    if (nextId < 0) {
      return Optional.of(Refusal.IDS_EXHAUSTED);
    }
    if (mayOpen()) {
      return Optional.empty();
    }
    openRefused = true;
    return Optional.of(
        outbound >= limits.maxOutboundStreams()
            ? Refusal.TOO_MANY_STREAMS
            : Refusal.ACK_BACKLOG_FULL);
  }

  private boolean mayOpen() {
    return unacked < limits.maxUnackedStreams() && outbound < limits.maxOutboundStreams();
  }

  /** Whether a stream may be opened again after a refusal; true once for each. */
  boolean becameOpenable() {
    boolean now = openRefused && mayOpen();
    openRefused &= !now;
    return now;
  }

  YamuxStream open(long nowNanos) {
    YamuxStream stream = new YamuxStream(nextId, false, nowNanos);
    nextId += 2;
    outbound++;
    unacked++;
    streams.put(stream.id, stream);
    return stream;
  }

  /** Whether the remote opens the streams with ids like {@code id}. */
  boolean isRemotes(int id) {
    return ((id & 1) == 1) != client;
  }

  /** Some peers send the SYNs of concurrent opens out of order, so below the highest all may be. */
  boolean wasOpened(int id) {
    return isRemotes(id)
        ? Integer.compareUnsigned(id, highestInboundId) <= 0
        : Integer.compareUnsigned(id, nextId) < 0;
  }

  /** Notes that the remote has used {@code id}, whether or not its stream is accepted. */
  void used(int id) {
    if (Integer.compareUnsigned(id, highestInboundId) > 0) {
      highestInboundId = id;
    }
  }

  boolean isFullForInbound() {
    return inbound >= limits.maxInboundStreams();
  }

  void accept(int id, long nowNanos) {
    inbound++;
    streams.put(id, new YamuxStream(id, true, nowNanos));
  }

  /** The remote knows the stream, if it did not yet. */
  void acknowledged(YamuxStream stream) {
    if (!stream.inbound && !stream.acked) {
      stream.acked = true;
      unacked--;
    }
  }

  /** Forgets {@code stream}; false when it was forgotten before. */
  boolean remove(YamuxStream stream) {
    if (!contains(stream)) {
      return false;
    }
    streams.remove(stream.id);
    if (stream.inbound) {
      inbound--;
    } else {
      outbound--;
      if (!stream.acked) {
        unacked--;
      }
    }
    return true;
  }
}
