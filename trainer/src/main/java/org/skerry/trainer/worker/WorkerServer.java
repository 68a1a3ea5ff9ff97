package org.skerry.trainer.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.training.TrainingControl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The child's side of the pipe. Reads messages until the parent closes it, runs one job at a time
 * on a platform thread of its own, sends what the job tells.
 *
 * <pre>
 * IDLE --start--> BUSY --job ends--> IDLE
 * any  --pipe closed--> the process ends, whatever the job is doing
 * </pre>
 */
public final class WorkerServer {
  /** Version of the messages; parent and child come from the same installation. */
  static final int VERSION = 2;

  /** What a worker ends with when memory did. */
  static final int OUT_OF_MEMORY = 3;

  private static final Logger LOG = LoggerFactory.getLogger(WorkerServer.class);

  private final Map<String, JobHandler> handlers;
  private final InputStream in;
  private final OutputStream out;
  private final ReentrantLock outLock = new ReentrantLock();
  private final ReentrantLock jobLock = new ReentrantLock();
  private @Nullable TrainingControl running;

  /**
   * @param handlers by kind of job
   */
  WorkerServer(Map<String, JobHandler> handlers, InputStream in, OutputStream out) {
    this.handlers = Map.copyOf(handlers);
    this.in = in;
    this.out = out;
  }

  /**
   * What a worker's {@code main} calls: takes standard input and output and never returns. The
   * process ends with 0 when the parent closed the pipe, with 2 when it broke the protocol.
   */
  public static void serveAndExit(Map<String, JobHandler> handlers) {
    int status = 0;
    try {
      new WorkerServer(handlers, System.in, FrameOutput.take()).serve();
    } catch (IOException e) {
      LOG.error("{}", e.getMessage());
      status = 2;
    }
    // Not exit(): a job may be inside libtorch, and its files are atomic anyway.
    Runtime.getRuntime().halt(status);
  }

  /** Serves until the parent closes the pipe. */
  void serve() throws IOException {
    send(new WorkerMessage.Hello(VERSION, ProcessHandle.current().pid()));
    Optional<WorkerMessage> next = Frames.read(in);
    while (next.isPresent()) {
      take(next.get());
      next = Frames.read(in);
    }
  }

  private void take(WorkerMessage message) throws IOException {
    switch (message) {
      case WorkerMessage.Start start -> start(start);
      case WorkerMessage.Pause() -> withRunning(TrainingControl::pause);
      case WorkerMessage.Resume() -> withRunning(TrainingControl::resume);
      case WorkerMessage.Duty(int percent) -> duty(percent);
      case WorkerMessage.Snapshot() -> withRunning(TrainingControl::requestSnapshot);
      case WorkerMessage.Stop() -> withRunning(TrainingControl::stop);
      case WorkerMessage.Hello _,
          WorkerMessage.Event _,
          WorkerMessage.Done _,
          WorkerMessage.Failed _ ->
          throw new TrainerException(
              Reason.PROTOCOL_VIOLATION, "the parent sent a worker's message: " + message);
    }
  }

  private void duty(int percent) throws TrainerException {
    if (percent < 1 || percent > 100) {
      throw new TrainerException(Reason.PROTOCOL_VIOLATION, "a duty of " + percent + " %");
    }
    withRunning(control -> control.duty(percent));
  }

  private void withRunning(java.util.function.Consumer<TrainingControl> action) {
    jobLock.lock();
    try {
      if (running != null) {
        action.accept(running);
      }
    } finally {
      jobLock.unlock();
    }
  }

  private void start(WorkerMessage.Start start) throws IOException {
    JobHandler handler = handlers.get(start.kind());
    TrainingControl control = new TrainingControl();
    jobLock.lock();
    try {
      if (running != null || handler == null) {
        String why = handler == null ? "no job of kind '" + start.kind() + "'" : "worker is busy";
        send(new WorkerMessage.Failed(start.job(), Reason.BAD_CONFIG.name(), why));
        return;
      }
      running = control;
    } finally {
      jobLock.unlock();
    }
    Thread.ofPlatform().name("job-" + start.job()).start(() -> run(start, handler, control));
  }

  private void run(WorkerMessage.Start start, JobHandler handler, TrainingControl control) {
    JobContext context =
        new JobContext(
            control,
            start.crashed(),
            (name, data) -> send(new WorkerMessage.Event(start.job(), name, data)));
    WorkerMessage end;
    try {
      Object result = handler.run(start.config(), context);
      end = new WorkerMessage.Done(start.job(), Frames.JSON.valueToTree(result));
    } catch (OutOfMemoryError | ProcessSpentException e) {
      // Dying gives the parent the chance to start again with what is on disk.
      LOG.error("out of memory", e);
      Runtime.getRuntime().halt(OUT_OF_MEMORY);
      return;
    } catch (Exception | LinkageError e) {
      LOG.error("job {} failed", start.kind(), e);
      end = failure(start.job(), e);
    }
    jobLock.lock();
    try {
      running = null;
    } finally {
      jobLock.unlock();
    }
    try {
      send(end);
    } catch (IOException e) {
      LOG.error("the end of job {} cannot be sent", start.kind(), e);
      Runtime.getRuntime().halt(2);
    }
  }

  private static WorkerMessage.Failed failure(long job, Throwable cause) {
    Reason reason =
        switch (cause) {
          case TrainerException e -> e.reason();
          case IllegalArgumentException _ -> Reason.BAD_CONFIG;
          default -> Reason.JOB_FAILED;
        };
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new WorkerMessage.Failed(
        job, reason.name(), message.length() > 2_000 ? message.substring(0, 2_000) : message);
  }

  private void send(WorkerMessage message) throws IOException {
    outLock.lock();
    try {
      Frames.write(out, message);
    } finally {
      outLock.unlock();
    }
  }
}
