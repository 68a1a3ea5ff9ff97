package org.skerry.node.guest;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.node.config.WeeklyHours;
import org.skerry.node.guest.Condition.Answer;
import org.skerry.node.presence.Presence;
import org.skerry.node.presence.Presence.State;

/** What the owner says himself: pauses, hours, a question of his own, being there. */
class OwnerConditionsTest {
  private static final Instant NOW = Instant.parse("2026-11-02T12:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir Path folder;

  private static String reason(Answer answer) {
    return answer.hindrance().map(Hindrance::reason).orElse("holds: " + answer.seen());
  }

  @Test
  void aPauseEndsByItselfOrWhenTheOwnerSaysAndOutlivesTheProcess() throws Exception {
    Path file = folder.resolve("pause");
    OwnersPause pause = OwnersPause.open(file);
    assertThat(pause.ask(NOW).hindrance()).isEmpty();

    pause.begin(Optional.of(NOW.plus(MINUTE)));
    assertThat(OwnersPause.open(file).ask(NOW).hindrance().orElseThrow().until())
        .contains(NOW.plus(MINUTE));
    assertThat(OwnersPause.open(file).ask(NOW.plus(MINUTE)).hindrance()).isEmpty();

    pause.begin(Optional.empty());
    assertThat(OwnersPause.open(file).ask(NOW.plus(Duration.ofDays(900))).hindrance()).isPresent();
    assertThat(pause.ask(NOW).hindrance().orElseThrow().until()).isEmpty();
    pause.end();
    assertThat(pause.ask(NOW).hindrance()).isEmpty();
    assertThat(OwnersPause.open(file).ask(NOW).hindrance()).isEmpty();

    Files.writeString(file, "tomorrow");
    assertThat(OwnersPause.open(file).ask(NOW).hindrance()).isEmpty();
  }

  @Test
  void outsideHisHoursItSaysWhenTheyBegin() {
    OwnerHours hours =
        new OwnerHours(
            "limits.hours",
            "computing",
            WeeklyHours.parse("mon-fri 18:00-08:00"),
            ZoneId.of("Europe/Berlin"));
    assertThat(hours.ask(NOW).hindrance())
        .contains(
            new Hindrance(
                "limits.hours",
                "outside the hours for computing",
                Optional.of(Instant.parse("2026-11-02T17:00:00Z"))));
    assertThat(hours.ask(Instant.parse("2026-11-02T17:00:00Z")).hindrance()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          echo cheap now; echo more           | holds: yes: cheap now
          true                                | holds: yes
          echo 'too dear: 42 ct'; exit 1      | limits.ask says no: too dear: 42 ct
          exit 1                              | limits.ask says no
          echo oops; exit 7                   | limits.ask gives no answer: exit status 7 oops
          sleep 60                            | limits.ask gives no answer: it ran for more than 1 s
          no-such-program                     | limits.ask gives no answer: exit status 127
          """)
  void aCommandAnswersWithItsStatus(String command, String answer) throws Exception {
    OwnersQuestion question = new OwnersQuestion(command, Duration.ofSeconds(1));
    assertThat(reason(question.ask(NOW))).startsWith(answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          200 | yes                    | holds: yes
          200 | YES: the sun shines    | holds: yes: the sun shines
          200 | no, 42 ct              | limits.ask says no: 42 ct
          200 | perhaps                | limits.ask gives no answer: neither yes nor no: 'perhaps'
          500 | yes                    | limits.ask gives no answer: status 500
          """)
  void aUrlAnswersWithItsFirstWord(int status, String body, String answer) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/price";
      OwnersQuestion question = new OwnersQuestion(url, Duration.ofSeconds(10));
      assertThat(reason(question.ask(NOW))).isEqualTo(answer);
    } finally {
      server.stop(0);
    }
    OwnersQuestion nobody = new OwnersQuestion("http://127.0.0.1:1/", Duration.ofSeconds(10));
    assertThat(reason(nobody.ask(NOW))).startsWith("limits.ask gives no answer");
  }

  @Test
  void anExpensiveAnswerHoldsForAWhile() throws Exception {
    Path marks = folder.resolve("marks");
    Seldom question =
        new Seldom(new OwnersQuestion("echo . >> '" + marks + "'", Duration.ofSeconds(10)), MINUTE);
    question.ask(NOW);
    question.ask(NOW.plusSeconds(59));
    assertThat(lines(marks)).isEqualTo(1);
    question.ask(NOW.plusSeconds(60));
    assertThat(lines(marks)).isEqualTo(2);
    question.ask(NOW.minusSeconds(3600));
    assertThat(lines(marks)).isEqualTo(3);
  }

  private static int lines(Path file) throws IOException {
    return Files.readAllLines(file).size();
  }

  @ParameterizedTest
  @CsvSource({"u 1,true", "u 2,false", "u 3,true", "u 4,false", "u 0,false", "nonsense,false"})
  void aMeteredNetworkIsWhatNetworkManagerSays(String property, boolean metered) throws Exception {
    MeteredNetwork network = new MeteredNetwork(List.of("echo", property));
    assertThat(network.ask(NOW).hindrance().isPresent()).isEqualTo(metered);
  }

  @Test
  void withoutNetworkManagerNoNetworkIsMetered() throws Exception {
    assertThat(reason(new MeteredNetwork(List.of("false")).ask(NOW))).startsWith("holds: unknown");
    assertThat(reason(new MeteredNetwork(List.of("/no/such/busctl")).ask(NOW)))
        .startsWith("holds: unknown");
  }

  @Test
  void whoMayBeThereIsTakenToBeThere() throws Exception {
    for (State state : State.values()) {
      AwayOwner away = new AwayOwner(() -> new Presence(state, "it is a test"), MINUTE);
      assertThat(away.ask(NOW).hindrance().isEmpty()).isEqualTo(state == State.AWAY);
    }
  }

  @Test
  void aFullDiskIsLeftToTheOwner() {
    assertThat(reason(new FreeDisk(folder, f -> 3 << 20, 4 << 20).ask(NOW)))
        .startsWith("only 3.0 MiB free")
        .endsWith("(limits.min-free-disk is 4.0 MiB)");
    assertThat(new FreeDisk(folder, f -> 4 << 20, 4 << 20).ask(NOW).hindrance()).isEmpty();
  }
}
