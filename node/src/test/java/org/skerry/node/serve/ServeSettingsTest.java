package org.skerry.node.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;

class ServeSettingsTest {
  private static final Secret OWN = new Secret("own-secret");

  private static ServeSettings at(String host) {
    return new ServeSettings(host, 7860, Optional.empty(), List.of(), List.of());
  }

  private static boolean accepts(AccessRules rules, String host) {
    return rules.refusal(host, null, null, true).isEmpty();
  }

  @Test
  void theNamesOfThisComputerAndThoseGivenCountAsHosts() {
    AccessRules rules =
        new ServeSettings("::1", 1, Optional.empty(), List.of("Host.Docker.internal"), List.of())
            .rules(OWN, false);
    for (String host : List.of("localhost", "[::1]:7860", "127.0.0.1:1", "host.docker.internal")) {
      assertThat(accepts(rules, host)).as(host).isTrue();
    }
    for (String host : List.of("docker.internal", "192.168.0.7", "[::2]", "", ":7860", "::1")) {
      assertThat(accepts(rules, host)).as(host).isFalse();
    }
    assertThat(rules.refusal(null, null, null, true)).isPresent();
  }

  @Test
  void aServerOnAllAddressesIsCalledByAnyOfThemButByNoForeignName() {
    AccessRules rules = at("0.0.0.0").rules(OWN, true);
    assertThat(accepts(rules, "192.168.0.7:7860")).isTrue();
    assertThat(accepts(rules, "[fe80::1]:7860")).isTrue();
    assertThat(accepts(rules, "evil.example:7860")).isFalse();
    assertThat(accepts(rules, "1.2.3.4.evil.example")).isFalse();
  }

  @Test
  void theServersOwnSecretCountsBesideTheToken() {
    AccessRules rules =
        new ServeSettings("localhost", 1, Optional.of("correct-horse"), List.of(), List.of())
            .rules(OWN, false);
    assertThat(rules.refusal("localhost", null, "Bearer own-secret", false)).isEmpty();
    assertThat(rules.refusal("localhost", null, "bearer correct-horse", false)).isEmpty();
    assertThat(rules.refusal("localhost", null, "Bearer correct-hors", false)).isPresent();
    assertThat(rules.refusal("localhost", null, "Basic !!!", false)).isPresent();
    assertThat(rules.refusal("localhost", null, "correct-horse", false)).isPresent();
    assertThat(at("localhost").rules(OWN, false).refusal("localhost", null, null, false)).isEmpty();
    assertThat(rules.toString()).doesNotContain("horse", "own-secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "localhost:3000", "http://x/", "http://a b", "null", "file://x"})
  void originsMustBeWhole(String origin) {
    assertUsage(
        new ServeSettings("localhost", 1, Optional.empty(), List.of(), List.of(origin)),
        "--allow-origin '" + origin + "' makes no sense; name one, as http://localhost:3000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"short", "with space in it", "ünïcödé-token"})
  void tokensMustBeHardToGuessAndFitAHeader(String token) {
    assertUsage(
        new ServeSettings("localhost", 1, Optional.of(token), List.of(), List.of()),
        "the token cannot be used (a token has 8 to 512 visible characters of ASCII); choose"
            + " another");
  }

  @Test
  void hostsAndPortsMustBeSome() {
    assertUsage(at("http://x"), "--host 'http://x' makes no sense; name a host");
    assertUsage(
        new ServeSettings("x", 65_536, Optional.empty(), List.of(), List.of()),
        "--port 65536 is no port");
  }

  private static void assertUsage(ServeSettings settings, String message) {
    assertThatThrownBy(settings::checked)
        .hasMessageStartingWith(message)
        .isInstanceOfSatisfying(
            NodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.USAGE));
  }
}
