package org.skerry.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SNIServerName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;

class TlsIdentityTest {
  private static final List<String> YAMUX = List.of("/yamux/1.0.0");
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final PrivateKey ALICE = PrivateKey.ofSeed(new byte[32]);
  private static final PrivateKey BOB = PrivateKey.generate(RANDOM);
  private static final PeerId ALICES_ID = PeerId.of(ALICE.publicKey());
  private static final PeerId BOBS_ID = PeerId.of(BOB.publicKey());

  /** One side of a handshake. */
  private static final class Side extends ChannelInboundHandlerAdapter {
    private final Optional<PeerId> expected;
    private final SslHandler tls;
    private final EmbeddedChannel channel;
    private @Nullable TlsResult result;
    private final StringBuilder heard = new StringBuilder();

    Side(SslHandler tls, Optional<PeerId> expected) {
      this.expected = expected;
      this.tls = tls;
      this.channel = new EmbeddedChannel(tls, this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslHandshakeCompletionEvent completion) {
        result = TlsResult.of(tls, completion, expected);
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf bytes = (ByteBuf) msg;
      heard.append(bytes.toString(StandardCharsets.UTF_8));
      bytes.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close(); // the result says why
    }

    void say(String text) {
      channel.writeOutbound(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }
  }

  private static void pump(Side a, Side b) {
    boolean moved;
    do {
      a.channel.runPendingTasks();
      b.channel.runPendingTasks();
      moved = move(a, b) | move(b, a);
    } while (moved);
  }

  private static boolean move(Side from, Side to) {
    boolean moved = false;
    ByteBuf bytes;
    while ((bytes = from.channel.readOutbound()) != null) {
      moved = true;
      if (to.channel.isActive()) {
        to.channel.writeInbound(bytes);
      } else {
        bytes.release();
      }
    }
    return moved;
  }

  private static Side dialler(TlsIdentity identity, PeerId expected) {
    return new Side(
        identity.newHandler(true, Unpooled.EMPTY_BUFFER.alloc()), Optional.of(expected));
  }

  private static Side listener(TlsIdentity identity) {
    return new Side(identity.newHandler(false, Unpooled.EMPTY_BUFFER.alloc()), Optional.empty());
  }

  private static TlsIdentity identity(PrivateKey key, List<String> muxers, SslProvider provider) {
    return TlsIdentity.create(key, muxers, RANDOM, provider);
  }

  private static void close(Side... sides) {
    for (Side side : sides) {
      side.channel.finishAndReleaseAll();
    }
  }

  static Stream<Arguments> providers() {
    List<SslProvider> all = List.of(SslProvider.OPENSSL, SslProvider.JDK);
    return all.stream().flatMap(a -> all.stream().map(b -> Arguments.of(a, b)));
  }

  @Test
  void boringSslRunsWhereTheTestsDo() {
    assertThat(TlsIdentity.isNative()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("providers")
  void bothSidesLearnWhoTheOtherIsAndAgreeOnAMuxer(SslProvider dials, SslProvider listens) {
    Side alice = dialler(identity(ALICE, YAMUX, dials), BOBS_ID);
    Side bob = listener(identity(BOB, YAMUX, listens));
    pump(alice, bob);
    assertThat(alice.result).isEqualTo(new TlsResult.Secured(BOBS_ID, Optional.of(YAMUX.get(0))));
    assertThat(bob.result).isEqualTo(new TlsResult.Secured(ALICES_ID, Optional.of(YAMUX.get(0))));
    assertThat(alice.tls.engine().getSession().getProtocol()).isEqualTo("TLSv1.3");
    alice.say("ping");
    bob.say("pong");
    pump(alice, bob);
    assertThat(bob.heard).hasToString("ping");
    assertThat(alice.heard).hasToString("pong");
    close(alice, bob);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void leavesTheMuxerOpenWhenOneSideNamesNone(SslProvider dials, SslProvider listens) {
    Side alice = dialler(identity(ALICE, YAMUX, dials), BOBS_ID);
    Side bob = listener(identity(BOB, List.of(), listens));
    pump(alice, bob);
    assertThat(alice.result).isEqualTo(new TlsResult.Secured(BOBS_ID, Optional.empty()));
    assertThat(bob.result).isEqualTo(new TlsResult.Secured(ALICES_ID, Optional.empty()));
    close(alice, bob);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void refusesWhoIsNotTheOneThatWasDialled(SslProvider dials, SslProvider listens) {
    Side alice = dialler(identity(ALICE, YAMUX, dials), ALICES_ID);
    Side bob = listener(identity(BOB, YAMUX, listens));
    pump(alice, bob);
    assertRejected(TlsRejection.WRONG_PEER, alice);
    close(alice, bob);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void refusesACertificateWithoutIdentity(SslProvider dials, SslProvider listens) throws Exception {
    KeyPair key = TlsIdentity.newKey(RANDOM);
    Instant now = Instant.now();
    X509Certificate bare =
        TlsIdentity.signed(key, now.minusSeconds(60), now.plusSeconds(60), RANDOM);
    Side anonymous = dialler(TlsIdentity.of(key, bare, YAMUX, dials), BOBS_ID);
    Side bob = listener(identity(BOB, YAMUX, listens));
    pump(anonymous, bob);
    assertRejected(TlsRejection.BAD_EXTENSION, bob);
    close(anonymous, bob);

    Side alice = dialler(identity(ALICE, YAMUX, dials), BOBS_ID);
    Side imposter = listener(TlsIdentity.of(key, bare, YAMUX, listens));
    pump(alice, imposter);
    assertRejected(TlsRejection.BAD_EXTENSION, alice);
    close(alice, imposter);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void wantsACertificateOfTheDialler(SslProvider dials, SslProvider listens) throws Exception {
    Side anonymous = foreign(SslContextBuilder.forClient().protocols("TLSv1.3"), dials, "libp2p");
    Side bob = listener(identity(BOB, YAMUX, listens));
    pump(anonymous, bob);
    assertRejected(TlsRejection.HANDSHAKE, bob);
    close(anonymous, bob);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void speaksNoOlderTls(SslProvider dials, SslProvider listens) throws Exception {
    assertRefused("TLSv1.2", "libp2p", dials, listens);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void refusesWhoSpeaksAnotherApplicationProtocol(SslProvider dials, SslProvider listens)
      throws Exception {
    assertRefused("TLSv1.3", "h2", dials, listens);
  }

  private static void assertRefused(
      String version, String protocol, SslProvider dials, SslProvider listens) throws Exception {
    KeyPair key = TlsIdentity.newKey(RANDOM);
    X509Certificate certificate = TlsIdentity.certificate(ALICE, key, Instant.now(), RANDOM);
    SslContextBuilder client =
        SslContextBuilder.forClient().keyManager(key.getPrivate(), certificate).protocols(version);
    Side other = foreign(client, dials, protocol);
    Side bob = listener(identity(BOB, YAMUX, listens));
    pump(other, bob);
    assertRejected(TlsRejection.HANDSHAKE, bob);
    close(other, bob);
  }

  @Test
  void refusesGarbage() {
    for (SslProvider provider : List.of(SslProvider.OPENSSL, SslProvider.JDK)) {
      Side bob = listener(identity(BOB, YAMUX, provider));
      bob.channel.writeInbound(
          Unpooled.copiedBuffer("GET / HTTP/1.1\r\n\r\n", StandardCharsets.UTF_8));
      bob.channel.runPendingTasks();
      assertRejected(TlsRejection.HANDSHAKE, bob);
      close(bob);
    }
  }

  @Test
  void sendsNoServerName() {
    for (SslProvider provider : List.of(SslProvider.OPENSSL, SslProvider.JDK)) {
      Side alice = dialler(identity(ALICE, YAMUX, provider), BOBS_ID);
      List<SNIServerName> names = alice.tls.engine().getSSLParameters().getServerNames();
      assertThat(names == null ? List.of() : names).isEmpty();
      ByteBuf hello = alice.channel.readOutbound();
      assertThat(hello.toString(StandardCharsets.ISO_8859_1)).contains("/yamux/1.0.0");
      hello.release();
      close(alice);
    }
  }

  private static Side foreign(SslContextBuilder builder, SslProvider provider, String protocol)
      throws Exception {
    SslContext context =
        builder
            .sslProvider(provider)
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null)
            .applicationProtocolConfig(TlsIdentity.alpn(List.of(protocol), provider))
            .build();
    return new Side(context.newHandler(Unpooled.EMPTY_BUFFER.alloc()), Optional.empty());
  }

  private static void assertRejected(TlsRejection rejection, Side side) {
    assertThat(side.result)
        .isInstanceOfSatisfying(
            TlsResult.Rejected.class, r -> assertThat(r.rejection()).isEqualTo(rejection));
  }
}
