package org.skerry.trainer.worker;

import java.util.Map;
import org.skerry.trainer.worker.job.EncodeJob;
import org.skerry.trainer.worker.job.EvaluateJob;
import org.skerry.trainer.worker.job.FeaturesJob;
import org.skerry.trainer.worker.job.MeasureJob;
import org.skerry.trainer.worker.job.ProbeJob;
import org.skerry.trainer.worker.job.TextsJob;
import org.skerry.trainer.worker.job.TrainJob;

/** A worker process with the jobs of this module. */
public final class WorkerMain {
  private WorkerMain() {}

  /** Everything that {@link org.skerry.trainer.worker.job} knows to do. */
  public static Map<String, JobHandler> handlers() {
    return Map.of(
        TrainJob.KIND, new TrainJob(),
        EvaluateJob.KIND, new EvaluateJob(),
        MeasureJob.KIND, new MeasureJob(),
        FeaturesJob.KIND, new FeaturesJob(),
        EncodeJob.KIND, new EncodeJob(),
        TextsJob.KIND, new TextsJob(),
        ProbeJob.KIND, new ProbeJob());
  }

  public static void main(String[] args) {
    WorkerServer.serveAndExit(handlers());
  }
}
