package org.skerry.node.daemon;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.skerry.board.claim.Duty;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Task;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;
import org.skerry.node.guest.Hindrance;
import org.skerry.trainer.worker.WorkerProcess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lends this computer: looks through the allowed publishers' tasks, works on one unit at a time,
 * and stands by when there is none. {@link #run} has a virtual thread of its own; everything else
 * may be called from any thread.
 */
final class VolunteerLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(VolunteerLoop.class);
  private static final long LOOK_AROUND_MS = 2_000;
  private static final long RETRY_MS = 3_000;
  private static final long LOOK_NANOS = 20_000_000;

  private final PeerStack stack;
  private final TaskFinder finder;
  private volatile TaskWork.Settings settings;
  private final InstantSource clock;
  private final EventSink events;
  private final Pulse pulse = new Pulse();
  private final Measuring measuring;
  private final Keeping keeping;
  private final Map<Cid, TaskWork> works = new LinkedHashMap<>();
  private volatile Optional<TaskWork> current = Optional.empty();
  private volatile List<Task> seen = List.of();
  private volatile Optional<Pause> pause = Optional.empty();
  private volatile String standby = "";
  private volatile boolean restarts;
  private volatile Optional<Finish> finish = Optional.empty();

  /** Since when, and why, nothing is computed. */
  private record Pause(long sinceMs, Hindrance why) {
    /** Whether it lasts, or will last, for so long that somebody else may go on. */
    boolean isLongerThan(long patienceMs, long nowMs) {
      return nowMs - sinceMs >= patienceMs
          || why.until().filter(end -> end.toEpochMilli() - nowMs > patienceMs).isPresent();
    }
  }

  /** Until when the current unit may be trained, and what to do afterwards. */
  private record Finish(long byMs, Runnable then) {}

  VolunteerLoop(
      PeerStack stack,
      TaskFinder finder,
      TaskWork.Settings settings,
      InstantSource clock,
      EventSink events) {
    this.stack = stack;
    this.finder = finder;
    this.settings = settings;
    this.clock = clock;
    this.events = events;
    this.measuring = new Measuring(settings.estimates(), pulse);
    this.keeping = new Keeping(stack.blobs());
  }

  @Override
  public void run() {
    try {
      while (!pulse.isStopped()) {
        pulse.sleep(stepSafely());
      }
      keeping.cancel();
      for (TaskWork work : works.values()) {
        work.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long stepSafely() throws InterruptedException {
    try {
      return step();
    } catch (RuntimeException e) {
      LOG.error("the volunteer's round failed; the next one follows", e);
      return RETRY_MS;
    }
  }

  private long step() throws InterruptedException {
    if (restarts) {
      restarts = false;
      if (current.isPresent()) {
        current.get().restartTraining();
      }
    }
    if (current.isPresent() && current.get().hasClaim()) {
      TaskWork work = current.get();
      if (finish.filter(end -> clock.millis() >= end.byMs()).isPresent()) {
        work.handOver("its owner wants to stop");
        return LOOK_AROUND_MS;
      }
      Optional<Pause> paused = pause;
      if (paused.isPresent() && paused.get().isLongerThan(work.pausePatienceMs(), clock.millis())) {
        work.handOver(
            "paused for so long that somebody else may go on: " + paused.get().why().reason());
        return LOOK_AROUND_MS;
      }
      return work(work);
    }
    if (finish.isPresent()) {
      finish.get().then().run();
      return LOOK_AROUND_MS;
    }
    if (isPaused()) {
      keeping.cancel();
      return LOOK_AROUND_MS;
    }
    seen = finder.tasks();
    Set<Cid> extended = Lineage.parents(seen);
    for (Task task : seen) {
      TaskWork work =
          works.computeIfAbsent(
              task.id(),
              id ->
                  new TaskWork(
                      stack,
                      stack.boards().lineage(task),
                      () -> settings,
                      clock,
                      events,
                      pulse,
                      measuring));
      work.extendedByAnother(extended.contains(task.id()));
      long sleepMs = work(work);
      if (work.hasClaim()) {
        current = Optional.of(work);
        keeping.cancel();
        standBy("");
        return sleepMs;
      }
      if (measuring.what().isPresent()) {
        break; // what else would be done now would make it look slow
      }
    }
    if (isPaused() || pulse.isStopped()) {
      measuring.cancel();
    }
    current = Optional.empty();
    if (!isPaused() && !pulse.isStopped() && measuring.what().isEmpty()) {
      keep();
    }
    standBy(whyNothingIsTrained());
    return LOOK_AROUND_MS;
  }

  /** Makes itself useful, and ready to take over, with the data of a unit. */
  private void keep() {
    for (TaskWork work : works.values()) {
      if (work.duty() instanceof Duty.Replicate(int unit)) {
        keeping.begin(work.task(), work.task().unit(unit));
      }
    }
  }

  private String whyNothingIsTrained() {
    if (finder.publishers().isEmpty()) {
      return "no publisher is allowed yet: add one under [network] publishers";
    }
    if (works.isEmpty()) {
      return "no task of the allowed publishers is in reach; serving and waiting";
    }
    return measuring
        .what()
        .map(what -> "measuring for a few seconds how fast this computer would train " + what)
        .or(() ->
            works.values().stream().flatMap(work -> work.whyNothingFits().stream()).findFirst())
        .orElse(
            "every unit is taken or finished; "
                + (keeping.words().isEmpty() ? "serving" : keeping.words())
                + ", and ready to take over");
  }

  private long work(TaskWork work) throws InterruptedException {
    long sleepMs = work.step();
    if (isPaused()) {
      work.worker().ifPresent(WorkerProcess::pause);
    }
    return sleepMs;
  }

  private void standBy(String why) {
    if (!why.equals(standby)) {
      standby = why;
      if (!why.isEmpty()) {
        events.record(new Event.Standby(why));
      }
    }
  }

  /** Computes nothing until {@link #resume}, once training has written its checkpoint. */
  void pause(Hindrance why) {
    pause = Optional.of(new Pause(pause.map(Pause::sinceMs).orElseGet(clock::millis), why));
    measuring.cancel();
    current.flatMap(TaskWork::worker).ifPresent(WorkerProcess::pause);
    pulse.wake();
  }

  /** Waits, at most for {@code limit}, until a pause's checkpoint is on the disk. */
  void awaitRest(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (isPaused()
        && trainer().filter(training -> !training.isResting()).isPresent()
        && System.nanoTime() < deadline
        && !pulse.isStopped()) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  void resume() {
    pause = Optional.empty();
    current.flatMap(TaskWork::worker).ifPresent(WorkerProcess::resume);
    pulse.wake();
  }

  /** Lends something else from now on; a worker that was started with less or more is replaced. */
  void lend(TaskWork.Settings now) {
    TaskWork.Settings before = settings;
    settings = now;
    measuring.cancel();
    if (before.isStartedLike(now)) {
      current.flatMap(TaskWork::worker).ifPresent(worker -> worker.duty(now.duty()));
    } else {
      restarts = true;
      pulse.wake();
    }
  }

  /**
   * Begins nothing new.
   *
   * @param byMs when the current unit is handed over if it is not finished
   * @param then called, perhaps more than once, when nothing is claimed any more
   */
  void finish(long byMs, Runnable then) {
    finish = Optional.of(new Finish(byMs, then));
    measuring.cancel();
    pulse.wake();
  }

  boolean isFinishing() {
    return finish.isPresent();
  }

  boolean isPaused() {
    return pause.isPresent();
  }

  /** What is trained now. */
  Optional<UnitTrainer> trainer() {
    return current.flatMap(TaskWork::trainer);
  }

  Optional<Task> task() {
    return current.map(TaskWork::task);
  }

  /** The tasks that were in reach when it last looked for work. */
  List<Task> seen() {
    return seen;
  }

  /** Why nothing is trained, empty while something is. */
  String standby() {
    return standby;
  }

  /** Ends the loop; the thread of {@link #run} checkpoints and returns. */
  void stop() {
    pulse.stop();
    measuring.cancel();
  }
}
