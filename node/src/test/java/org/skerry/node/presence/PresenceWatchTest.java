package org.skerry.node.presence;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.skerry.node.presence.Presence.State;

@Timeout(60)
class PresenceWatchTest {
  private final BlockingQueue<Presence> answers = new SynchronousQueue<>();
  private final BlockingQueue<State> heard = new LinkedBlockingQueue<>();
  private final AtomicLong seconds = new AtomicLong();

  @Test
  void tellsOfEveryChangeOnceAndSinceWhenItIsSo() throws Exception {
    PresenceDetector detector = answers::take;
    try (PresenceWatch watch = watch(detector)) {
      assertThat(watch.latest().presence().state()).isEqualTo(State.UNKNOWN);
      answers.put(new Presence(State.AWAY, "for 5 min"));
      assertThat(heard.take()).isEqualTo(State.AWAY);
      PresenceWatch.Seen first = watch.latest();
      Presence later = new Presence(State.AWAY, "for 6 min");
      answers.put(later);
      answers.put(later); // The one before has been heeded when this one is taken.
      assertThat(watch.latest()).isEqualTo(new PresenceWatch.Seen(later, first.since()));
      answers.put(new Presence(State.ACTIVE, "in use"));
      assertThat(heard.take()).isEqualTo(State.ACTIVE);
      assertThat(watch.latest().since()).isAfter(first.since());
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void aDetectorThatFailsIsAskedAgain() throws Exception {
    PresenceDetector detector =
        () -> {
          Presence answer = answers.take();
          if (answer.reason().isEmpty()) {
            throw new IllegalStateException("broken");
          }
          return answer;
        };
    try (PresenceWatch watch = watch(detector)) {
      answers.put(new Presence(State.AWAY, "nobody"));
      assertThat(heard.take()).isEqualTo(State.AWAY);
      answers.put(new Presence(State.AWAY, ""));
      assertThat(heard.take()).isEqualTo(State.UNKNOWN);
      assertThat(watch.latest().presence().reason()).contains("asking fails", "broken");
      answers.put(new Presence(State.AWAY, "nobody"));
      assertThat(heard.take()).isEqualTo(State.AWAY);
    }
  }

  @Test
  void endsWhileADetectorThinks() throws Exception {
    PresenceDetector detector =
        () -> {
          heard.add(State.UNKNOWN);
          TimeUnit.DAYS.sleep(1);
          throw new AssertionError("slept");
        };
    PresenceWatch watch = watch(detector);
    heard.take();
    watch.close();
  }

  private PresenceWatch watch(PresenceDetector detector) {
    InstantSource clock = () -> Instant.ofEpochSecond(seconds.incrementAndGet());
    return new PresenceWatch(detector, Duration.ZERO, heard::add, clock);
  }
}
