package org.skerry.node.worker;

import java.util.ArrayList;
import java.util.List;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import org.skerry.trainer.worker.job.EvaluateConfig;
import org.skerry.trainer.worker.job.EvaluateJob;
import org.skerry.trainer.worker.job.EvaluateResult;
import tools.jackson.databind.JsonNode;

/**
 * Several evaluations in one process: starting libtorch costs more than measuring one small expert.
 */
public final class EvaluateAllJob implements JobHandler {
  public static final String KIND = "evaluate-all";

  /** What to measure, in order. */
  public record Config(List<EvaluateConfig> evaluations) {
    public Config {
      evaluations = List.copyOf(evaluations);
    }
  }

  /** One result for each evaluation, in the same order. */
  public record Result(List<EvaluateResult> results) {
    public Result {
      results = List.copyOf(results);
    }
  }

  private final EvaluateJob one = new EvaluateJob();

  @Override
  public Result run(JsonNode json, JobContext context) throws Exception {
    List<EvaluateResult> results = new ArrayList<>();
    for (JsonNode evaluation : json.path("evaluations")) {
      results.add(one.run(evaluation, context));
    }
    return new Result(results);
  }
}
