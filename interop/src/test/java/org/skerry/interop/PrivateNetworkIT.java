package org.skerry.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.skerry.interop.TestProtocols.Echo;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.host.SecureProtocol;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.pnet.PreSharedKey;
import tools.jackson.databind.JsonNode;

/** A private network of Skerry and js-libp2p, and who is not in it. */
final class PrivateNetworkIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** 16 MiB. */
  private static final int CHUNKS = 256;

  private TcpHost host;

  private static String keyFile(int key) {
    return "/key/swarm/psk/1.0.0/\n/base16/\n" + "%02x".formatted(key).repeat(32);
  }

  @BeforeEach
  void start() throws Exception {
    host = Hosts.start(Optional.of(PreSharedKey.decode(keyFile(1).getBytes(US_ASCII))));
  }

  @AfterEach
  void stop() {
    host.close();
  }

  @ParameterizedTest
  @EnumSource
  void dialsAMember(SecureProtocol security) throws Exception {
    try (JsPeer js = js(security, keyFile(1))) {
      host.connect(js.address(), LIMIT);
      Echo echo = new TestProtocols(host).echo(js.peerId(), CHUNKS, 1);
      assertThat(echo.bytes()).isEqualTo(16L << 20);
      assertThat(echo.received()).isEqualTo(echo.sent());
    }
  }

  @ParameterizedTest
  @EnumSource
  void isDialledByAMember(SecureProtocol security) throws Exception {
    try (JsPeer js = js(security, keyFile(1))) {
      new TestProtocols(host);
      js.run("dial", Map.of("address", Hosts.address(host).toString()));
      String peer = host.peerId().toString();
      JsonNode echo = js.run("echo", Map.of("peer", peer, "chunks", CHUNKS));
      assertThat(echo.get("bytes").asLong()).isEqualTo(16L << 20);
      assertThat(echo.get("received")).isEqualTo(echo.get("sent"));
    }
  }

  @Test
  void letsNobodyInWhoHasAnotherKeyOrNone() throws Exception {
    try (JsPeer other = js(SecureProtocol.NOISE, keyFile(2));
        JsPeer none = JsPeer.start(Map.of())) {
      Map<String, String> here = Map.of("address", Hosts.address(host).toString());
      assertThatThrownBy(() -> other.run("dial", here)).isInstanceOf(JsPeer.JsException.class);
      await().until(() -> host.metrics().value("refused_private_network_other_key") == 1);
      assertThatThrownBy(() -> none.run("dial", here)).isInstanceOf(JsPeer.JsException.class);
      await().until(() -> host.metrics().value("refused_private_network_no_key") == 1);
      for (JsPeer js : List.of(other, none)) {
        assertThatThrownBy(() -> host.connect(js.address(), LIMIT))
            .isInstanceOfSatisfying(
                Libp2pException.class,
                e -> // Which it is depends on what js makes of noise: it hangs up, or waits for
                    // more.
                    assertThat(e.reason()).isIn(Reason.WRONG_NETWORK, Reason.TIMEOUT));
      }
      assertThat(host.connections()).isEmpty();
    }
  }

  private static JsPeer js(SecureProtocol security, String keyFile) throws Exception {
    String secured = security.name().toLowerCase(Locale.ROOT);
    return JsPeer.start(Map.of("wire", secured, "swarmKey", keyFile));
  }
}
