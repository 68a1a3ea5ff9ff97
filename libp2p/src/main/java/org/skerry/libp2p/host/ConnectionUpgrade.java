package org.skerry.libp2p.host;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multistream.Initiator;
import org.skerry.libp2p.multistream.Responder;
import org.skerry.libp2p.noise.NoiseFrames;
import org.skerry.libp2p.noise.NoiseHandshake;
import org.skerry.libp2p.noise.NoiseRejection;
import org.skerry.libp2p.pnet.PrivateNetworkHandler;
import org.skerry.libp2p.pnet.PrivateNetworkRejection;
import org.skerry.libp2p.tls.TlsRejection;

/**
 * Turns one channel, a socket's or a stream's, into a connection. Owned by the channel's event
 * loop.
 *
 * <pre>
 * [private network →]
 * multistream for /tls/1.0.0 → TLS 1.3  ╮
 *                 or /noise  → Noise XX ┴→ [multistream for /yamux/1.0.0] → Yamux
 * </pre>
 *
 * The second multistream is left out when the handshake has agreed on the muxer.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
final class ConnectionUpgrade {
  private static final SecureRandom RANDOM = new SecureRandom();
  static final List<String> MUXERS = List.of("/yamux/1.0.0");

  private final Channel channel;
  private final boolean initiator;
  private final Optional<PeerId> expected;
  private final Multiaddr remoteAddress;
  private final HostContext host;
  private final CompletableFuture<MuxedConnection> result = new CompletableFuture<>();

  ConnectionUpgrade(
      Channel channel,
      boolean initiator,
      Optional<PeerId> expected,
      Multiaddr remoteAddress,
      HostContext host) {
    this.channel = channel;
    this.initiator = initiator;
    this.expected = expected;
    this.remoteAddress = remoteAddress;
    this.host = host;
  }

  /** Starts on an active channel; the future fails with a {@link Libp2pException}. */
  CompletableFuture<MuxedConnection> start() {
    var timeout =
        channel
            .eventLoop()
            .schedule(
                () -> {
                  if (!result.isDone()) {
                    host.metrics().refused(HostMetrics.Refusal.HANDSHAKE_TIMEOUT);
                    fail(
                        Reason.TIMEOUT,
                        "the handshake took longer than " + host.limits().handshakeTimeout());
                  }
                },
                host.limits().handshakeTimeout().toNanos(),
                TimeUnit.NANOSECONDS);
    result.whenComplete((connection, failure) -> timeout.cancel(false));
    host.privateNetwork()
        .ifPresent(key ->
            channel.pipeline().addLast(new PrivateNetworkHandler(key, RANDOM, this::stranger)));
    channel
        .pipeline()
        .addLast(multistream(host.security().protocolIds(), this::secure), new Tail());
    return result;
  }

  private ChannelHandler multistream(List<String> protocols, Consumer<String> selected) {
    return new MultistreamHandler(
        initiator ? new Initiator(protocols) : new Responder(() -> Set.copyOf(protocols)),
        selected,
        (reason, detail) -> rejected("multistream", reason, detail));
  }

  private void addBeforeTail(ChannelHandler handler) {
    channel.pipeline().addBefore(channel.pipeline().context(Tail.class).name(), null, handler);
  }

  private void secure(String protocol) {
    switch (SecureProtocol.of(protocol)) {
      case TLS -> startTls();
      case NOISE -> startNoise();
    }
  }

  private void startTls() {
    SslHandler tls = host.security().tls().newHandler(initiator, channel.alloc());
    addBeforeTail(tls);
    addBeforeTail(
        new TlsHandshakeHandler(
            tls, expected, this::secured, (reason, detail) -> rejected("tls", reason, detail)));
  }

  private void startNoise() {
    addBeforeTail(
        new NoiseHandshakeHandler(
            new NoiseHandshake(initiator, host.security().noise(), expected, MUXERS),
            initiator,
            secure -> {
              addBeforeTail(
                  new NoiseFrames(secure, (reason, detail) -> rejected("noise", reason, detail)));
              secured(secure.remotePeer(), secure.muxer());
            },
            (reason, detail) -> rejected("noise", reason, detail)));
  }

  private void secured(PeerId peer, Optional<String> muxer) {
    if (peer.equals(host.self())) {
      host.metrics().refused(HostMetrics.Refusal.SELF_DIAL);
      fail(Reason.HANDSHAKE_FAILED, "the other side is this host itself");
      return;
    }
    Optional<String> refusal = host.gate().refusal(peer);
    if (refusal.isPresent()) {
      fail(Reason.BLOCKED, refusal.get());
    } else if (muxer.isPresent()) {
      startYamux(peer);
    } else {
      addBeforeTail(multistream(MUXERS, agreed -> startYamux(peer)));
    }
  }

  private void startYamux(PeerId peer) {
    YamuxHandler yamux = new YamuxHandler(peer, initiator, host);
    MuxedConnection connection = new MuxedConnection(channel, yamux, remoteAddress, initiator);
    yamux.events(host.events().of(connection));
    ChannelHandlerContext tail = channel.pipeline().context(Tail.class);
    channel.pipeline().replace(tail.handler(), null, yamux);
    if (!result.complete(connection)) {
      channel.close();
    }
  }

  private void rejected(String layer, Enum<?> reason, String detail) {
    host.metrics().refused(layer, reason);
    Reason why =
        reason instanceof NoiseRejection || reason instanceof TlsRejection
            ? Reason.HANDSHAKE_FAILED
            : Reason.PROTOCOL_VIOLATION;
    fail(reason == MultistreamHandler.Outcome.UNSUPPORTED ? Reason.HANDSHAKE_FAILED : why, detail);
  }

  /** The other side is not of this private network; after this side has given up, it may be. */
  private void stranger(PrivateNetworkRejection why, String detail) {
    if (!result.isDone()) {
      host.metrics().refused("private_network", why);
      fail(Reason.WRONG_NETWORK, detail);
    }
  }

  private void fail(Reason reason, String detail) {
    result.completeExceptionally(new Libp2pException(reason, remoteAddress + ": " + detail));
    channel.close();
  }

  /** Notices a channel that ends, or fails, before it has become a connection. */
  private final class Tail extends ChannelInboundHandlerAdapter {
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      broken("the other side closed the connection during the handshake");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      broken("the handshake broke: " + cause.getMessage());
    }

    private void broken(String detail) {
      if (!result.isDone()) {
        host.metrics().refused(HostMetrics.Refusal.HANDSHAKE_BROKEN);
        fail(Reason.HANDSHAKE_FAILED, detail);
      }
    }
  }
}
