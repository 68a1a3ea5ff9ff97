package org.skerry.trainer.training;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A checkpoint on disk: a folder with {@code weights.safetensors} (EMA weights under the network's
 * names), {@code resume.safetensors} (raw weights as {@code raw.NAME} and the optimizer's state;
 * step and loss in its metadata) and {@code state.json} (run, step, SHA-256 of both). The first two
 * are what a peer publishes.
 *
 * @param folder holds the three files
 * @param step steps made when it was taken
 */
public record Checkpoint(Path folder, long step) {
  private static final String RAW = "raw.";
  private static final String STEP = "step";
  private static final String LOSS = "smoothed_loss";
  private static final String ROLLBACKS = "rollbacks";
  private static final String SCALE = "loss_scale";
  private static final String SCALE_STEPS = "loss_scale_steps";
  private static final JsonMapper JSON = JsonMapper.shared();

  /** What {@code state.json} holds. */
  record Manifest(String run, long step, String weightsSha256, String resumeSha256) {}

  /** EMA weights. */
  public Path weights() {
    return folder.resolve("weights.safetensors");
  }

  /** Raw weights and optimizer state. */
  public Path resume() {
    return folder.resolve("resume.safetensors");
  }

  private Path manifest() {
    return folder.resolve("state.json");
  }

  /**
   * Writes the three files into {@code folder}, which exists; each reaches the disk.
   *
   * @param run identifies network, recipe and data, so that no other run resumes from it
   */
  static Checkpoint write(Path folder, RunState state, String run) throws IOException {
    Checkpoint checkpoint = new Checkpoint(folder, state.step());
    Map<String, String> counters = new LinkedHashMap<>();
    counters.put(STEP, Long.toString(state.step()));
    counters.put(LOSS, Double.toString(state.smoothedLoss()));
    if (state.rollbacks() > 0) {
      counters.put(ROLLBACKS, Integer.toString(state.rollbacks()));
    }
    new Safetensors(state.average(), counters).write(checkpoint.weights());
    if (!state.lossScale().equals(LossScale.NONE)) {
      counters.put(SCALE, Double.toString(state.lossScale().factor()));
      counters.put(SCALE_STEPS, Integer.toString(state.lossScale().goodSteps()));
    }
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    state.raw().forEach((name, tensor) -> tensors.put(RAW + name, tensor));
    tensors.putAll(state.optimizer());
    new Safetensors(tensors, counters).write(checkpoint.resume());
    Manifest manifest =
        new Manifest(run, state.step(), sha256(checkpoint.weights()), sha256(checkpoint.resume()));
    DurableFiles.write(checkpoint.manifest(), JSON.writeValueAsBytes(manifest));
    return checkpoint;
  }

  /**
   * Reads a checkpoint back.
   *
   * @throws TrainerException {@link Reason#CORRUPT_CHECKPOINT} when a byte differs from what was
   *     written, or it belongs to another run
   */
  RunState read(String run) throws IOException {
    try {
      Manifest manifest = JSON.readValue(Files.readAllBytes(manifest()), Manifest.class);
      if (!manifest.run().equals(run)) {
        throw corrupt("belongs to another run", null);
      }
      if (!manifest.weightsSha256().equals(sha256(weights()))
          || !manifest.resumeSha256().equals(sha256(resume()))) {
        throw corrupt("does not match its SHA-256", null);
      }
      return readFiles(weights(), resume());
    } catch (TrainerException e) {
      throw e;
    } catch (IOException | JacksonException e) {
      throw corrupt("cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Reads the two published files of a checkpoint, anybody's.
   *
   * @throws TrainerException {@link Reason#CORRUPT_CHECKPOINT} when the counters are missing or
   *     absurd
   * @throws org.skerry.diffusion.safetensors.SafetensorsException when a file is malformed
   */
  public static RunState readFiles(Path weights, Path resume) throws IOException {
    Safetensors average = Safetensors.map(weights);
    Safetensors rest = Safetensors.map(resume);
    Map<String, HostTensor> raw = new LinkedHashMap<>();
    Map<String, HostTensor> optimizer = new LinkedHashMap<>();
    rest.tensors()
        .forEach((name, tensor) -> {
          if (name.startsWith(RAW)) {
            raw.put(name.substring(RAW.length()), tensor);
          } else {
            optimizer.put(name, tensor);
          }
        });
    try {
      long step = Long.parseLong(rest.metadata().getOrDefault(STEP, "missing"));
      double loss = Double.parseDouble(rest.metadata().getOrDefault(LOSS, "missing"));
      int rollbacks = Integer.parseInt(rest.metadata().getOrDefault(ROLLBACKS, "0"));
      LossScale scale =
          new LossScale(
              Double.parseDouble(rest.metadata().getOrDefault(SCALE, "1")),
              Integer.parseInt(rest.metadata().getOrDefault(SCALE_STEPS, "0")));
      return new RunState(step, loss, rollbacks, scale, average.tensors(), raw, optimizer);
    } catch (IllegalArgumentException e) {
      throw new TrainerException(
          Reason.CORRUPT_CHECKPOINT,
          resume + ": its metadata lacks or distorts step, loss or scale",
          e);
    }
  }

  private TrainerException corrupt(
      String what, @org.jspecify.annotations.Nullable Exception cause) {
    String message = "checkpoint " + folder + " " + what;
    return cause == null
        ? new TrainerException(Reason.CORRUPT_CHECKPOINT, message)
        : new TrainerException(Reason.CORRUPT_CHECKPOINT, message, cause);
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(((DigestInputStream) in).getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
