package org.skerry.libp2p.host;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.skerry.libp2p.tls.QuicTls;

/** One UDP socket and the QUIC connections over it. Thread-safe. */
final class QuicSocket {
  /** As long as Yamux waits for a silent remote, its ping included. */
  private static final long IDLE_SECONDS = 60;

  /** The longest payload that every IPv6 link carries: 1,280 bytes without the headers. */
  private static final int MAX_SENT_BYTES = 1232;

  /** More than fits into a packet of Ethernet. */
  private static final int MAX_RECEIVED_BYTES = 2048;

  /** What Linux hands over at once of packets that came together: the most that UDP has. */
  private static final int MAX_TOGETHER_BYTES = 64 << 10;

  /** Packets for one peer that are handed to Linux at once. */
  private static final int SENT_TOGETHER = 16;

  /** What the kernel may hold: all connections share it, and the loop is not always there. */
  private static final int KERNEL_BUFFER_BYTES = 2 << 20;

  private static final int KNOCK_BYTES = 16;
  private static final int STREAM_WINDOW_BYTES = 256 << 10;

  /** Grows, as the streams' windows do, as fast as the application reads. */
  private static final int CONNECTION_WINDOW_BYTES = 1 << 20;

  /** Decides about connections that others dial. */
  interface Acceptor {
    /**
     * Called on the event loop for a new channel whose remote address is proven, before anything is
     * computed for it.
     *
     * @return the handler of one that there is room for
     */
    Optional<QuicUpgrade> accept(QuicChannel channel);
  }

  private final Channel channel;
  private final QuicSplitter splitter;
  private final SegmentedDatagramPacketAllocator together;
  private final boolean listens;

  private QuicSocket(
      Channel channel,
      QuicSplitter splitter,
      SegmentedDatagramPacketAllocator together,
      boolean listens) {
    this.channel = channel;
    this.splitter = splitter;
    this.together = together;
    this.listens = listens;
  }

  /**
   * Binds a socket to dial from.
   *
   * @param acceptor decides about connections that others dial; if there is none, they are not
   *     answered
   * @throws IOException when the address cannot be bound
   */
  static QuicSocket bind(
      InetSocketAddress local,
      HostContext host,
      QuicTls tls,
      EventLoops loops,
      Optional<Acceptor> acceptor)
      throws IOException {
    QuicSplitter splitter = new QuicSplitter();
    boolean epoll = loops.sockets() == Sockets.EPOLL;
    SegmentedDatagramPacketAllocator together =
        epoll
            ? EpollQuicUtils.newSegmentedAllocator(SENT_TOGETHER)
            : SegmentedDatagramPacketAllocator.NONE;
    SocketProtocolFamily family = family(local.getAddress());
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops.group())
            .channelFactory(() -> loops.sockets().datagrams(family))
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(epoll ? MAX_TOGETHER_BYTES : MAX_RECEIVED_BYTES))
            .option(ChannelOption.SO_RCVBUF, KERNEL_BUFFER_BYTES)
            .option(ChannelOption.SO_SNDBUF, KERNEL_BUFFER_BYTES)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel udp) {
                    ChannelPipeline pipeline = udp.pipeline().addLast(splitter);
                    acceptor.ifPresent(to -> pipeline.addLast(listening(host, tls, to, together)));
                    pipeline.addLast(splitter.toDialled(), dialling(host, tls));
                  }
                });
    if (epoll) {
      bootstrap.option(EpollChannelOption.UDP_GRO, true);
    }
    ChannelFuture bound = bootstrap.bind(local).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(bound.cause().getMessage(), bound.cause());
    }
    return new QuicSocket(bound.channel(), splitter, together, acceptor.isPresent());
  }

  private static SocketProtocolFamily family(InetAddress address) {
    return address instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
  }

  private static ChannelHandler listening(
      HostContext host, QuicTls tls, Acceptor acceptor, SegmentedDatagramPacketAllocator together) {
    return configured(new QuicServerCodecBuilder(), host)
        .tokenHandler(new RetryTokens(new SecureRandom(), System::nanoTime))
        .sslEngineProvider(quic -> engine(quic, tls, acceptor, together))
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel quic) {
                // The engine's provider, which comes first, has set the channel up.
              }
            })
        .build();
  }

  private static QuicSslEngine engine(
      QuicChannel quic, QuicTls tls, Acceptor acceptor, SegmentedDatagramPacketAllocator together) {
    Optional<QuicUpgrade> upgrade = acceptor.accept(quic);
    if (upgrade.isPresent()) {
      quic.config().setOption(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, together);
      quic.pipeline().addLast(upgrade.get());
      return tls.newEngine(false, quic.alloc());
    }
    quic.pipeline().addLast(new Refused());
    // The answer needs what comes in the first packet, and no second one is waited for.
    quic.parent().eventLoop().execute(quic::close);
    return tls.newRefusal(quic.alloc());
  }

  /** Of a connection that there is no room for, nothing more is to be heard; it is being closed. */
  private static final class Refused extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {}
  }

  private static ChannelHandler dialling(HostContext host, QuicTls tls) {
    return configured(new QuicClientCodecBuilder(), host)
        .sslEngineProvider(quic -> tls.newEngine(true, quic.alloc()))
        .build();
  }

  private static <B extends QuicCodecBuilder<B>> B configured(B builder, HostContext host) {
    return builder
        .localConnectionIdLength(QuicSplitter.ID_BYTES)
        .maxIdleTimeout(IDLE_SECONDS, TimeUnit.SECONDS)
        .maxSendUdpPayloadSize(MAX_SENT_BYTES)
        .maxRecvUdpPayloadSize(MAX_RECEIVED_BYTES)
        .initialMaxData(
            Math.min(CONNECTION_WINDOW_BYTES, host.limits().maxBufferedBytesPerConnection()))
        .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW_BYTES)
        .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW_BYTES)
        .initialMaxStreamsBidirectional(host.limits().streams().inboundPerConnection())
        .datagram(1, 1); // nothing but a sign of life comes in them
  }

  InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /** Whether others may dial it. */
  boolean listens() {
    return listens;
  }

  /** Whether a packet to {@code remote} may leave from here. */
  boolean reaches(InetAddress remote) {
    InetAddress local = address().getAddress();
    return family(local) == family(remote)
        && (local.isAnyLocalAddress() || local.isLoopbackAddress() == remote.isLoopbackAddress());
  }

  /** Dials {@code remote}; {@code upgrade} tells what comes of it. */
  void dial(InetSocketAddress remote, QuicUpgrade upgrade) {
    channel
        .eventLoop()
        .execute(() -> {
          ByteBuffer id = QuicConnectionIdGenerator.randomGenerator().newId(QuicSplitter.ID_BYTES);
          splitter.add(id);
          QuicChannel.newBootstrap(channel)
              .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0) // the upgrade has its own
              .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, together)
              .localConnectionAddress(new QuicConnectionAddress(id.duplicate()))
              .remoteAddress(remote)
              .handler(upgrade)
              .connect()
              .addListener(dialled -> {
                if (!dialled.isSuccess()) {
                  upgrade.failed(dialled.cause());
                }
              });
          upgrade.closed().whenComplete((closed, none) -> splitter.remove(id));
        });
  }

  /**
   * Sends {@code remote} a packet that says nothing, so that a router on the way takes what comes
   * from there for an answer.
   */
  void knock(InetSocketAddress remote) {
    byte[] noise = new byte[KNOCK_BYTES];
    ThreadLocalRandom.current().nextBytes(noise);
    noise[0] &= 0x3f; // no packet of QUIC
    channel
        .eventLoop()
        .execute(() -> splitter.send(new DatagramPacket(Unpooled.wrappedBuffer(noise), remote)));
  }

  void close() {
    channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
  }
}
