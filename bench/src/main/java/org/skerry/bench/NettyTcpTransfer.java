package org.skerry.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/** Plain TCP with nothing on it: what the machine and Netty can do. */
final class NettyTcpTransfer implements Transfer {
  private static final int CHUNK_BYTES = 64 * 1024;

  private final EventLoopGroup loops;
  private final Channel server;
  private final Channel client;
  private final Sink sink = new Sink();
  private final Source source = new Source();

  NettyTcpTransfer() {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    loops = new MultiThreadIoEventLoopGroup(2, io);
    server =
        new ServerBootstrap()
            .group(loops)
            .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(sink);
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
    client =
        new Bootstrap()
            .group(loops)
            .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
            .handler(source)
            .connect(server.localAddress())
            .syncUninterruptibly()
            .channel();
  }

  @Override
  public String variant() {
    return "netty-tcp";
  }

  @Override
  public void move(long bytes) {
    CompletableFuture<Void> done = sink.expect(bytes);
    client.eventLoop().execute(() -> source.send(client, bytes));
    done.join();
  }

  @Override
  public void close() {
    client.close().syncUninterruptibly();
    server.close().syncUninterruptibly();
    source.chunk.release();
    loops.shutdownGracefully();
  }

  /** Counts what arrives. Its fields are handed over by {@code move} before any byte comes. */
  private static final class Sink extends ChannelInboundHandlerAdapter {
    private volatile long left;
    private volatile CompletableFuture<Void> done = new CompletableFuture<>();

    CompletableFuture<Void> expect(long bytes) {
      left = bytes;
      done = new CompletableFuture<>();
      return done;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one event loop writes while bytes flow
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      left -= bytes.readableBytes();
      bytes.release();
      if (left == 0) {
        done.complete(null);
      }
    }
  }

  /** Writes while the channel takes more. Owned by the client's event loop. */
  private static final class Source extends ChannelInboundHandlerAdapter {
    private final ByteBuf chunk = Unpooled.directBuffer(CHUNK_BYTES).writeZero(CHUNK_BYTES);
    private long left;

    void send(Channel channel, long bytes) {
      left = bytes;
      pump(channel);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      pump(context.channel());
    }

    private void pump(Channel channel) {
      while (left > 0 && channel.isWritable()) {
        int size = (int) Math.min(left, CHUNK_BYTES);
        left -= size;
        channel.write(chunk.retainedSlice(0, size));
      }
      channel.flush();
    }
  }
}
