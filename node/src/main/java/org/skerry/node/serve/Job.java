package org.skerry.node.serve;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.skerry.node.generate.Listener;
import org.skerry.node.generate.Picture;

/**
 * One request for pictures, whoever asked and however.
 *
 * <pre>
 * QUEUED --first step--> RUNNING
 * QUEUED, RUNNING --pictures--> DONE
 * QUEUED, RUNNING --something is wrong--> FAILED
 * QUEUED, RUNNING --somebody took it back--> CANCELLED
 * </pre>
 *
 * What it looks like is a {@link View}; each change makes another. Guarded by its own lock.
 */
final class Job implements Listener {
  /** Through which calls it came. */
  enum Dialect {
    OPENAI,
    SDAPI,
    NATIVE;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  enum State {
    QUEUED,
    RUNNING,
    DONE,
    FAILED,
    CANCELLED;

    boolean isOver() {
      return this != QUEUED && this != RUNNING;
    }

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A job at one moment.
   *
   * @param version grows with every change
   * @param total steps; 0 while nobody knows
   * @param preview an unfinished picture as PNG; null while there is none
   * @param previews how many there were
   * @param pictures none before it is done
   * @param error why it failed; null when it did not
   * @param changedAt when its state last changed
   */
  @SuppressWarnings("ArrayRecordComponent") // a view is handed over, never kept and compared
  record View(
      long version,
      State state,
      int done,
      int total,
      byte @Nullable [] preview,
      int previews,
      List<Picture> pictures,
      @Nullable String error,
      Instant changedAt) {
    View {
      pictures = List.copyOf(pictures);
    }

    double share() {
      return total == 0 ? 0 : (double) done / total;
    }

    private View in(State next, List<Picture> made, @Nullable String why, Instant now) {
      return new View(version + 1, next, done, total, preview, previews, made, why, now);
    }
  }

  private final String id;
  private final Dialect dialect;
  private final Plan plan;
  private final Instant createdAt;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private View view;
  private PictureSource.@Nullable Order order;

  Job(String id, Dialect dialect, Plan plan, InstantSource clock) {
    this.id = id;
    this.dialect = dialect;
    this.plan = plan;
    this.clock = clock;
    this.createdAt = clock.instant();
    this.view = new View(0, State.QUEUED, 0, 0, null, 0, List.of(), null, createdAt);
  }

  /** Names this job; nobody guesses it. */
  String id() {
    return id;
  }

  Dialect dialect() {
    return dialect;
  }

  Plan plan() {
    return plan;
  }

  Instant createdAt() {
    return createdAt;
  }

  View view() {
    lock.lock();
    try {
      return view;
    } finally {
      lock.unlock();
    }
  }

  /** How many jobs come before it; 0 when it runs or is over. */
  int position() {
    return order().map(PictureSource.Order::position).orElse(0);
  }

  /** Its state; a job whose turn has come runs, though it may not have made a step yet. */
  State state() {
    State state = view().state();
    return state == State.QUEUED && order().isPresent() && position() == 0 ? State.RUNNING : state;
  }

  /** Takes it back, unless it is over. */
  void cancel() {
    order().ifPresent(PictureSource.Order::cancel);
  }

  private Optional<PictureSource.Order> order() {
    lock.lock();
    try {
      return Optional.ofNullable(order);
    } finally {
      lock.unlock();
    }
  }

  void taken(PictureSource.Order by) {
    lock.lock();
    try {
      order = by;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void progress(int done, int total) {
    change(old ->
        new View(
            old.version() + 1,
            State.RUNNING,
            Math.max(old.done(), done),
            total,
            old.preview(),
            old.previews(),
            List.of(),
            null,
            old.state() == State.QUEUED ? clock.instant() : old.changedAt()));
  }

  @Override
  public void preview(byte[] png) {
    change(old ->
        new View(
            old.version() + 1,
            old.state(),
            old.done(),
            old.total(),
            png,
            old.previews() + 1,
            List.of(),
            null,
            old.changedAt()));
  }

  void done(List<Picture> pictures) {
    change(old -> old.in(State.DONE, pictures, null, clock.instant()));
  }

  void failed(String why) {
    change(old -> old.in(State.FAILED, List.of(), why, clock.instant()));
  }

  void cancelled() {
    change(old -> old.in(State.CANCELLED, List.of(), null, clock.instant()));
  }

  /** What is over stays as it is. */
  private void change(UnaryOperator<View> by) {
    lock.lock();
    try {
      if (!view.state().isOver()) {
        view = by.apply(view);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it looks other than at {@code version}, or for {@code millis}; then shows it. */
  View after(long version, long millis) throws InterruptedException {
    long left = TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      while (view.version() <= version && left > 0) {
        left = changed.awaitNanos(left);
      }
      return view;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it is over. */
  View awaitEnd() throws InterruptedException {
    lock.lock();
    try {
      while (!view.state().isOver()) {
        changed.await();
      }
      return view;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of its pictures. */
  long sizeBytes() {
    return view().pictures().stream().mapToLong(picture -> picture.png().length).sum();
  }
}
