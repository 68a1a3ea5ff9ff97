package org.skerry.libp2p.host;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Stream;

/**
 * A stream of one connection as the channel below another, so that what secures and multiplexes a
 * socket does the same here. One virtual thread reads when the channel asks, another writes; the
 * channel keeps at most one piece each way beside what the stream and the outbound buffer bound.
 */
final class StreamChannel extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);
  private static final int PIECE_BYTES = 64 << 10;

  /** Longer than any connection lives without a sign of life: that is the muxer's to judge. */
  private static final Duration PATIENCE = Duration.ofHours(1);

  private final Stream stream;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final Address address;

  /** The channel wants a piece; drained when it ends. */
  private final Semaphore wanted = new Semaphore(0);

  private boolean reading;
  private boolean writing;
  private volatile boolean open = true;
  private volatile boolean started;

  /** For messages. */
  private static final class Address extends SocketAddress {
    private static final long serialVersionUID = 1;
    private final String text;

    private Address(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  StreamChannel(Stream stream) {
    super(null);
    this.stream = stream;
    this.address = new Address("stream of peer " + stream.remotePeer().shortText());
    stream.timeout(PATIENCE);
  }

  // Reading.

  @Override
  protected void doBeginRead() {
    if (!reading) {
      reading = true;
      wanted.release();
    }
  }

  private void readPieces() {
    try {
      while (open) {
        wanted.acquire();
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        int size = open ? stream.read(piece) : -1;
        if (size < 0) {
          inLoop(() -> unsafe().close(voidPromise()));
          return;
        }
        inLoop(() -> hand(piece.flip()));
      }
    } catch (Libp2pException e) {
      inLoop(() -> {
        if (open) {
          pipeline().fireExceptionCaught(e);
          unsafe().close(voidPromise());
        }
      });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void hand(ByteBuffer piece) {
    reading = false;
    if (open) {
      ByteBuf bytes = alloc().buffer(piece.remaining()).writeBytes(piece);
      pipeline().fireChannelRead(bytes);
      pipeline().fireChannelReadComplete();
    }
  }

  // Writing.

  @Override
  protected void doWrite(ChannelOutboundBuffer out) {
    if (writing || out.isEmpty()) {
      return;
    }
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    while (piece.hasRemaining() && out.current() instanceof ByteBuf next) {
      int size = Math.min(piece.remaining(), next.readableBytes());
      piece.limit(piece.position() + size);
      next.getBytes(next.readerIndex(), piece);
      piece.limit(piece.capacity());
      out.removeBytes(size); // and empty buffers with it
    }
    writing = true;
    Thread.ofVirtual().name("libp2p-circuit-write").start(() -> write(piece.flip()));
  }

  private void write(ByteBuffer piece) {
    try {
      stream.write(piece);
      inLoop(() -> {
        writing = false;
        if (open) {
          ((Below) unsafe()).flushMore();
        } else {
          stream.close();
        }
      });
    } catch (Libp2pException e) {
      inLoop(() -> {
        writing = false;
        unsafe().close(voidPromise());
      });
    }
  }

  private void inLoop(Runnable task) {
    try {
      eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      stream.reset(); // the host is closed
    }
  }

  // The channel's life.

  /** Closes without asking the handlers, which might wait for an answer. */
  void closeNow() {
    if (isRegistered()) {
      inLoop(() -> unsafe().close(voidPromise()));
    }
  }

  @Override
  protected void doRegister(ChannelPromise promise) {
    started = true;
    Thread.ofVirtual().name("libp2p-circuit-read").start(this::readPieces);
    promise.setSuccess();
  }

  @Override
  protected void doClose() {
    open = false;
    wanted.release();
    if (!writing) {
      stream.close();
    }
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doBind(SocketAddress local) {
    throw new UnsupportedOperationException("a stream is not bound to an address");
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open && started;
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return null;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return address;
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new Below();
  }

  private final class Below extends AbstractUnsafe {
    @Override
    public void connect(
        SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
      promise.setFailure(new UnsupportedOperationException("a stream is connected already"));
    }

    private void flushMore() {
      flush0();
    }
  }
}
