package org.skerry.node.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class GuestTest {
  private static final Duration NEVER = Duration.ofDays(1);

  /** A condition that a test decides. */
  private static final class Decided implements Condition {
    private final String name;
    private volatile String reason = "";

    Decided(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String wish() {
      return "as the test wants";
    }

    @Override
    public Answer ask(Instant now) {
      if (reason.equals("fail")) {
        throw new IllegalStateException("it fails");
      }
      return reason.isEmpty() ? Answer.holds("fine") : against(reason);
    }
  }

  private final Decided one = new Decided("one");
  private final Decided other = new Decided("other");
  private final List<String> heard = new ArrayList<>();

  private synchronized void hear(Optional<Hindrance> hindrance) {
    heard.add(hindrance.map(Hindrance::reason).orElse("over"));
  }

  private Guest guest(Duration every) throws InterruptedException {
    return new Guest(List.of(one, other), every, InstantSource.system(), this::hear);
  }

  @Test
  void tellsOfEachHindranceOnceAndWhenTheLastIsOver() throws Exception {
    try (Guest guest = guest(NEVER)) {
      assertThat(heard).isEmpty();
      other.reason = "86 °C";
      guest.ask();
      other.reason = "87 °C";
      guest.ask();
      assertThat(guest.state().hindrance().orElseThrow().reason()).isEqualTo("87 °C");
      one.reason = "on battery";
      guest.ask();
      one.reason = "";
      guest.ask();
      other.reason = "";
      guest.ask();
      assertThat(heard).containsExactly("86 °C", "on battery", "87 °C", "over");
      assertThat(guest.state().standings())
          .containsExactly(
              new Guest.Standing("one", "as the test wants", "fine", true),
              new Guest.Standing("other", "as the test wants", "fine", true));
    }
  }

  @Test
  void whatStandsAgainstItAtFirstIsHeardBeforeAnythingBegins() throws Exception {
    one.reason = "at night";
    try (Guest guest = guest(NEVER)) {
      assertThat(heard).containsExactly("at night");
      guest.set(List.of(other));
      assertThat(heard).containsExactly("at night", "over");
    }
  }

  @Test
  void aConditionThatCannotBeAskedIsTakenNotToHold() throws Exception {
    one.reason = "fail";
    try (Guest guest = guest(NEVER)) {
      assertThat(guest.state().hindrance().orElseThrow().reason()).contains("one cannot be asked");
    }
  }

  @Test
  void asksAgainByItself() throws Exception {
    try (Guest guest = guest(Duration.ofMillis(10))) {
      one.reason = "now";
      Awaitility.await().until(() -> guest.state().hindrance().isPresent());
      one.reason = "";
      Awaitility.await().until(() -> guest.state().hindrance().isEmpty());
    }
    assertThat(heard).containsExactly("now", "over");
  }
}
