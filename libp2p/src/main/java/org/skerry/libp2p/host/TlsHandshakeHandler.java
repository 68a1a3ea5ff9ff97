package org.skerry.libp2p.host;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.tls.TlsRejection;
import org.skerry.libp2p.tls.TlsResult;

/** Waits behind an {@link SslHandler} for its handshake, then gives its place to what follows. */
final class TlsHandshakeHandler extends ChannelInboundHandlerAdapter {
  private final SslHandler tls;
  private final Optional<PeerId> expected;
  private final BiConsumer<PeerId, Optional<String>> secured;
  private final BiConsumer<Enum<?>, String> rejected;

  /**
   * @param expected the peer that was dialled; any other is rejected as {@code WRONG_PEER}
   * @param secured gets the peer and the muxer that was agreed on early
   */
  TlsHandshakeHandler(
      SslHandler tls,
      Optional<PeerId> expected,
      BiConsumer<PeerId, Optional<String>> secured,
      BiConsumer<Enum<?>, String> rejected) {
    this.tls = tls;
    this.expected = expected;
    this.secured = secured;
    this.rejected = rejected;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof SslHandshakeCompletionEvent completion)) {
      ctx.fireUserEventTriggered(event);
      return;
    }
    switch (TlsResult.of(tls, completion, expected)) {
      case TlsResult.Secured(PeerId peer, Optional<String> muxer) -> {
        secured.accept(peer, muxer);
        ctx.pipeline().remove(this);
      }
      case TlsResult.Rejected(TlsRejection rejection, String detail) ->
          rejected.accept(rejection, detail);
    }
  }
}
