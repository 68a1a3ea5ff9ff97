package org.skerry.libp2p.host;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;

/** Sockets: epoll where the platform has it, NIO elsewhere. Thread-safe. */
final class TcpTransport {
  /** What may wait in user space before writers stop, and what it falls to before they go on. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(128 << 10, 512 << 10);

  /** What may wait unsent in the kernel: more would only be delay in front of urgent frames. */
  private static final int NOTSENT_LOWAT_BYTES = 256 << 10;

  private static final int MAX_READ_BYTES = 256 << 10;

  private final EventLoopGroup group;
  private final boolean epoll;

  TcpTransport(EventLoops loops) {
    this.group = loops.group();
    this.epoll = loops.epoll();
  }

  /** Binds {@code address}; {@code accepted} is called on the new channel's event loop. */
  Channel listen(Multiaddr address, Consumer<Channel> accepted) throws Libp2pException {
    InetSocketAddress socket = SocketAddresses.literal(address);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 256)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(2048, 16 << 10, MAX_READ_BYTES))
            .childHandler(onActive(accepted));
    if (epoll) {
      bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) NOTSENT_LOWAT_BYTES);
    }
    ChannelFuture bound = bootstrap.bind(socket).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw SocketAddresses.inUse(address, bound.cause());
    }
    return bound.channel();
  }

  /** Dials; {@code connected} is called on the new channel's event loop. */
  ChannelFuture connect(InetSocketAddress socket, Duration timeout, Consumer<Channel> connected) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE))
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(2048, 16 << 10, MAX_READ_BYTES))
            .handler(onActive(connected));
    if (epoll) {
      bootstrap.option(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) NOTSENT_LOWAT_BYTES);
    }
    return bootstrap.connect(socket);
  }

  private static ChannelInitializer<Channel> onActive(Consumer<Channel> active) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel
            .pipeline()
            .addLast(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelActive(ChannelHandlerContext ctx) {
                    ctx.pipeline().remove(this);
                    active.accept(ctx.channel());
                  }
                });
      }
    };
  }
}
