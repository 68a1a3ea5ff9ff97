package org.skerry.node.generate;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.worker.WorkerEvent;
import org.skerry.trainer.worker.WorkerProcess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * One warm worker process behind a bounded queue, in order of arrival. A worker that nobody wants
 * anything of for a while is let go, and its memory with it; the next request starts another.
 * Thread-safe.
 *
 * <pre>
 * submitted --turn comes--> running --worker is done--> over
 * submitted --cancel, close--> over
 * running --cancel, close, worker dies--> over
 * </pre>
 */
public final class PictureMaker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PictureMaker.class);

  private static final Duration GRACE = Duration.ofSeconds(5);

  private final SkerryHome home;
  private final ModelShelf shelf;
  private final WorkerProcess worker;
  private final Resources resources;
  private final int capacity;
  private final Duration keepWarm;
  private final Path folder;
  private final Thread runner;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final Deque<Ticket> queue = new ArrayDeque<>();

  @GuardedBy("lock")
  private @Nullable Ticket running;

  @GuardedBy("lock")
  private boolean closed;

  @GuardedBy("lock")
  private boolean workerExpected = true;

  @GuardedBy("lock")
  private long workerRestarts;

  /**
   * @param worker that knows the job of {@link PictureJobConfig}, stays between jobs and gives up
   *     at its first death; closed with this
   * @param resources that the worker may take
   * @param capacity requests that may wait, besides the running one
   * @param keepWarm how long a worker may be without a request
   */
  public PictureMaker(
      SkerryHome home, WorkerProcess worker, Resources resources, int capacity, Duration keepWarm) {
    if (capacity < 1) {
      throw new IllegalArgumentException("a queue for " + capacity + " requests");
    }
    this.home = home;
    this.shelf = new ModelShelf(home);
    this.worker = worker;
    this.resources = resources;
    this.capacity = capacity;
    this.keepWarm = keepWarm;
    this.folder = Scratch.folder(home.work().resolve("pictures"));
    this.runner = Thread.ofVirtual().name("pictures").start(this::work);
  }

  /**
   * Takes a request; returns at once.
   *
   * @throws QueueFullException when as many wait as may
   * @throws IllegalStateException when this is closed
   */
  public Ticket submit(PictureRequest request, Listener listener) throws QueueFullException {
    Ticket ticket = new Ticket(UUID.randomUUID().toString(), request, listener, this::position);
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the picture maker is closed");
      }
      if (queue.size() >= capacity) {
        throw new QueueFullException(queue.size());
      }
      queue.add(ticket);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    ticket.pictures().whenComplete((pictures, failure) -> left(ticket));
    return ticket;
  }

  /** How many requests wait, without the running one. */
  public int waiting() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** The request that the worker has now. */
  public Optional<Ticket> running() {
    lock.lock();
    try {
      return Optional.ofNullable(running);
    } finally {
      lock.unlock();
    }
  }

  /** The process id of the worker, once there is one. */
  public Optional<Long> workerPid() {
    return worker.pid();
  }

  /** How many worker processes took the place of one that had died. */
  public long workerRestarts() {
    lock.lock();
    try {
      return workerRestarts;
    } finally {
      lock.unlock();
    }
  }

  private int position(Ticket ticket) {
    lock.lock();
    try {
      int before = 0;
      for (Ticket other : queue) {
        before++;
        if (other == ticket) {
          return before;
        }
      }
      return 0;
    } finally {
      lock.unlock();
    }
  }

  /** Whoever has its end needs neither a place in the queue nor the worker. */
  private void left(Ticket ticket) {
    lock.lock();
    try {
      queue.remove(ticket);
      if (running == ticket) {
        worker.stop();
      }
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    try {
      Scratch.deleteOfDeadProcesses(home.work().resolve("pictures"));
      for (Ticket ticket = next(); ticket != null; ticket = next()) {
        make(ticket);
      }
    } catch (InterruptedException e) {
      LOG.debug("interrupted: the picture maker is closed");
    } finally {
      Scratch.delete(folder);
    }
  }

  private @Nullable Ticket next() throws InterruptedException {
    if (nobodyAsks()) {
      worker.letGo();
    }
    lock.lock();
    try {
      while (queue.isEmpty() && !closed) {
        changed.await();
      }
      running = queue.poll();
      return closed ? null : running;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for somebody; says whether the worker has waited long enough. */
  private boolean nobodyAsks() throws InterruptedException {
    long leftNanos = keepWarm.toNanos();
    lock.lock();
    try {
      running = null;
      while (queue.isEmpty() && !closed && leftNanos > 0) {
        leftNanos = changed.awaitNanos(leftNanos);
      }
      boolean nobody = queue.isEmpty() && !closed;
      workerExpected |= nobody;
      return nobody;
    } finally {
      lock.unlock();
    }
  }

  private void make(Ticket ticket) throws InterruptedException {
    PictureRequest request = ticket.request();
    Path results = folder.resolve(ticket.id());
    try {
      ModelShelf.Model model = shelf.modelToSample(request.model());
      requirePossible(request, model.ensemble());
      Files.createDirectories(results);
      JsonNode result =
          worker.run(
              PictureJobConfig.KIND,
              PictureJobConfig.of(
                  request, model, home.fetched(), start(request, results), results, resources),
              event -> heard(ticket, results, event));
      ticket.pictures().complete(pictures(request, result));
    } catch (NodeException e) {
      ticket.pictures().completeExceptionally(e);
    } catch (TrainerException e) {
      ticket.pictures().completeExceptionally(said(e));
    } catch (IOException e) {
      ticket.pictures().completeExceptionally(DiskTrouble.cannotWrite(results, e));
    } catch (RuntimeException e) {
      LOG.error("request {} failed", ticket.id(), e);
      ticket.pictures().completeExceptionally(e);
    } finally {
      Scratch.delete(results);
    }
  }

  private static void requirePossible(PictureRequest request, PulledEnsemble ensemble)
      throws NodeException {
    if (request.label() != null && request.label() >= ensemble.classes()) {
      throw new NodeException(
          Reason.USAGE,
          "%s knows %d classes, and there is no class %d"
              .formatted(ensemble.name(), ensemble.classes(), request.label()),
          ensemble.classes() == 0 ? "ask for none" : "ask for one below " + ensemble.classes());
    }
    if (ensemble.router() == null && ensemble.partitions() > 1) {
      throw new NodeException(
          Reason.NOT_ACCEPTED,
          "ensemble " + ensemble.name() + " has no router yet, and its experts cannot be mixed",
          "pull it again when somebody has trained one");
    }
  }

  private static @Nullable Path start(PictureRequest request, Path folder) throws IOException {
    return request.start() == null
        ? null
        : Files.write(folder.resolve("start"), request.start().encoded());
  }

  private static List<Picture> pictures(PictureRequest request, JsonNode result)
      throws IOException {
    List<Picture> out = new ArrayList<>();
    for (JsonNode file : result.path("files")) {
      byte[] png = Files.readAllBytes(Path.of(file.asString()));
      out.add(new Picture(png, request.first() + out.size(), request.seed()));
    }
    return List.copyOf(out);
  }

  private void heard(Ticket ticket, Path results, WorkerEvent event) {
    if (event instanceof WorkerEvent.Launched) {
      countLaunch();
    }
    if (ticket.pictures().isDone()) {
      // Cancelled, perhaps before the worker knew of the job.
      worker.stop();
    } else if (event instanceof WorkerEvent.FromJob(String name, JsonNode data)) {
      try {
        tell(ticket.listener(), name, data, results);
      } catch (IOException | RuntimeException e) {
        // What a listener does wrong costs nobody the picture.
        LOG.warn("request {}: {} was not heard", ticket.id(), name, e);
      }
    }
  }

  private void countLaunch() {
    lock.lock();
    try {
      workerRestarts += workerExpected ? 0 : 1;
      workerExpected = false;
    } finally {
      lock.unlock();
    }
  }

  private static void tell(Listener listener, String name, JsonNode data, Path results)
      throws IOException {
    if (name.equals(PictureJobConfig.PROGRESS)) {
      listener.progress(data.path("done").asInt(), data.path("total").asInt());
    } else if (name.equals(PictureJobConfig.PREVIEW)) {
      listener.preview(Files.readAllBytes(PictureJobConfig.preview(results)));
    }
  }

  private static NodeException said(TrainerException e) {
    String text = String.valueOf(e.getMessage());
    return switch (e.reason()) {
      case WORKER_DIED ->
          new NodeException(
              Reason.FAILED,
              "these pictures were not made: " + text,
              "ask again, and read that log if it happens again",
              e);
      case BAD_CONFIG -> new NodeException(Reason.USAGE, text, "ask for something else", e);
      default ->
          new NodeException(
              Reason.DATA_INVALID,
              "the model cannot be sampled (" + text + ")",
              "pull it again with `skerry pull`",
              e);
    };
  }

  /** Cancels every request, ends the worker, and tidies up. */
  @Override
  public void close() {
    List<Ticket> left;
    lock.lock();
    try {
      closed = true;
      left = new ArrayList<>(queue);
      if (running != null) {
        left.add(running);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    left.forEach(Ticket::cancel);
    worker.close();
    try {
      if (Thread.currentThread() != runner) {
        runner.join(GRACE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
