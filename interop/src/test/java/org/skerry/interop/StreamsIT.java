package org.skerry.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.skerry.interop.TestProtocols.Echo;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.host.TcpHost;
import tools.jackson.databind.JsonNode;

/** One connection, dialled from either side over each transport, and what both do over it. */
@ParameterizedClass
@MethodSource("connections")
final class StreamsIT {
  enum Dialler {
    JAVA,
    JS
  }

  /** What carries the connection; js-libp2p names the layers. */
  enum Wire {
    TLS("/tls/1.0.0", "/yamux/1.0.0"),
    NOISE("/noise", "/yamux/1.0.0"),
    QUIC("native", "quic");

    private final String encryption;
    private final String muxer;

    Wire(String encryption, String muxer) {
      this.encryption = encryption;
      this.muxer = muxer;
    }
  }

  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** 256 MiB. */
  private static final int CHUNKS = 4096;

  private final Dialler dialler;
  private final Wire wire;

  private TcpHost host;
  private TestProtocols java;
  private JsPeer js;

  StreamsIT(Dialler dialler, Wire wire) {
    this.dialler = dialler;
    this.wire = wire;
  }

  static Stream<Arguments> connections() {
    return Stream.of(Dialler.values())
        .flatMap(dialler -> Stream.of(Wire.values()).map(wire -> Arguments.of(dialler, wire)));
  }

  @BeforeEach
  void connect() throws Exception {
    host = wire == Wire.QUIC ? Hosts.startQuic() : Hosts.start();
    java = new TestProtocols(host);
    js = JsPeer.start(Map.of("wire", wire.name().toLowerCase(Locale.ROOT)));
    switch (dialler) {
      case JAVA ->
          assertThat(host.connect(js.address(), LIMIT).remotePeer()).isEqualTo(js.peerId());
      case JS -> {
        String address = Hosts.address(host).toString();
        JsonNode dialled = js.run("dial", Map.of("address", address));
        assertThat(dialled.get("peer").asString()).isEqualTo(host.peerId().toString());
        assertThat(dialled.get("encryption").asString()).isEqualTo(wire.encryption);
        assertThat(dialled.get("multiplexer").asString()).isEqualTo(wire.muxer);
      }
    }
    await().atMost(LIMIT).until(() -> host.connections().size() == 1);
    await().atMost(LIMIT).until(() -> js.run("connections", Map.of()).get("peers").size() == 1);
  }

  @AfterEach
  void stop() {
    if (js != null) {
      js.close();
    }
    if (host != null) {
      host.close();
    }
  }

  @Test
  void identifiesTheOther() {
    JsonNode seen = js.run("identified", toJava(Map.of()));
    assertThat(seen.get("agent").asString()).startsWith("skerry/");
    assertThat(seen.get("protocols").values())
        .extracting(JsonNode::asString)
        .contains(TestProtocols.ECHO, TestProtocols.PING, "/ipfs/id/1.0.0");
    assertThat(seen.get("addresses").values())
        .extracting(JsonNode::asString)
        .contains(host.listenAddresses().getFirst().toString());

    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(host.addresses(js.peerId()))
                .extracting(Multiaddr::withoutPeerId)
                .contains(js.address().withoutPeerId()));
  }

  @Test
  void knowsTheSignedAddressesOfTheOther() {
    JsonNode seen = js.run("identified", toJava(Map.of()));
    assertThat(seen.get("certified").values())
        .extracting(JsonNode::asString)
        .containsExactly(host.listenAddresses().getFirst().toString());
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(host.certifiedAddresses(js.peerId()))
                .containsExactly(js.address().withoutPeerId()));
    assertThat(host.metrics().snapshot().keySet())
        .noneMatch(name -> name.startsWith("refused_peer_record"));
  }

  @Test
  void pingsTheOther() throws Exception {
    assertThat(java.ping(js.peerId())).isTrue();
    assertThat(js.run("ping", toJava(Map.of())).get("ms").asDouble()).isLessThan(10_000);
  }

  @Test
  void hasJsEcho256MiB() throws Exception {
    Echo echo = java.echo(js.peerId(), CHUNKS, 1);
    assertThat(echo.bytes()).isEqualTo(256L << 20);
    assertThat(echo.received()).isEqualTo(echo.sent());
  }

  @Test
  void echoes256MiBForJs() {
    JsonNode echo = js.run("echo", toJava(Map.of("chunks", CHUNKS)));
    assertThat(echo.get("bytes").asLong()).isEqualTo(256L << 20);
    assertThat(echo.get("received")).isEqualTo(echo.get("sent"));
  }

  @Test
  void readsOnAfterClosingItsWritingHalf() throws Exception {
    Echo fromJs = java.digest(js.peerId(), 16);
    assertThat(fromJs.received()).isEqualTo(fromJs.sent());
    JsonNode fromJava = js.run("digest", toJava(Map.of("chunks", 16)));
    assertThat(fromJava.get("answer")).isEqualTo(fromJava.get("sent"));
  }

  @Test
  void seesTheOthersReset() throws Exception {
    assertThat(java.resetByRemote(js.peerId())).isEqualTo(Reason.STREAM_RESET);
    // Over QUIC js-libp2p takes a reset for the end of what is to be read.
    String seen = wire == Wire.QUIC ? "closed" : "StreamResetError";
    if (wire != Wire.QUIC) {
      assertThat(js.run("resetByRemote", toJava(Map.of())).get("closedBy").asString())
          .isEqualTo(seen);
    }

    java.resetByUs(js.peerId());
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(js.run("held", Map.of()).get("endings").values())
                .extracting(JsonNode::asString)
                .containsExactly(seen));
    js.run("resetByUs", toJava(Map.of()));
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(java.held).containsExactly("STREAM_RESET"));
    assertThat(host.connections()).hasSize(1);
  }

  @Test
  void carriesManyStreamsAtOnce() throws Exception {
    assertThat(java.many(js.peerId(), 1000, 1)).isEqualTo(1000);
    JsonNode fromJs = js.run("many", toJava(Map.of("streams", 1000, "chunks", 1)));
    assertThat(fromJs.get("good").asInt()).isEqualTo(1000);
  }

  @Test
  void learnsThatAProtocolIsNotSpoken() {
    assertThatThrownBy(() -> java.open(js.peerId(), "/skerry/test/nobody/1.0.0"))
        .isInstanceOfSatisfying(
            Libp2pException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL_UNSUPPORTED));
    assertThatThrownBy(() -> js.run("unsupported", toJava(Map.of())))
        .hasMessageContaining("UnsupportedProtocolError");
  }

  @Test
  void noticesWhenTheOtherHangsUp() {
    js.run("hangUp", toJava(Map.of()));
    await().atMost(LIMIT).until(() -> host.connections().isEmpty());
  }

  @Test
  void noticesWhenTheOthersProcessDies() {
    js.close();
    await().atMost(LIMIT).until(() -> host.connections().isEmpty());
  }

  @Test
  void refusesAnAddressThatNamesAnotherPeer() {
    PeerId other = Hosts.randomPeer();
    Multiaddr address = js.address().withoutPeerId().withPeerId(other);
    assertThatThrownBy(() -> host.connect(address, LIMIT))
        .isInstanceOfSatisfying(
            Libp2pException.class,
            e -> assertThat(e.reason()).isIn(List.of(Reason.HANDSHAKE_FAILED, Reason.UNREACHABLE)));
  }

  private Map<String, Object> toJava(Map<String, Object> arguments) {
    Map<String, Object> all = new HashMap<>(arguments);
    all.put("peer", host.peerId().toString());
    return all;
  }
}
