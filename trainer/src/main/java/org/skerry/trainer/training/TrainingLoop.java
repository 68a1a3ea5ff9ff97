package org.skerry.trainer.training;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Parameters;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.training.TrainingControl.Wish;

/**
 * Drives a {@link TrainingRun} to its end or until it is asked to stop: reports progress, writes
 * checkpoints in the background, sets snapshots aside, pauses. Runs on the caller's thread, which
 * must be a platform thread.
 */
public final class TrainingLoop {
  /** Failures in a row, without a new checkpoint between them, after which a run is given up. */
  public static final int MOST_ROLLBACKS = 3;

  /** The part of the time that checkpoints may cost. */
  private static final double CHECKPOINT_SHARE = 0.02;

  private final TrainingRun run;
  private final CheckpointStore checkpoints;
  private final TrainingControl control;
  private final Consumer<TrainingEvent> listener;
  private final LongSupplier nanoTime;
  private final Intervals intervals;
  private final Validator validator;
  private final Path snapshots;

  /** Measures weights on held-out images. */
  @FunctionalInterface
  public interface Validator {
    /** The loss, or null when there is nothing to measure on. */
    @Nullable Double loss(Parameters average);
  }

  /**
   * How a loop ended.
   *
   * @param finished false when it was asked to stop
   * @param checkpoint the state it ended in
   */
  public record Outcome(boolean finished, long step, double loss, Checkpoint checkpoint) {}

  /**
   * @param snapshots folder that snapshots are set aside in, on the file system of the checkpoints
   * @param listener told on the caller's thread, of checkpoints too
   * @param nanoTime as {@link System#nanoTime}
   */
  public TrainingLoop(
      TrainingRun run,
      CheckpointStore checkpoints,
      Path snapshots,
      Validator validator,
      TrainingControl control,
      Consumer<TrainingEvent> listener,
      LongSupplier nanoTime,
      Intervals intervals) {
    this.run = run;
    this.checkpoints = checkpoints;
    this.snapshots = snapshots;
    this.validator = validator;
    this.control = control;
    this.listener = listener;
    this.nanoTime = nanoTime;
    this.intervals = intervals;
  }

  /**
   * Trains. A checkpoint is on the disk, and set aside as a snapshot, when this returns.
   *
   * @throws TrainerException when training diverged {@value #MOST_ROLLBACKS} times from the same
   *     checkpoint, or memory does not suffice; the last checkpoint stays
   */
  public Outcome run() throws IOException, InterruptedException {
    try (ExecutorService writer =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("checkpoint").factory())) {
      Writing writing = new Writing(writer);
      Watch watch = new Watch();
      Rollbacks rollbacks = new Rollbacks();
      if (checkpoints.list().isEmpty()) {
        writing.submit(false, false); // so that there is something to go back to
      }
      while (!run.finished() && control.wish() != Wish.STOPPING) {
        if (control.wish() == Wish.PAUSED) {
          writing.submit(false, false);
          writing.settle();
          pause();
          watch.restart();
          continue;
        }
        long begin = nanoTime.getAsLong();
        try {
          run.step();
        } catch (TrainerException e) {
          writing.settle();
          rollbacks.goBack(e);
          watch.restart();
          continue;
        }
        long took = nanoTime.getAsLong() - begin;
        writing.stepTook(took);
        writing.poll();
        watch.tick(writing);
        control.rest(took);
      }
      writing.submit(true, run.finished());
      writing.settle();
      return new Outcome(run.finished(), run.stepsMade(), run.smoothedLoss(), writing.last());
    }
  }

  private void pause() throws InterruptedException {
    listener.accept(new TrainingEvent.Paused(run.stepsMade()));
    control.awaitNotPaused();
    if (control.wish() != Wish.STOPPING) {
      listener.accept(new TrainingEvent.Resumed(run.stepsMade()));
    }
  }

  /** Goes back to the last good checkpoint, but not for ever. */
  private final class Rollbacks {
    private long lastTo = -1;
    private int inARow;

    void goBack(TrainerException failure) throws IOException {
      if (failure.reason() != Reason.DIVERGED) {
        throw failure;
      }
      RunState state = checkpoints.newest().orElseThrow(() -> failure);
      inARow = state.step() == lastTo ? inARow + 1 : 1;
      lastTo = state.step();
      if (inARow > MOST_ROLLBACKS) {
        throw new TrainerException(
            Reason.DIVERGED,
            "%s (it did so %d times after step %d, each time with another order of its data)"
                .formatted(failure.getMessage(), inARow, state.step()),
            failure);
      }
      long from = run.stepsMade();
      run.goBack(state);
      listener.accept(
          new TrainingEvent.RolledBack(
              from, state.step(), inARow, String.valueOf(failure.getMessage())));
    }
  }

  /** Knows when something is due. */
  private final class Watch {
    private long checkpointAt = nanoTime.getAsLong();
    private long snapshotAt = checkpointAt;
    private long progressAt = checkpointAt;
    private long stepsAtProgress = run.stepsMade();
    private long waitedAtProgress = run.dataWaitNanos();

    void restart() {
      checkpointAt = nanoTime.getAsLong();
      progressAt = checkpointAt;
      stepsAtProgress = run.stepsMade();
      waitedAtProgress = run.dataWaitNanos();
    }

    void tick(Writing writing) throws IOException, InterruptedException {
      long now = nanoTime.getAsLong();
      if (now - progressAt >= intervals.progress().toNanos() || run.finished()) {
        progress(run.stepsMade() - stepsAtProgress, now - progressAt);
        progressAt = now;
        stepsAtProgress = run.stepsMade();
      }
      if (run.finished()) {
        return;
      }
      if (control.takeSnapshotRequest() || now - snapshotAt >= intervals.snapshot().toNanos()) {
        writing.submit(true, false);
        snapshotAt = now;
        checkpointAt = now;
      } else if (now - checkpointAt >= checkpointNanos(writing) && writing.idle()) {
        writing.submit(false, false);
        checkpointAt = now;
      }
    }

    /** Longer than asked for when checkpoints would cost too much of the time. */
    private long checkpointNanos(Writing writing) {
      return Math.max(
          intervals.checkpoint().toNanos(), (long) (writing.costNanos() / CHECKPOINT_SHARE));
    }

    private void progress(long steps, long nanos) {
      TrainingRecipe recipe = run.recipe();
      double seconds = Math.max(1, nanos) / 1e9;
      listener.accept(
          new TrainingEvent.Progress(
              run.stepsMade(),
              recipe.steps(),
              run.smoothedLoss(),
              steps * recipe.batchSize() / seconds,
              run.lastLearningRate(),
              ResidentMemory.bytes(),
              Math.min(1, (run.dataWaitNanos() - waitedAtProgress) / 1e9 / seconds),
              run.badSamples()));
      waitedAtProgress = run.dataWaitNanos();
    }
  }

  /** The one checkpoint that may be on its way to the disk. Owned by the training thread. */
  private final class Writing {
    private final ExecutorService writer;
    private @Nullable CompletableFuture<Checkpoint> future;
    private TrainingEvent.@Nullable Snapshot snapshot;
    private double loss;
    private @Nullable Checkpoint last;
    private double usualStepNanos;
    private double costNanos;

    Writing(ExecutorService writer) {
      this.writer = writer;
    }

    boolean idle() {
      return future == null;
    }

    Checkpoint last() {
      return Objects.requireNonNull(last, "a checkpoint was awaited");
    }

    /**
     * What the last checkpoint took from training: its copy, and slower steps while it was written.
     */
    double costNanos() {
      return costNanos;
    }

    void stepTook(long nanos) {
      if (future != null) {
        costNanos += usualStepNanos == 0 ? 0 : Math.max(0, nanos - usualStepNanos);
      } else {
        usualStepNanos =
            usualStepNanos == 0 ? nanos : usualStepNanos + 0.1 * (nanos - usualStepNanos);
      }
    }

    /** Copies the state now and writes the copy while training goes on. */
    void submit(boolean publish, boolean finished) throws IOException, InterruptedException {
      settle();
      long begin = nanoTime.getAsLong();
      // Not left to the collector: it would let copies pile up, having nothing else to do.
      Arena arena = Arena.ofShared();
      RunState state = copy(arena);
      costNanos = nanoTime.getAsLong() - begin;
      loss = state.smoothedLoss();
      snapshot = publish ? describe(state, finished) : null;
      CompletableFuture<Checkpoint> written = new CompletableFuture<>();
      writer.execute(() -> {
        try (arena) {
          written.complete(checkpoints.write(state));
        } catch (IOException | RuntimeException e) {
          written.completeExceptionally(e);
        }
      });
      future = written;
    }

    private RunState copy(Arena arena) {
      try {
        return run.snapshot(arena);
      } catch (RuntimeException | OutOfMemoryError e) {
        arena.close();
        throw e;
      }
    }

    void poll() throws IOException, InterruptedException {
      if (future != null && future.isDone()) {
        settle();
      }
    }

    void settle() throws IOException, InterruptedException {
      if (future == null) {
        return;
      }
      try {
        took(future.get());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException cause) {
          throw cause;
        }
        throw new IllegalStateException("checkpoint could not be written", e.getCause());
      } finally {
        future = null;
      }
    }

    private void took(Checkpoint written) throws IOException {
      last = written;
      listener.accept(
          new TrainingEvent.CheckpointWritten(
              written.step(),
              loss,
              written.weights().toString(),
              written.resume().toString(),
              costNanos / 1e9));
      if (snapshot != null) {
        setAside(written, Path.of(snapshot.weights()), Path.of(snapshot.resume()));
        listener.accept(snapshot);
      }
    }

    private TrainingEvent.Snapshot describe(RunState state, boolean finished) {
      Path folder = snapshots.resolve("step-%012d".formatted(state.step()));
      return new TrainingEvent.Snapshot(
          state.step(),
          Math.multiplyExact(state.step(), (long) run.recipe().batchSize()),
          state.smoothedLoss(),
          validator.loss(run.average()),
          folder.resolve("weights.safetensors").toString(),
          folder.resolve("resume.safetensors").toString(),
          finished);
    }

    /** Links, so that the store may drop its checkpoint while somebody still reads this. */
    private void setAside(Checkpoint written, Path weights, Path resume) throws IOException {
      Files.createDirectories(weights.resolveSibling("."));
      Files.deleteIfExists(weights);
      Files.deleteIfExists(resume);
      Files.createLink(weights, written.weights());
      Files.createLink(resume, written.resume());
    }
  }
}
