package org.skerry.libp2p.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.ssl.ClientAuth;
import java.security.KeyPair;
import java.security.cert.X509Certificate;

/** The TLS that QUIC carries inside: engines that show this host's certificate. Thread-safe. */
public final class QuicTls {
  private static final String NOBODYS_PROTOCOL = "refused";

  private final QuicSslContext client;
  private final QuicSslContext server;
  private final QuicSslContext refusing;

  private QuicTls(QuicSslContext client, QuicSslContext server, QuicSslContext refusing) {
    this.client = client;
    this.server = server;
    this.refusing = refusing;
  }

  static QuicTls of(KeyPair key, X509Certificate certificate) {
    return new QuicTls(
        QuicSslContextBuilder.forClient()
            .keyManager(key.getPrivate(), null, certificate)
            .trustManager(new PeerTrust())
            .applicationProtocols(TlsIdentity.NO_MUXER)
            .build(),
        server(key, certificate, TlsIdentity.NO_MUXER),
        server(key, certificate, NOBODYS_PROTOCOL));
  }

  private static QuicSslContext server(KeyPair key, X509Certificate certificate, String protocol) {
    return QuicSslContextBuilder.forServer(key.getPrivate(), null, certificate)
        .clientAuth(ClientAuth.REQUIRE)
        .trustManager(new PeerTrust())
        .applicationProtocols(protocol)
        .build();
  }

  /**
   * An engine that answers whoever dials with an alert (RFC 7301, section 3.2) before it has signed
   * anything: the cheapest answer that there is.
   */
  public QuicSslEngine newRefusal(ByteBufAllocator buffers) {
    return refusing.newEngine(buffers);
  }

  /** An engine of one connection. It sends no server name. */
  public QuicSslEngine newEngine(boolean initiator, ByteBufAllocator buffers) {
    return (initiator ? client : server).newEngine(buffers);
  }
}
