package org.skerry.trainer.worker;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.worker.job.TrainJob;
import tools.jackson.databind.JsonNode;

/**
 * The parent's side: runs a job in a worker process and starts another process when that one dies,
 * whatever it died of. The job goes on from its own checkpoints. One job at a time; {@link #pause},
 * {@link #resume}, {@link #stop} and {@link #close} may come from any thread.
 *
 * <p>While IDLE there is no process, unless the launch says that it stays; one that died meanwhile,
 * or was let go, is replaced at the next job.
 *
 * <pre>
 * IDLE --run--> RUNNING --done, failed--> IDLE
 * RUNNING --process died--> BACKING_OFF --time--> RUNNING
 * RUNNING --too many deaths without progress--> IDLE (WORKER_DIED)
 * any --close--> CLOSED
 * </pre>
 */
public final class WorkerProcess implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** Of SIGINT, SIGKILL and SIGTERM: somebody else wanted the process to end. */
  private static final Set<Integer> KILLED = Set.of(128 + 2, 128 + 9, 128 + 15);

  private final WorkerLaunch launch;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private @Nullable Child child;
  private boolean jobSent;
  private boolean jobEnded;
  private boolean paused;
  private int dutyPercent = 100;
  private boolean stopped;
  private boolean closed;
  private boolean busy;
  private long nextJob = 1;

  /** A process and what of its output was read ahead. */
  private record Child(Process process, InputStream in) {}

  public WorkerProcess(WorkerLaunch launch) {
    this.launch = launch;
  }

  /**
   * Runs a job to its end; blocks, on any thread.
   *
   * @param config a value that Jackson can write
   * @param listener told on this thread
   * @return the job's result
   * @throws TrainerException with the job's own reason when it failed, {@link Reason#WORKER_DIED}
   *     when its processes died too often, {@link Reason#STOPPED} when it was stopped before it
   *     could say so itself
   */
  public JsonNode run(String kind, Object config, Consumer<WorkerEvent> listener)
      throws IOException, InterruptedException {
    long job = begin();
    try {
      JsonNode written = Frames.JSON.valueToTree(config);
      int deaths = 0;
      int deathsInVain = 0;
      boolean crashed = false;
      while (true) {
        WorkerMessage.Start start = new WorkerMessage.Start(job, kind, crashed, written);
        Attempt attempt = new Attempt(start, listener, deaths);
        Optional<JsonNode> result = attempt.run();
        if (result.isPresent()) {
          return result.get();
        }
        requireWanted();
        deaths++;
        crashed = attempt.crashed;
        deathsInVain = attempt.progressed ? 1 : deathsInVain + 1;
        if (deathsInVain >= launch.maxDeaths()) {
          throw new TrainerException(
              Reason.WORKER_DIED,
              (deathsInVain == 1
                      ? "the worker died: %2$s; see %3$s"
                      : "the worker died %d times without progress, last %s; see %s")
                  .formatted(deathsInVain, attempt.how, launch.log()));
        }
        long backoffMs = backoffMs(deathsInVain);
        listener.accept(new WorkerEvent.Died(attempt.pid, attempt.how, backoffMs));
        backOff(backoffMs);
      }
    } finally {
      end();
    }
  }

  /**
   * Asks the job to wait, now and after any restart: training writes a checkpoint first, and an
   * evaluation ends what it measures at the moment.
   */
  public void pause() {
    wish(true, new WorkerMessage.Pause());
  }

  /** Ends a {@link #pause}. */
  public void resume() {
    wish(false, new WorkerMessage.Resume());
  }

  /**
   * Asks the job to compute only a part of the time, now and after any restart.
   *
   * @param percent 1 to 100
   */
  public void duty(int percent) {
    lock.lock();
    try {
      dutyPercent = percent;
      send(new WorkerMessage.Duty(percent));
    } finally {
      lock.unlock();
    }
  }

  /** Asks a training job for files to publish; they come as its {@code snapshot} event. */
  public void requestSnapshot() {
    lock.lock();
    try {
      send(new WorkerMessage.Snapshot());
    } finally {
      lock.unlock();
    }
  }

  /** Asks the running job to end at a checkpoint; its result says that it is not finished. */
  public void stop() {
    lock.lock();
    try {
      stopped = true;
      wake.signalAll();
      send(new WorkerMessage.Stop());
    } finally {
      lock.unlock();
    }
  }

  /** The process id of the worker that runs now, if one does. */
  public Optional<Long> pid() {
    lock.lock();
    try {
      return child != null && child.process().isAlive()
          ? Optional.of(child.process().pid())
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Ends a process that stayed and has no job, so that its memory goes back. */
  public void letGo() throws InterruptedException {
    Child idle;
    lock.lock();
    try {
      if (busy || child == null) {
        return;
      }
      idle = child;
      child = null;
    } finally {
      lock.unlock();
    }
    reap(idle);
  }

  /** Ends the worker at once; a running job fails with {@link Reason#STOPPED}. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      wake.signalAll();
      if (child != null) {
        child.process().destroyForcibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private long begin() {
    lock.lock();
    try {
      if (busy || closed) {
        throw new IllegalStateException(busy ? "the worker is busy" : "the worker is closed");
      }
      busy = true;
      stopped = false;
      jobEnded = false;
      return nextJob++;
    } finally {
      lock.unlock();
    }
  }

  private void end() throws InterruptedException {
    Child ending;
    lock.lock();
    try {
      busy = false;
      jobSent = false;
      if (launch.stays() && jobEnded && !closed) {
        return;
      }
      ending = child;
      child = null;
    } finally {
      lock.unlock();
    }
    if (ending != null) {
      reap(ending);
    }
  }

  /** Closing its pipe is how a worker is told to leave. */
  private static void reap(Child ending) throws InterruptedException {
    Process process = ending.process();
    try {
      ending.in().close();
      process.getOutputStream().close();
    } catch (IOException e) {
      process.destroyForcibly();
    }
    try {
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private void requireWanted() throws TrainerException {
    lock.lock();
    try {
      if (stopped || closed) {
        throw new TrainerException(Reason.STOPPED, "the job was stopped; its checkpoint remains");
      }
    } finally {
      lock.unlock();
    }
  }

  private long backoffMs(int deathsInVain) {
    long doubled = launch.firstBackoff().toMillis() << Math.min(20, deathsInVain - 1);
    return Math.min(doubled, launch.maxBackoff().toMillis());
  }

  private void backOff(long backoffMs) throws TrainerException, InterruptedException {
    long left = TimeUnit.MILLISECONDS.toNanos(backoffMs);
    lock.lock();
    try {
      while (left > 0 && !stopped && !closed) {
        left = wake.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
    requireWanted();
  }

  private void wish(boolean nowPaused, WorkerMessage message) {
    lock.lock();
    try {
      paused = nowPaused;
      send(message);
    } finally {
      lock.unlock();
    }
  }

  /** Sends to the live worker, if its job has started. Caller holds the lock. */
  private void send(WorkerMessage message) {
    if (child == null || !jobSent) {
      return;
    }
    try {
      Frames.write(child.process().getOutputStream(), message);
    } catch (IOException e) {
      // The worker is dying; whoever reads its pipe starts another, which is told again.
      child.process().destroyForcibly();
    }
  }

  /** One process under a job. */
  private final class Attempt {
    private final WorkerMessage.Start start;
    private final Consumer<WorkerEvent> listener;
    private final int deaths;
    private boolean progressed;
    private boolean crashed;
    private long pid;
    private String how = "before it started";

    Attempt(WorkerMessage.Start start, Consumer<WorkerEvent> listener, int deaths) {
      this.start = start;
      this.listener = listener;
      this.deaths = deaths;
    }

    /** The job's result, or empty when the process died first. */
    Optional<JsonNode> run() throws IOException, InterruptedException {
      Child worker = waiting().orElse(null);
      if (worker == null) {
        worker = launchProcess();
        listener.accept(new WorkerEvent.Launched(worker.process().pid(), deaths));
      }
      Process process = worker.process();
      pid = process.pid();
      try {
        Optional<WorkerMessage> next = Frames.read(worker.in());
        while (next.isPresent()) {
          Optional<JsonNode> result = take(next.get());
          if (result.isPresent()) {
            return result;
          }
          next = Frames.read(worker.in());
        }
      } catch (TrainerException e) {
        if (e.reason() != Reason.PROTOCOL_VIOLATION) {
          throw e;
        }
        // A worker whose pipe is garbage is as good as dead.
        process.destroyForcibly().waitFor();
        how = "ended for breaking the pipe's rules: " + e.getMessage();
        return Optional.empty();
      } catch (IOException e) {
        process.destroyForcibly();
      }
      int exitCode = process.waitFor();
      crashed = !KILLED.contains(exitCode);
      how = describe(exitCode);
      return Optional.empty();
    }

    /** The process that stayed after the job before, with this job begun. */
    private Optional<Child> waiting() {
      lock.lock();
      try {
        if (child == null || closed || !child.process().isAlive()) {
          return Optional.empty();
        }
        begin(child);
        return Optional.of(child);
      } catch (IOException e) {
        // It died while nobody looked, which is no fault of this job's.
        child.process().destroyForcibly();
        jobSent = false;
        return Optional.empty();
      } finally {
        lock.unlock();
      }
    }

    private Child launchProcess() throws IOException {
      Files.createDirectories(launch.workFolder());
      lock.lock();
      try {
        if (closed) {
          throw new TrainerException(Reason.STOPPED, "the worker was closed");
        }
        jobSent = false;
        Process process = launch.processBuilder().start();
        Child launched =
            new Child(process, new BufferedInputStream(process.getInputStream(), 1 << 16));
        child = launched;
        return launched;
      } catch (TrainerException e) {
        throw e;
      } catch (IOException e) {
        throw new TrainerException(
            Reason.WORKER_DIED, "the worker cannot be started: " + e.getMessage(), e);
      } finally {
        lock.unlock();
      }
    }

    private Optional<JsonNode> take(WorkerMessage message) throws IOException {
      switch (message) {
        case WorkerMessage.Hello hello -> greet(hello);
        case WorkerMessage.Event(long job, String name, JsonNode data) -> {
          requireThisJob(job);
          progressed |= PROGRESS.contains(name);
          listener.accept(new WorkerEvent.FromJob(name, data));
        }
        case WorkerMessage.Done(long job, JsonNode result) -> {
          requireThisJob(job);
          jobEnded();
          return Optional.of(result);
        }
        case WorkerMessage.Failed(long job, String reason, String text) -> {
          requireThisJob(job);
          jobEnded();
          throw new TrainerException(reasonNamed(reason), text);
        }
        case WorkerMessage.Start _,
            WorkerMessage.Pause _,
            WorkerMessage.Resume _,
            WorkerMessage.Duty _,
            WorkerMessage.Snapshot _,
            WorkerMessage.Stop _ ->
            throw new TrainerException(
                Reason.PROTOCOL_VIOLATION, "the worker sent a parent's message");
      }
      return Optional.empty();
    }

    private void greet(WorkerMessage.Hello hello) throws IOException {
      if (hello.version() != WorkerServer.VERSION) {
        throw new TrainerException(
            Reason.WORKER_DIED, "the worker speaks version " + hello.version() + " of the pipe");
      }
      lock.lock();
      try {
        if (child != null) {
          begin(child);
        }
      } finally {
        lock.unlock();
      }
    }

    /** Sends the job, and what was wished before it could be. Caller holds the lock. */
    private void begin(Child worker) throws IOException {
      Frames.write(worker.process().getOutputStream(), start);
      jobSent = true;
      if (dutyPercent < 100) {
        send(new WorkerMessage.Duty(dutyPercent));
      }
      if (paused) {
        send(new WorkerMessage.Pause());
      }
      if (stopped) {
        send(new WorkerMessage.Stop());
      }
    }

    private void jobEnded() {
      lock.lock();
      try {
        jobEnded = true;
        jobSent = false;
      } finally {
        lock.unlock();
      }
    }

    private void requireThisJob(long job) throws TrainerException {
      if (job != start.job()) {
        throw new TrainerException(Reason.PROTOCOL_VIOLATION, "the worker speaks of job " + job);
      }
    }
  }

  /** After these events a new process does not repeat what the dead one did. */
  private static final Set<String> PROGRESS = Set.of("checkpoint", TrainJob.SMALLER_PARTS);

  private static Reason reasonNamed(String name) {
    for (Reason reason : Reason.values()) {
      // A failed job must not look like a broken pipe, which would start it again.
      if (reason.name().equals(name) && reason != Reason.PROTOCOL_VIOLATION) {
        return reason;
      }
    }
    return Reason.JOB_FAILED;
  }

  /** Java reports death by signal n as exit code 128 + n. */
  private static String describe(int exitCode) {
    return exitCode > 128
        ? "killed by signal " + (exitCode - 128)
        : exitCode == WorkerServer.OUT_OF_MEMORY
            ? "out of memory"
            : "ended with exit code " + exitCode;
  }
}
