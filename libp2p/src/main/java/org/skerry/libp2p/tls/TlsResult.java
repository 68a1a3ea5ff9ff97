package org.skerry.libp2p.tls;

import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.PeerId;

/** What came of a TLS handshake. */
public sealed interface TlsResult {
  /**
   * The channel is ready.
   *
   * @param peer that proved its identity
   * @param muxer that both sides chose; empty: negotiate one
   */
  record Secured(PeerId peer, Optional<String> muxer) implements TlsResult {}

  /** Close the connection. */
  record Rejected(TlsRejection rejection, String detail) implements TlsResult {}

  /**
   * Looks at a handshake that has ended.
   *
   * @param expected the peer that was dialled, if this side did
   */
  static TlsResult of(
      SslHandler tls, SslHandshakeCompletionEvent completion, Optional<PeerId> expected) {
    return completion.isSuccess()
        ? secured(tls.engine(), tls.applicationProtocol(), expected)
        : rejected(completion.cause());
  }

  /**
   * The same of QUIC's handshake.
   *
   * @param failure why it failed, if it did
   */
  static TlsResult ofQuic(
      SSLEngine engine, Optional<Throwable> failure, Optional<PeerId> expected) {
    return failure.isEmpty()
        ? secured(engine, engine.getApplicationProtocol(), expected)
        : rejected(PeerTrust.rejection(engine).<Throwable>map(e -> e).orElse(failure.get()));
  }

  private static TlsResult secured(
      SSLEngine engine, @Nullable String protocol, Optional<PeerId> expected) {
    try {
      PeerId peer = PeerTrust.peer(engine);
      if (expected.isPresent() && !expected.get().equals(peer)) {
        return new Rejected(
            TlsRejection.WRONG_PEER, "the other side is " + peer + ", not " + expected.get());
      }
      if (protocol == null) {
        return new Rejected(
            TlsRejection.HANDSHAKE, "both sides have no application protocol in common");
      }
      return new Secured(
          peer, protocol.equals(TlsIdentity.NO_MUXER) ? Optional.empty() : Optional.of(protocol));
    } catch (SSLPeerUnverifiedException | TlsException e) {
      return rejected(e);
    }
  }

  private static Rejected rejected(Throwable failure) {
    Throwable root = failure;
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof TlsException rejected) {
        return new Rejected(rejected.rejection(), String.valueOf(rejected.getMessage()));
      }
      root = cause;
    }
    return new Rejected(TlsRejection.HANDSHAKE, "TLS: " + root.getMessage());
  }
}
