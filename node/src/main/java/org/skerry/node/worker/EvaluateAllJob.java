package org.skerry.node.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.diffusion.safetensors.SafetensorsException;
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

  /**
   * What came out.
   *
   * @param results one for each evaluation, in the same order
   * @param contents by file, the {@link TensorDigest} of every candidate's weights that can be read
   */
  public record Result(List<EvaluateResult> results, Map<String, String> contents) {
    public Result {
      results = List.copyOf(results);
      contents = Map.copyOf(contents);
    }
  }

  private final EvaluateJob one = new EvaluateJob();

  @Override
  public Result run(JsonNode json, JobContext context) throws Exception {
    List<EvaluateResult> results = new ArrayList<>();
    Map<String, String> contents = new HashMap<>();
    for (JsonNode evaluation : json.path("evaluations")) {
      results.add(one.run(evaluation, context));
      for (EvaluateConfig.Candidate candidate :
          context.config(evaluation, EvaluateConfig.class).candidates().values()) {
        if (candidate.part() == EvaluateConfig.Part.WEIGHTS) {
          digest(candidate.file()).ifPresent(digest -> contents.put(candidate.file(), digest));
        }
      }
    }
    return new Result(results, contents);
  }

  /** Empty for a file that is no safetensors: its evaluation says so already. */
  private static Optional<String> digest(String file) throws IOException {
    try {
      return Optional.of(TensorDigest.of(Path.of(file)));
    } catch (SafetensorsException e) {
      return Optional.empty();
    }
  }
}
