package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.skerry.board.BoardException;
import org.skerry.board.claim.ClaimAction;
import org.skerry.board.claim.ClaimProtocol;
import org.skerry.board.claim.Duty;
import org.skerry.board.claim.Fit;
import org.skerry.board.claim.Progress;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitKind;
import org.skerry.board.merge.Board;
import org.skerry.board.trust.Acceptance;
import org.skerry.board.trust.JudgedManifest;
import org.skerry.board.trust.Judgement;
import org.skerry.board.trust.TaskJudgement;
import org.skerry.node.estimate.Estimates;
import org.skerry.node.estimate.UnitEstimate;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;
import org.skerry.node.task.Units;
import org.skerry.node.worker.Workers;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.worker.MemoryCap;
import org.skerry.trainer.worker.WorkerProcess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This volunteer's part in one task: the claim it holds and the training that goes on under it.
 * Owned by the thread of its {@link VolunteerLoop}; training has a thread of its own.
 */
final class TaskWork {
  private static final Logger LOG = LoggerFactory.getLogger(TaskWork.class);
  private static final long SHORTEST_POLL_MS = 1_000;
  private static final long LONGEST_POLL_MS = 30_000;
  private static final long FAILED_UNIT_REST_MS = 60_000;
  private static final long SHORTEST_HAND_OVER_MS = 10_000;

  private static final Duration TRAINING_END_LIMIT = Duration.ofSeconds(30);

  private final PeerStack stack;
  private final Lineage lineage;
  private final Task task;
  private final Supplier<Settings> settings;
  private final InstantSource clock;
  private final EventSink events;
  private final Pulse pulse;
  private final Measuring measuring;
  private final ClaimProtocol protocol;
  private final long pollMs;
  private final Map<Integer, Board> boards = new HashMap<>();
  private final Map<Integer, Long> restUntilMs = new HashMap<>();
  private final UnitFits fits;
  private final Queue<Failure> failed = new ConcurrentLinkedQueue<>();
  private boolean extended;
  private volatile Optional<Training> training = Optional.empty();
  private Progress ended;
  private Set<Integer> useful = Set.of();

  /**
   * What the owner lends.
   *
   * @param duty the part of the time in which training computes, in percent
   * @param device how this computer calls itself in claims
   * @param software name and version that manifests carry
   * @param estimates of what units take here
   * @param recompute whether training computes blocks again for their gradient
   * @param cap that workers are held to
   */
  record Settings(
      Path workFolder,
      Path workerLog,
      int threads,
      int nice,
      int duty,
      String device,
      String software,
      Estimates estimates,
      Recompute recompute,
      Optional<MemoryCap> cap) {
    /** Whether a worker that was started by these need not be replaced to go by {@code other}. */
    boolean isStartedLike(Settings other) {
      return threads == other.threads
          && nice == other.nice
          && recompute == other.recompute
          && cap.equals(other.cap);
    }
  }

  /** Why a training run ended before its recipe did. */
  private record Failure(Unit unit, String why) {}

  /** A training run and the thread it has. */
  private record Training(UnitTrainer trainer, WorkerProcess worker, Thread thread) {}

  TaskWork(
      PeerStack stack,
      Lineage lineage,
      Supplier<Settings> settings,
      InstantSource clock,
      EventSink events,
      Pulse pulse,
      Measuring measuring) {
    this.stack = stack;
    this.lineage = lineage;
    this.task = lineage.task();
    this.settings = settings;
    this.clock = clock;
    this.events = events;
    this.pulse = pulse;
    this.measuring = measuring;
    this.pollMs = Math.clamp(task.leaseMs() / 8, SHORTEST_POLL_MS, LONGEST_POLL_MS);
    this.protocol =
        new ClaimProtocol(task, stack.signer().self(), Math.max(1_500, task.leaseMs() / 20));
    this.fits = new UnitFits(task, settings.get().estimates(), stack.blobs(), events);
    this.ended = new Progress(settings.get().device(), 0, 0);
  }

  Task task() {
    return task;
  }

  Optional<UnitTrainer> trainer() {
    return training.map(Training::trainer);
  }

  Optional<WorkerProcess> worker() {
    return training.map(Training::worker);
  }

  /** Says whether a newer version has this task's experts and a router of its own. */
  void extendedByAnother(boolean now) {
    extended = now;
  }

  boolean hasClaim() {
    return protocol.claimedUnit().isPresent();
  }

  /**
   * Does what is due.
   *
   * @return how long to sleep, in milliseconds
   */
  long step() throws InterruptedException {
    readBoards();
    TaskJudgement judged = Acceptance.judge(task.charter(), boards.values(), stack.refusals());
    restFromUnacceptedEnd(judged);
    String givenUp = "given up";
    for (Failure failure = failed.poll(); failure != null; failure = failed.poll()) {
      rest(failure.unit());
      givenUp = failure.why();
    }
    long now = clock.millis();
    Optional<String> over = whyOver(judged);
    givenUp = over.orElse(givenUp);
    Map<Integer, Fit> eligible = over.isPresent() ? Map.of() : eligible(judged, now);
    useful = eligible.keySet();
    if (measures(eligible, now)) {
      return pollMs;
    }
    ClaimAction action = protocol.next(eligible, boards.values(), now);
    return switch (action) {
      case ClaimAction.Wait wait -> sleep(now, wait.untilMs());
      case ClaimAction.Take take -> {
        tellEstimate(take.unit());
        ended = new Progress(settings.get().device(), 0, 0);
        post(take.unit(), action);
        yield sleep(now, take.settledAtMs());
      }
      case ClaimAction.Keep keep -> {
        trainIfHeld(judged);
        yield sleep(now, keep.untilMs());
      }
      case ClaimAction.Renew renew -> {
        post(renew.unit(), action);
        if (training.isPresent()) {
          events.record(new Event.Renewed(task.id().toString(), name(renew.unit())));
        }
        trainIfHeld(judged);
        yield sleep(now, renew.untilMs());
      }
      case ClaimAction.Yield yielding -> {
        endTraining("others were first");
        post(yielding.unit(), action);
        yield SHORTEST_POLL_MS;
      }
      case ClaimAction.Release release -> {
        release(release, judged, givenUp);
        yield SHORTEST_POLL_MS;
      }
    };
  }

  /** Why nobody should work on the task any more, if so. */
  private Optional<String> whyOver(TaskJudgement judged) {
    if (judged.withdrawn()) {
      return Optional.of("its publisher took the task back");
    }
    return stack.keys().isEnded(task.publisher())
        ? Optional.of("its publisher's key is no longer to be believed")
        : Optional.empty();
  }

  private void release(ClaimAction.Release release, TaskJudgement judged, String givenUp)
      throws InterruptedException {
    boolean finished = judged.unit(release.unit()).isFinished();
    if (finished && training.isPresent()) {
      events.record(
          new Event.UnitFinished(
              task.id().toString(), name(release.unit()), training.get().trainer().step()));
    }
    boolean stalled = release.why() == ClaimAction.Why.STALLED;
    endTraining(finished ? "" : stalled ? "no step was made for too long" : givenUp);
    if (finished) {
      forget(release.unit());
    }
    post(release.unit(), release);
  }

  /** What this node does for the task now; measuring is for the evaluator's own loop. */
  Duty duty() {
    List<Board> own =
        boards.values().stream().filter(board -> useful.contains(board.unit())).toList();
    return Duty.next(
        protocol.heldUnit(), task, own, stack.signer().self(), new Duty.Can(false, true, false), 1);
  }

  /** How long an owner's pause may last before somebody else should go on. */
  long pausePatienceMs() {
    return Math.max(task.leaseMs(), SHORTEST_HAND_OVER_MS);
  }

  /** Trains on in another worker, by the settings of now, from a checkpoint. */
  void restartTraining() throws InterruptedException {
    endTraining("");
  }

  /** Gives the unit to whoever stands by, with a final checkpoint published. */
  void handOver(String why) throws InterruptedException {
    if (hasClaim()) {
      int unit = protocol.claimedUnit().orElseThrow();
      ClaimAction release = protocol.release();
      endTraining(why);
      post(unit, release);
    }
  }

  /** Checkpoints, gives the unit back and ends. */
  void close() throws InterruptedException {
    handOver("the node stops");
  }

  private long sleep(long nowMs, long untilMs) {
    return Math.clamp(untilMs - nowMs, 50, pollMs);
  }

  private void readBoards() {
    for (Unit unit : task.units()) {
      if (!lineage.isHome(unit.index())) {
        continue;
      }
      try {
        boards.put(unit.index(), stack.boards().board(task, unit.index()));
      } catch (BoardException e) {
        LOG.info("board {}: {}", Units.nameOf(unit), e.getMessage());
      }
    }
  }

  private Map<Integer, Fit> eligible(TaskJudgement judged, long nowMs) {
    Map<Integer, Fit> eligible = new TreeMap<>();
    for (Unit unit : task.units()) {
      if (isWanted(unit)
          && !judged.unit(unit.index()).isFinished()
          && Units.misfit(task.manifest(), unit).isEmpty()
          && fits.inMemory(unit)
          && restUntilMs.getOrDefault(unit.index(), 0L) <= nowMs) {
        // A unit that is held stays, however slow it turned out to be.
        Optional<Fit> fit =
            protocol.claimedUnit().filter(held -> held == unit.index()).isPresent()
                ? Optional.of(Fit.EVEN)
                : fits.of(unit, judged.unit(unit.index()));
        fit.ifPresent(found -> eligible.put(unit.index(), found));
      }
    }
    return eligible;
  }

  /** Experts of older versions are trained there, and only the newest version's router is used. */
  private boolean isWanted(Unit unit) {
    return lineage.isHome(unit.index()) && !(extended && unit.kind() == UnitKind.ROUTER);
  }

  /** Whether what would be claimed has to be measured first: once for each kind of unit. */
  private boolean measures(Map<Integer, Fit> eligible, long nowMs) {
    return protocol
        .wouldTake(eligible, boards.values(), nowMs)
        .filter(unit -> measuring.begin(name(unit) + " of " + task.name(), fits.plan(unit)))
        .isPresent();
  }

  private void tellEstimate(int unit) {
    UnitEstimate estimate = settings.get().estimates().of(fits.plan(unit));
    if (estimate.hours() > 0) {
      events.record(
          new Event.Estimated(
              task.id().toString(),
              name(unit),
              estimate.samplesPerSecond(),
              estimate.memoryBytes(),
              estimate.hours(),
              estimate.time() + " here (" + estimate.numbers() + ")"));
    }
  }

  /** What does not fit this computer, in words; empty while something might. */
  Optional<String> whyNothingFits() {
    return fits.whyNothingFits();
  }

  /** A recipe that ended in refused weights would end so again: somebody else should try. */
  private void restFromUnacceptedEnd(TaskJudgement judged) {
    training
        .flatMap(t -> t.trainer().finalManifest())
        .ifPresent(id -> {
          Unit unit = training.get().trainer().unit();
          boolean refused =
              judged.unit(unit.index()).manifests().stream()
                  .filter(m -> m.manifest().id().equals(id))
                  .anyMatch(m -> m.judgement() instanceof Judgement.Refused);
          if (refused) {
            rest(unit);
          }
        });
  }

  private void rest(Unit unit) {
    restUntilMs.put(unit.index(), clock.millis() + Math.max(FAILED_UNIT_REST_MS, task.leaseMs()));
  }

  private void trainIfHeld(TaskJudgement judged) {
    if (training.isEmpty()) {
      protocol.heldUnit().ifPresent(held -> train(held, judged));
    }
  }

  private void train(int index, TaskJudgement judged) {
    Unit unit = task.unit(index);
    events.record(new Event.Claimed(task.id().toString(), name(index), task.leaseMs()));
    WorkerProcess worker =
        Workers.inBackground(
            settings.get().workFolder(),
            settings.get().workerLog(),
            settings.get().threads(),
            settings.get().nice(),
            settings.get().cap(),
            settings.get().estimates().of(fits.plan(index)).recomputes());
    worker.duty(settings.get().duty());
    UnitTrainer trainer =
        new UnitTrainer(
            stack,
            settings.get().workFolder(),
            task,
            unit,
            worker,
            settings.get().estimates(),
            fits.plan(index),
            events);
    Optional<JudgedManifest> newest = judged.unit(index).newestAccepted();
    Optional<JudgedManifest> smaller =
        newest.isEmpty() && unit.kind() == UnitKind.ROUTER ? olderRouter() : Optional.empty();
    Thread thread =
        Thread.ofVirtual().name("train-" + name(index)).start(() -> run(trainer, newest, smaller));
    training = Optional.of(new Training(trainer, worker, thread));
  }

  /** The accepted router of the newest older version that has one. */
  private Optional<JudgedManifest> olderRouter() {
    for (Task older : lineage.ancestors()) {
      try {
        Optional<JudgedManifest> router =
            older
                .manifest()
                .routerUnit()
                .map(unit -> stack.boards().board(older, unit.index()))
                .flatMap(board ->
                    Acceptance.judge(older.charter(), List.of(board), stack.refusals())
                        .unit(board.unit())
                        .best());
        if (router.isPresent()) {
          return router;
        }
      } catch (BoardException e) {
        LOG.info("the router of {} is not looked at: {}", older.id(), e.getMessage());
      }
    }
    return Optional.empty();
  }

  private void run(
      UnitTrainer trainer, Optional<JudgedManifest> newest, Optional<JudgedManifest> smaller) {
    try {
      trainer.run(newest, smaller);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.warn("training {} ended: {}", Units.nameOf(trainer.unit()), e.getMessage(), e);
      failed.add(new Failure(trainer.unit(), String.valueOf(e.getMessage())));
    } finally {
      pulse.wake();
    }
  }

  private void endTraining(String why) throws InterruptedException {
    if (training.isEmpty()) {
      return;
    }
    Training ending = training.get();
    ending.worker().stop();
    if (ending.trainer().isFetching()) {
      ending.thread().interrupt(); // there is nothing yet to checkpoint, and data may take hours
    }
    ending.thread().join(TRAINING_END_LIMIT);
    ending.worker().close();
    ending.thread().join();
    ended = progress(); // the last checkpoint was published meanwhile
    training = Optional.empty();
    if (!why.isEmpty()) {
      events.record(
          new Event.LeaseLost(task.id().toString(), Units.nameOf(ending.trainer().unit()), why));
    }
  }

  /** What is finished is published: its checkpoints here are of no use any more. */
  private void forget(int unit) {
    Path folder = settings.get().workFolder().resolve(task.id().toString()).resolve(name(unit));
    try {
      DurableFiles.deleteTree(folder);
    } catch (IOException e) {
      LOG.warn("{} could not be deleted: {}", folder, e.getMessage());
    }
  }

  private void post(int unit, ClaimAction action) {
    Progress progress = progress();
    try {
      stack
          .boards()
          .post(
              task,
              stack
                  .signer()
                  .claim(
                      task,
                      unit,
                      (sequence, nowMs) ->
                          protocol.claim(action, progress, sequence, nowMs).orElseThrow()));
    } catch (BoardException e) {
      LOG.warn("claim of {} waits for the next write: {}", name(unit), e.getMessage());
    }
  }

  private Progress progress() {
    return trainer()
        .map(trainer ->
            new Progress(
                settings.get().device(),
                trainer.samplesPerSecond(),
                trainer.step(),
                trainer.fetchedBytes(),
                trainer.newest()))
        .orElse(ended);
  }

  private String name(int unit) {
    return Units.nameOf(task.unit(unit));
  }
}
