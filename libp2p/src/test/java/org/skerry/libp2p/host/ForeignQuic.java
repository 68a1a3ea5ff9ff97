package org.skerry.libp2p.host;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.skerry.libp2p.Multiaddr;

/** QUIC as other programs may speak it, well or not. */
final class ForeignQuic implements AutoCloseable {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  /** Lets through as many packets as it is told to. */
  private static final class Deaf extends ChannelInboundHandlerAdapter {
    private int left;

    Deaf(int packets) {
      left = packets;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (left-- > 0) {
        ctx.fireChannelRead(msg);
      } else {
        ReferenceCountUtil.release(msg);
      }
    }
  }

  /** Begins to dial {@code host}. */
  Future<QuicChannel> dial(TcpHost host, QuicSslContext tls) throws Exception {
    return dial(host, tls, Integer.MAX_VALUE);
  }

  /** The same, by a client that hears no more than so many packets. */
  Future<QuicChannel> dial(TcpHost host, QuicSslContext tls, int packets) throws Exception {
    Channel udp = bind(new Deaf(packets), generous(new QuicClientCodecBuilder().sslContext(tls)));
    return QuicChannel.newBootstrap(udp)
        .remoteAddress(socket(host.listenAddresses().getFirst()))
        .streamHandler(new ChannelInboundHandlerAdapter())
        .connect();
  }

  /** Listens; returns where. */
  Multiaddr listen(QuicSslContext tls) throws Exception {
    Channel udp =
        bind(
            new ChannelInboundHandlerAdapter(),
            generous(new QuicServerCodecBuilder().sslContext(tls))
                .tokenHandler(InsecureQuicTokenHandler.INSTANCE)
                .streamHandler(new ChannelInboundHandlerAdapter()));
    InetSocketAddress bound = (InetSocketAddress) udp.localAddress();
    return Multiaddr.quic(bound.getAddress(), bound.getPort());
  }

  private Channel bind(ChannelHandler first, QuicCodecBuilder<?> codec) throws Exception {
    return new Bootstrap()
        .group(group)
        .channel(NioDatagramChannel.class)
        .handler(
            new io.netty.channel.ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel udp) {
                udp.pipeline().addLast(first, codec.build());
              }
            })
        .bind(InetAddress.getLoopbackAddress(), 0)
        .sync()
        .channel();
  }

  private static <B extends QuicCodecBuilder<B>> B generous(B builder) {
    return builder
        .maxIdleTimeout(30, TimeUnit.SECONDS)
        .initialMaxData(1 << 20)
        .initialMaxStreamDataBidirectionalLocal(1 << 20)
        .initialMaxStreamDataBidirectionalRemote(1 << 20)
        .initialMaxStreamsBidirectional(100);
  }

  private static InetSocketAddress socket(Multiaddr address) {
    String[] words = address.toString().split("/", -1);
    return new InetSocketAddress(words[2], Integer.parseInt(words[4]));
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
