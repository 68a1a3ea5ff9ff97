package org.skerry.trainer.worker.job;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.evaluation.Evaluation;
import org.skerry.trainer.evaluation.RouterAccuracy;
import org.skerry.trainer.metrics.GaussianDenoiser;
import org.skerry.trainer.training.Checkpoint;
import org.skerry.trainer.training.Objectives;
import org.skerry.trainer.training.RunState;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import tools.jackson.databind.JsonNode;

/**
 * Measures weights, anybody's, on held-out images. A file that is malformed, of another network or
 * not finite is a result; only the caller's own images and configuration can fail the job.
 */
public final class EvaluateJob implements JobHandler {
  public static final String KIND = "evaluate";

  @Override
  public EvaluateResult run(JsonNode json, JobContext context)
      throws IOException, InterruptedException {
    EvaluateConfig config = context.config(json, EvaluateConfig.class);
    Network network = Network.of(NetworkConfig.fromProperties(config.network()));
    Map<String, Heldout> heldOut = new LinkedHashMap<>();
    Map<String, Double> baseline = new LinkedHashMap<>();
    for (Map.Entry<String, EvaluateConfig.HeldOutSet> set : config.heldOut().entrySet()) {
      Heldout images =
          Heldout.read(
              set.getValue().partitions(),
              network.config(),
              set.getValue().texts().open(network.config()),
              config.maxImages());
      heldOut.put(set.getKey(), images);
      if (Objectives.isRouter(network.config())) {
        baseline.put(set.getKey(), images.entropy());
      } else if (!set.getValue().training().isEmpty()) {
        ImageSet training = Shards.readOne(set.getValue().training(), network.config());
        GaussianDenoiser gaussian = GaussianDenoiser.fit(training);
        baseline.put(
            set.getKey(), Evaluation.gaussianLoss(gaussian, images.images(), config.drawsSeed()));
      }
    }
    Torch.threads(config.threads());
    Meter meter = new Meter(network, config.optimizer(), heldOut, config.drawsSeed());
    Map<String, EvaluateResult.Measured> measured = new LinkedHashMap<>();
    for (Map.Entry<String, EvaluateConfig.Candidate> candidate : config.candidates().entrySet()) {
      context.control().awaitNotPaused();
      long begin = System.nanoTime();
      measured.put(candidate.getKey(), meter.measure(candidate.getValue()));
      context.control().rest(System.nanoTime() - begin);
    }
    Map<String, HostTensor> fresh = Parameters.initialTensors(network, config.initialSeed());
    return new EvaluateResult(measured, meter.measure(fresh).losses(), baseline);
  }

  /** Measures any weights of one network on the same images and draws. */
  private record Meter(
      Network network, Optimizer.Rule optimizer, Map<String, Heldout> heldOut, long drawsSeed) {
    EvaluateResult.Measured measure(EvaluateConfig.Candidate candidate) {
      Path file = Path.of(candidate.file());
      try {
        return switch (candidate.part()) {
          case WEIGHTS -> measure(Safetensors.map(file).tensors());
          case RESUME -> {
            RunState state = Checkpoint.readFiles(file, file);
            requireMoments(state.optimizer().keySet());
            yield allFinite(state.optimizer())
                ? measure(state.raw())
                : EvaluateResult.Measured.notFinite();
          }
        };
      } catch (IOException | IllegalArgumentException e) {
        return EvaluateResult.Measured.refused(String.valueOf(e.getMessage()));
      }
    }

    EvaluateResult.Measured measure(Map<String, HostTensor> tensors) {
      if (!allFinite(tensors)) {
        return EvaluateResult.Measured.notFinite();
      }
      boolean router = Objectives.isRouter(network.config());
      Map<String, Double> losses = new LinkedHashMap<>();
      Map<String, RouterAccuracy> accuracies = new LinkedHashMap<>();
      try (NDManager manager = Torch.newManager();
          Parameters parameters = Parameters.from(network, tensors, manager)) {
        heldOut.forEach((name, set) -> {
          losses.put(name, set.loss(network, parameters, drawsSeed));
          if (router) {
            accuracies.put(name, set.accuracy(network, parameters, drawsSeed));
          }
        });
      }
      // Finite weights may still overflow on the way, and JSON knows no NaN.
      return losses.values().stream().allMatch(Double::isFinite)
          ? new EvaluateResult.Measured(null, true, losses, accuracies)
          : EvaluateResult.Measured.notFinite();
    }

    private void requireMoments(Set<String> names) throws TrainerException {
      for (String name : optimizer.stateNames(network)) {
        if (!names.contains(name)) {
          throw new TrainerException(
              Reason.CORRUPT_CHECKPOINT, "its optimizer state lacks " + name);
        }
      }
    }

    private static boolean allFinite(Map<String, HostTensor> tensors) {
      for (HostTensor tensor : tensors.values()) {
        if (tensor.type() == ElementType.F32) {
          FloatBuffer values = tensor.data().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
          while (values.hasRemaining()) {
            if (!Float.isFinite(values.get())) {
              return false;
            }
          }
        }
      }
      return true;
    }
  }
}
