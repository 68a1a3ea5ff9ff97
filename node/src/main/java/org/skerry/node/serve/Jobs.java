package org.skerry.node.serve;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.generate.Picture;
import org.skerry.node.generate.QueueFullException;
import org.skerry.node.serve.CallException.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All jobs: those that wait or run, and of those that are over the newest, for a while. The queue
 * bounds the former, {@link Keeping} the latter. Thread-safe.
 */
final class Jobs {
  private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
  private static final long MAX_RETRY_SECONDS = 600;

  /** How much of what is over is kept. */
  record Keeping(int jobs, long bytes, Duration time) {
    static final Keeping USUAL = new Keeping(64, 256L << 20, Duration.ofHours(1));
  }

  private final PictureSource source;
  private final ServeMetrics metrics;
  private final Keeping keeping;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Map<String, Job> jobs = new LinkedHashMap<>(); // guarded by itself, oldest first
  private volatile boolean stopping;

  Jobs(
      PictureSource source,
      ServeMetrics metrics,
      Keeping keeping,
      InstantSource clock,
      RandomGenerator random) {
    this.source = source;
    this.metrics = metrics;
    this.keeping = keeping;
    this.clock = clock;
    this.random = random;
    metrics.watch(this, source);
  }

  /**
   * Puts a job into the queue.
   *
   * @throws CallException when it is full, or the server is about to stop
   */
  Job submit(Plan plan, Job.Dialect dialect) throws CallException {
    if (stopping) {
      throw CallException.later(Code.STOPPING, "the server is stopping", 10);
    }
    Job job = new Job(randomId(), dialect, plan, clock);
    synchronized (jobs) {
      jobs.put(job.id(), job);
    }
    try {
      PictureSource.Order order = source.order(plan.request(), job);
      job.taken(order);
      var _ = order.pictures().whenComplete((pictures, failure) -> end(job, pictures, failure));
    } catch (QueueFullException e) {
      forget(job);
      metrics.refused(dialect);
      throw CallException.later(
          Code.QUEUE_FULL, "too many requests wait already", retryAfterSeconds());
    }
    if (stopping) {
      job.cancel(); // it came while the others were being cancelled
    }
    return job;
  }

  private String randomId() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** A place becomes free when the running job ends. */
  private long retryAfterSeconds() {
    return Math.clamp(Math.round(metrics.usualSeconds()), 1, MAX_RETRY_SECONDS);
  }

  private void end(Job job, @Nullable List<Picture> pictures, @Nullable Throwable failure) {
    @Nullable Throwable cause =
        failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
    if (pictures != null) {
      job.done(pictures);
    } else if (cause instanceof CancellationException) {
      job.cancelled();
    } else if (cause instanceof NodeException known) {
      LOG.warn("job {} failed: {}", job.id(), known.line());
      job.failed(known.line());
    } else {
      LOG.error("job {} failed", job.id(), cause);
      job.failed("the pictures could not be made; read the server's log");
    }
    metrics.ended(job);
    prune();
  }

  Optional<Job> find(String id) {
    prune();
    synchronized (jobs) {
      return Optional.ofNullable(jobs.get(id));
    }
  }

  /** Every job, oldest first. */
  List<Job> all() {
    prune();
    synchronized (jobs) {
      return List.copyOf(jobs.values());
    }
  }

  /** Those that are in {@code state}, oldest first. */
  List<Job> in(Job.State state) {
    synchronized (jobs) {
      return jobs.values().stream().filter(job -> job.state() == state).toList();
    }
  }

  /** Lets go of a job whose pictures have been handed over. */
  void forget(Job job) {
    synchronized (jobs) {
      jobs.remove(job.id());
    }
  }

  private void prune() {
    Instant oldest = clock.instant().minus(keeping.time());
    synchronized (jobs) {
      int kept = 0;
      long bytes = 0;
      for (Job job : new ArrayList<>(jobs.values()).reversed()) {
        Job.View view = job.view();
        if (!view.state().isOver()) {
          continue;
        }
        kept++;
        bytes += job.sizeBytes();
        boolean tooMany = kept > keeping.jobs() || (bytes > keeping.bytes() && kept > 1);
        if (tooMany || view.changedAt().isBefore(oldest)) {
          jobs.remove(job.id());
        }
      }
    }
  }

  /**
   * Takes no more jobs, ends those that wait, and gives the running one {@code patience}.
   *
   * @return whether it needed no ending
   */
  boolean stop(Duration patience) throws InterruptedException {
    stopping = true;
    in(Job.State.QUEUED).forEach(Job::cancel);
    Instant limit = clock.instant().plus(patience);
    boolean finished = true;
    for (Job job : all()) {
      Job.View view = job.view();
      while (!view.state().isOver() && clock.instant().isBefore(limit)) {
        view = job.after(view.version(), Duration.between(clock.instant(), limit).toMillis() + 1);
      }
      if (!view.state().isOver()) {
        finished = false;
        job.cancel();
      }
    }
    return finished;
  }
}
