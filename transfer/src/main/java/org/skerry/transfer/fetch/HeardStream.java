package org.skerry.transfer.fetch;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.IntConsumer;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;

/** A stream that tells what was read from it, message by message or in the middle of one. */
final class HeardStream implements Stream {
  private final Stream stream;
  private final IntConsumer heard;

  HeardStream(Stream stream, IntConsumer heard) {
    this.stream = stream;
    this.heard = heard;
  }

  @Override
  public int read(ByteBuffer into) throws Libp2pException {
    int bytes = stream.read(into);
    heard.accept(Math.max(0, bytes));
    return bytes;
  }

  @Override
  public PeerId remotePeer() {
    return stream.remotePeer();
  }

  @Override
  public Connection connection() {
    return stream.connection();
  }

  @Override
  public String protocol() {
    return stream.protocol();
  }

  @Override
  public void timeout(Duration limit) {
    stream.timeout(limit);
  }

  @Override
  public void write(ByteBuffer from) throws Libp2pException {
    stream.write(from);
  }

  @Override
  public void closeWrite() throws Libp2pException {
    stream.closeWrite();
  }

  @Override
  public void reset() {
    stream.reset();
  }

  @Override
  public void close() {
    stream.close();
  }
}
