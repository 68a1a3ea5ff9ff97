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
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.Stream;

/** TCP. Thread-safe. */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
final class TcpTransport {
  /** What may wait in user space before writers stop, and what it falls to before they go on. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(128 << 10, 512 << 10);

  /** What may wait unsent in the kernel: more would only be delay in front of urgent frames. */
  private static final int NOTSENT_LOWAT_BYTES = 256 << 10;

  private static final int MAX_READ_BYTES = 256 << 10;

  /** SOL_SOCKET and SO_REUSEPORT of Linux; Netty names it for sockets that listen only. */
  private static final IntegerUnixChannelOption REUSE_PORT =
      new IntegerUnixChannelOption("SO_REUSEPORT", 1, 15);

  /** IPPROTO_TCP and TCP_NOTSENT_LOWAT of Linux; Netty has one name for epoll, one for io_uring. */
  private static final IntegerUnixChannelOption NOTSENT_LOWAT =
      new IntegerUnixChannelOption("TCP_NOTSENT_LOWAT", 6, 25);

  private final EventLoopGroup group;
  private final Sockets sockets;
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final Set<StreamChannel> attached = ConcurrentHashMap.newKeySet();

  /** What this transport listens on, for dials that are to leave from there. */
  private final List<InetSocketAddress> listening = new CopyOnWriteArrayList<>();

  TcpTransport(EventLoops loops) {
    this.group = loops.group();
    this.sockets = loops.sockets();
  }

  /** Binds {@code address}; {@code accepted} is called on the new channel's event loop. */
  Channel listen(Multiaddr address, Consumer<Channel> accepted) throws Libp2pException {
    InetSocketAddress socket = SocketAddresses.literal(address);
    requireFree(address, socket);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(sockets.listening())
            .option(ChannelOption.SO_BACKLOG, 256)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(2048, 16 << 10, MAX_READ_BYTES))
            .childHandler(onActive(accepted));
    if (sockets.isNative()) {
      bootstrap.childOption(NOTSENT_LOWAT, NOTSENT_LOWAT_BYTES);
      bootstrap.option(REUSE_PORT, 1);
    }
    ChannelFuture bound = bootstrap.bind(socket).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw SocketAddresses.inUse(address, bound.cause());
    }
    listening.add((InetSocketAddress) bound.channel().localAddress());
    return bound.channel();
  }

  /**
   * With SO_REUSEPORT, which lets dials leave from the port, two processes of one owner could share
   * it, and each would get half of the connections.
   */
  private void requireFree(Multiaddr address, InetSocketAddress socket) throws Libp2pException {
    if (sockets.isNative() && socket.getPort() != 0) {
      try (ServerSocket probe = new ServerSocket()) {
        probe.setReuseAddress(true);
        probe.bind(socket);
      } catch (IOException e) {
        throw SocketAddresses.inUse(address, e);
      }
    }
  }

  /**
   * Where a dial to {@code remote} is to leave from, so that routers give it the way by which
   * others may come: a port that is listened on, for somebody outside.
   */
  Optional<InetSocketAddress> listeningFor(InetSocketAddress remote) {
    InetAddress ip = remote.getAddress();
    if (!sockets.isNative() || !Multiaddr.tcp(ip, remote.getPort()).isPublic()) {
      return Optional.empty();
    }
    return listening.stream()
        .filter(own -> own.getAddress().getClass() == ip.getClass() || isOfBothKinds(own))
        .filter(own -> !own.getAddress().isLoopbackAddress())
        .findFirst();
  }

  /** Of a socket of IPv6 that listens at all addresses, also of 0.0.0.0, the platform says [::]. */
  private static boolean isOfBothKinds(InetSocketAddress own) {
    return own.getAddress() instanceof Inet6Address && own.getAddress().isAnyLocalAddress();
  }

  /**
   * Dials; {@code connected} is called on the new channel's event loop.
   *
   * @param from one of those listened on, or nothing for any port
   */
  ChannelFuture connect(
      InetSocketAddress socket,
      Optional<InetSocketAddress> from,
      Duration timeout,
      Consumer<Channel> connected) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channel(sockets.connected())
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE))
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(2048, 16 << 10, MAX_READ_BYTES))
            .handler(onActive(connected));
    if (sockets.isNative()) {
      bootstrap.option(NOTSENT_LOWAT, NOTSENT_LOWAT_BYTES);
    }
    if (from.isPresent()) {
      bootstrap.option(ChannelOption.SO_REUSEADDR, true);
      bootstrap.option(REUSE_PORT, 1);
      return bootstrap.connect(socket, from.get());
    }
    return bootstrap.connect(socket);
  }

  /**
   * Makes {@code stream} a channel; {@code active} is called on its event loop, or never when this
   * transport is closed, and then the channel is, too.
   */
  Channel attach(Stream stream, Consumer<Channel> active) {
    StreamChannel channel = new StreamChannel(stream);
    channel.config().setWriteBufferWaterMark(WATER_MARK);
    channel.pipeline().addLast(onActive(active));
    attached.add(channel);
    channel.closeFuture().addListener(closed -> attached.remove(channel));
    group.register(channel);
    return channel;
  }

  private ChannelInitializer<Channel> onActive(Consumer<Channel> active) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channels.add(channel);
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

  /**
   * Ends what there is; what comes later ends at once. An event loop closes its channels before its
   * last tasks, and one that a task has just made would stay.
   */
  void close() {
    List<StreamChannel> left = List.copyOf(attached);
    left.forEach(StreamChannel::closeNow);
    left.forEach(channel -> channel.closeFuture().awaitUninterruptibly(1, TimeUnit.SECONDS));
    channels.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
  }
}
