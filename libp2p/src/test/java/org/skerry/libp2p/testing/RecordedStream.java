package org.skerry.libp2p.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;

/** A stream whose other side has said all that it will, and reads everything. */
public final class RecordedStream implements Stream {
  private static final PeerId PEER = PeerId.of(PrivateKey.ofSeed(new byte[32]).publicKey());

  private final String protocol;
  private final ByteBuffer in;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public RecordedStream(String protocol, byte[] said) {
    this.protocol = protocol;
    this.in = ByteBuffer.wrap(said);
  }

  /** What was written to it. */
  public byte[] written() {
    return out.toByteArray();
  }

  /** How much of what the other side said is unread. */
  public int unread() {
    return in.remaining();
  }

  @Override
  public PeerId remotePeer() {
    return PEER;
  }

  @Override
  public Connection connection() {
    throw new UnsupportedOperationException("a recorded stream has no connection");
  }

  @Override
  public String protocol() {
    return protocol;
  }

  @Override
  public void timeout(Duration limit) {}

  @Override
  public int read(ByteBuffer into) {
    if (!in.hasRemaining()) {
      return -1;
    }
    int size = Math.min(into.remaining(), in.remaining());
    into.put(in.slice(in.position(), size));
    in.position(in.position() + size);
    return size;
  }

  @Override
  public void write(ByteBuffer from) {
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    out.writeBytes(bytes);
  }

  @Override
  public void closeWrite() {}

  @Override
  public void reset() {}

  @Override
  public void close() {}
}
