package org.skerry.node.estimate;

import java.io.IOException;
import java.util.function.Function;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.trainer.worker.job.MeasureConfig;
import org.skerry.trainer.worker.job.MeasureJob;
import org.skerry.trainer.worker.job.MeasureResult;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Measures in a worker of its own, under the limits that training has.
 *
 * @param workers starts one that computes blocks again for their gradient, or one that does not
 */
public record WorkerSpeedMeter(Function<Boolean, WorkerProcess> workers, String device, int threads)
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
            threads,
            SECONDS);
    try (WorkerProcess worker = workers.apply(recomputes)) {
      return JSON.treeToValue(
          worker.run(MeasureJob.KIND, config, event -> {}), MeasureResult.class);
    } catch (JacksonException e) {
      throw new IOException("the worker's measurement cannot be read", e);
    }
  }
}
