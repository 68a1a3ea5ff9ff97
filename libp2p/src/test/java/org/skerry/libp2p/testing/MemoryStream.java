package org.skerry.libp2p.testing;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;

/** One end of a stream between two in-memory hosts. */
final class MemoryStream implements Stream {
  private final Connection connection;
  private final String protocol;
  private final MemoryPipe in;
  private final MemoryPipe out;
  private final long latencyNanos;
  private volatile Duration timeout = Duration.ofSeconds(60);

  MemoryStream(
      Connection connection, String protocol, MemoryPipe in, MemoryPipe out, Duration latency) {
    this.connection = connection;
    this.protocol = protocol;
    this.in = in;
    this.out = out;
    this.latencyNanos = MemoryPipe.nanos(latency);
  }

  @Override
  public PeerId remotePeer() {
    return connection.remotePeer();
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public String protocol() {
    return protocol;
  }

  @Override
  public void timeout(Duration limit) {
    timeout = limit;
  }

  @Override
  public int read(ByteBuffer into) throws Libp2pException {
    return in.read(into, MemoryPipe.nanos(timeout));
  }

  @Override
  public void write(ByteBuffer from) throws Libp2pException {
    if (!out.write(from, latencyNanos, MemoryPipe.nanos(timeout))) {
      reset();
      throw new Libp2pException(Reason.STREAM_RESET, "the other side reads no more");
    }
  }

  @Override
  public void closeWrite() {
    out.closeWriter();
  }

  @Override
  public void reset() {
    fail(Reason.STREAM_RESET);
  }

  void fail(Reason reason) {
    in.fail(reason);
    out.fail(reason);
  }

  @Override
  public void close() {
    out.closeWriter();
    if (in.closeReader()) {
      reset();
    }
  }

  boolean isOver() {
    return in.isOver() && out.isOver();
  }
}
