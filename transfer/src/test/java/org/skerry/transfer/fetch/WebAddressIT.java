package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.linecorp.armeria.common.TlsKeyPair;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;
import org.skerry.transfer.TransferLedger.Rejection;
import org.skerry.transfer.TransferLedger.WebRefusal;
import org.skerry.transfer.WebSeed;
import org.skerry.transfer.web.WebRules;

/** Which web servers a fetch connects to, and which of them it trusts. */
@Timeout(180)
class WebAddressIT extends WebSeedCase {
  private static final FetchLimits HASTY = FetchLimits.DEFAULT.withGiveUpMs(5_000);

  private Reason failure(BlobFetcher fetcher, WebSeed... seeds) {
    return catchThrowableOfType(TransferException.class, () -> fetch(fetcher, seeds)).reason();
  }

  @ParameterizedTest
  @ValueSource(strings = {"seed.test", "127.0.0.1", "[::ffff:127.0.0.1]", "2130706433"})
  void neverAsksAHostWhoseAddressIsNotPublic(String host) throws Exception {
    server.seed("shards", blob);
    WebSeed seed = WebSeed.parse("https://" + host + ":" + server.port() + "/shards/");
    WebRules strict = rules(WebRules.PUBLIC.mayReach(), WebRules.PUBLIC.names());
    WebRules stub =
        rules(
            WebRules.PUBLIC.mayReach(),
            name ->
                name.equals(TestWebServer.HOST)
                    // One public address beside it makes it no better.
                    ? List.of(InetAddress.ofLiteral("1.1.1.1"), InetAddress.getLoopbackAddress())
                    : strict.names().of(name));
    fetchUntil(() -> ledger.refused() > 0, fetcher(stub, FetchLimits.DEFAULT), seed);
    assertThat(ledger.webRefusals())
        .containsExactly(new WebRefusal(seed, Rejection.FORBIDDEN_ADDRESS, 1));
    assertThat(server.asked("shards")).isEmpty();
  }

  @Test
  void connectsToNothingThatANameMeansLater() throws Exception {
    InetAddress outside = InetAddress.ofLiteral("127.0.0.2");
    InetAddress inside = InetAddress.ofLiteral("127.0.0.1");
    AtomicInteger lookups = new AtomicInteger();
    try (TestWebServer public2 = new TestWebServer(outside, server.port(), TestWebServer.KEYS)) {
      WebSeed seed = public2.seed("shards", blob);
      server.seed("shards", blob);
      WebRules rules =
          rules(
              outside::equals, host -> List.of(lookups.getAndIncrement() == 0 ? outside : inside));
      fetchUntil(() -> ledger.refused() > 0, fetcher(rules, FetchLimits.DEFAULT), seed);
      assertThat(public2.asked("shards")).hasSize(1);
      assertThat(server.asked("shards")).isEmpty();
      assertThat(ledger.webRefusals())
          .containsExactly(new WebRefusal(seed, Rejection.FORBIDDEN_ADDRESS, 1));
    }
  }

  @Test
  void trustsNoCertificateOfAnotherAuthority() throws Exception {
    TlsKeyPair own = TlsKeyPair.ofSelfSigned(TestWebServer.HOST);
    try (TestWebServer impostor = new TestWebServer(InetAddress.getLoopbackAddress(), 0, own)) {
      WebSeed seed = impostor.seed("shards", blob);
      assertThat(failure(fetcher(loopback(), HASTY), seed)).isEqualTo(Reason.NO_SOURCES);
      assertThat(impostor.asked("shards")).isEmpty();
    }
  }

  @Test
  void trustsNoCertificateOfAnotherName() {
    server.seed("shards", blob);
    WebSeed seed = WebSeed.parse("https://other.test:" + server.port() + "/shards/");
    assertThat(failure(fetcher(loopback(), HASTY), seed)).isEqualTo(Reason.NO_SOURCES);
    assertThat(server.asked("shards")).isEmpty();
  }
}
