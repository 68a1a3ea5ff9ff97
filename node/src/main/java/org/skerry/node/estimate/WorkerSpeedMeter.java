package org.skerry.node.estimate;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.trainer.worker.job.MeasureConfig;
import org.skerry.trainer.worker.job.MeasureJob;
import org.skerry.trainer.worker.job.MeasureResult;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Measures in a worker of its own, under the limits that training has.
 *
 * @param workers starts one that computes blocks again for their gradient, or one that does not
 * @param limit after which it is given up, should a single step take so long
 */
public record WorkerSpeedMeter(
    Function<Boolean, WorkerProcess> workers, String device, IntSupplier threads, Duration limit)
    implements SpeedMeter {
  private static final double SECONDS = 2;
  private static final JsonMapper JSON = JsonMapper.shared();

  @Override
  public MeasureResult measure(UnitPlan plan, int batch, boolean recomputes)
      throws IOException, InterruptedException {
    MeasureConfig config =
        new MeasureConfig(
            plan.network().toProperties(),
            plan.optimizer(),
            plan.precision(),
            recomputes ? Recompute.ON : Recompute.OFF,
            batch,
            device,
            threads.getAsInt(),
            SECONDS,
            plan.textTokens());
    // The worker's pipe is read on a thread of its own: an interrupt would not end the reading.
    try (WorkerProcess worker = workers.apply(recomputes)) {
      CompletableFuture<JsonNode> result = new CompletableFuture<>();
      Thread.ofVirtual().name("measure").start(() -> run(worker, config, result));
      return JSON.treeToValue(
          result.get(limit.toMillis(), TimeUnit.MILLISECONDS), MeasureResult.class);
    } catch (TimeoutException e) {
      throw new IOException("a step takes more than " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new IOException(String.valueOf((cause == null ? e : cause).getMessage()), e);
    } catch (JacksonException e) {
      throw new IOException("the worker's measurement cannot be read", e);
    }
  }

  private static void run(
      WorkerProcess worker, MeasureConfig config, CompletableFuture<JsonNode> result) {
    try {
      result.complete(worker.run(MeasureJob.KIND, config, event -> {}));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      result.completeExceptionally(e);
    } catch (IOException | RuntimeException e) {
      result.completeExceptionally(e);
    }
  }
}
