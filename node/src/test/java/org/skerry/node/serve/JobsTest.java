package org.skerry.node.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.testing.FakeClock;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.serve.Job.Dialect;
import org.skerry.node.serve.Job.State;

class JobsTest {
  private static final Plan PLAN = new Plan(PictureRequest.of("coast").build(), 8, List.of());

  private final FakeClock clock = new FakeClock();
  private final StubSource source = new StubSource();
  private Jobs jobs;

  @BeforeEach
  void keepThree() {
    long two = 2L * StubSource.PNG.length;
    jobs = jobs(new Jobs.Keeping(3, 10 * two, Duration.ofMinutes(10)));
  }

  private Jobs jobs(Jobs.Keeping keeping) {
    return new Jobs(source, new ServeMetrics(), keeping, clock, new Random(1));
  }

  private Job submit(Jobs to) throws CallException {
    return to.submit(PLAN, Dialect.NATIVE);
  }

  @Test
  void onlyTheNewestOfThoseThatAreOverAreKept() throws Exception {
    List<Job> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(submit(jobs));
    }
    assertThat(jobs.all()).containsExactlyElementsOf(all.subList(2, 5));
    assertThat(jobs.find(all.getFirst().id())).isEmpty();
    assertThat(jobs.find(all.getLast().id())).contains(all.getLast());
  }

  @Test
  void theirPicturesTakeBoundedMemoryButTheNewestIsAlwaysThere() throws Exception {
    Jobs small = jobs(new Jobs.Keeping(100, 2L * StubSource.PNG.length, Duration.ofHours(1)));
    Job first = submit(small);
    Job second = submit(small);
    Job third = submit(small);
    assertThat(small.all()).containsExactly(second, third);
    assertThat(first.view().state()).isEqualTo(State.DONE);

    Jobs none = jobs(new Jobs.Keeping(100, 1, Duration.ofHours(1)));
    submit(none);
    Job newest = submit(none);
    assertThat(none.all()).containsExactly(newest);
  }

  @Test
  void afterAWhileTheyAreForgottenButNotWhatWaits() throws Exception {
    Job done = submit(jobs);
    source.finishesAtOnce = false;
    Job open = submit(jobs);
    clock.advance(Duration.ofMinutes(10));
    assertThat(jobs.all()).containsExactly(done, open);
    clock.advance(Duration.ofSeconds(1));
    assertThat(jobs.all()).containsExactly(open);
    clock.advance(Duration.ofDays(1));
    assertThat(jobs.find(open.id())).contains(open);
  }

  @Test
  void aFullQueueLeavesNoJobBehind() throws Exception {
    source.finishesAtOnce = false;
    source.capacity = 0;
    Job running = submit(jobs);
    assertThatThrownBy(() -> submit(jobs))
        .isInstanceOfSatisfying(
            CallException.class, e -> assertThat(e.retryAfterSeconds()).isPositive());
    assertThat(jobs.all()).containsExactly(running);
  }

  @Test
  void theTimeToComeBackFollowsHowLongRequestsTake() throws Exception {
    source.finishesAtOnce = false;
    for (int i = 0; i < 30; i++) {
      submit(jobs);
      clock.advance(Duration.ofSeconds(42));
      source.last().finish();
    }
    source.capacity = 0;
    submit(jobs);
    assertThatThrownBy(() -> submit(jobs)).hasMessageContaining("ask again in 42 s");
  }

  @Test
  void aJobGoesThroughItsStatesAndStaysInItsLast() throws Exception {
    source.finishesAtOnce = false;
    submit(jobs);
    Job job = submit(jobs);
    assertThat(job.state()).isEqualTo(State.QUEUED);
    assertThat(job.position()).isEqualTo(1);
    source.orders.getFirst().finish();
    assertThat(job.state()).isEqualTo(State.RUNNING);
    StubSource.StubOrder order = source.last();
    order.listener.progress(2, 8);
    order.listener.progress(1, 8); // late news
    assertThat(job.view().share()).isEqualTo(0.25);
    job.cancel();
    assertThat(job.state()).isEqualTo(State.CANCELLED);
    order.listener.progress(8, 8);
    order.finish();
    assertThat(job.view().state()).isEqualTo(State.CANCELLED);
    assertThat(job.view().done()).isEqualTo(2);
  }

  @Test
  void stoppingRefusesNewJobsAndCancelsWhatTakesTooLong() throws Exception {
    source.finishesAtOnce = false;
    Job running = submit(jobs);
    Job waiting = submit(jobs);
    assertThat(jobs.stop(Duration.ZERO)).isFalse();
    assertThat(running.state()).isEqualTo(State.CANCELLED);
    assertThat(waiting.state()).isEqualTo(State.CANCELLED);
    assertThatThrownBy(() -> submit(jobs)).hasMessageStartingWith("the server is stopping");
    assertThat(jobs(Jobs.Keeping.USUAL).stop(Duration.ZERO)).isTrue();
  }
}
