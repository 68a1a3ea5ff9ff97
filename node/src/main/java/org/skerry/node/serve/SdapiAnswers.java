package org.skerry.node.serve;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.skerry.node.generate.Picture;
import org.skerry.node.generate.PictureRequest;
import org.skerry.router.Solver;
import tools.jackson.databind.JsonNode;

/** What AUTOMATIC1111's clients look for in an answer. */
final class SdapiAnswers {
  /** A solver under the name that AUTOMATIC1111's users know. */
  record SamplerRow(String name, List<String> aliases, Map<String, String> options) {
    boolean is(String text) {
      return name.equalsIgnoreCase(text) || aliases.stream().anyMatch(text::equalsIgnoreCase);
    }

    String solver() {
      return aliases.getFirst();
    }
  }

  static final List<SamplerRow> SAMPLERS =
      List.of(
          sampler("DPM++ 2M", Solver.DPM_2M),
          sampler("Euler", Solver.EULER),
          sampler("Heun", Solver.HEUN));

  private static SamplerRow sampler(String name, Solver solver) {
    return new SamplerRow(name, List.of(solver.text()), Map.of());
  }

  record SchedulerRow(String name, String label, List<String> aliases) {}

  /** There is one, which every solver uses. */
  static final List<SchedulerRow> SCHEDULERS =
      List.of(new SchedulerRow("automatic", "Automatic", List.of("shifted")));

  record UpscalerRow(String name, @Nullable String modelName, double scale) {}

  static final List<UpscalerRow> UPSCALERS =
      List.of(new UpscalerRow("None", null, 1), new UpscalerRow("Nearest", null, 4));

  record Checkpoint(
      String title,
      String modelName,
      @Nullable String hash,
      @Nullable String sha256,
      String filename,
      @Nullable String config) {
    Checkpoint(String name) {
      this(name, name, null, null, name, null);
    }
  }

  record Options(
      String sdModelCheckpoint,
      String sdVae,
      @JsonProperty("CLIP_stop_at_last_layers") int clipStop,
      String samplesFormat) {
    Options(String model) {
      this(model, "None", 1, "png");
    }
  }

  /**
   * How far a job is.
   *
   * @param progress in 0..1
   * @param etaRelative seconds left
   */
  @SuppressWarnings("ArrayRecordComponent") // written at once
  record Progress(
      double progress,
      double etaRelative,
      ProgressState state,
      byte @Nullable [] currentImage,
      @Nullable String textinfo) {}

  record ProgressState(
      boolean skipped,
      boolean interrupted,
      String job,
      int jobCount,
      int jobNo,
      int samplingStep,
      int samplingSteps) {
    ProgressState(int count, String job, int step, int steps) {
      this(false, false, job, count, 0, step, steps);
    }
  }

  /** The pictures, the call itself, and {@code info}: JSON in a string. */
  record Images(List<byte[]> images, JsonNode parameters, String info) {}

  private record Info(
      String prompt,
      List<String> allPrompts,
      String negativePrompt,
      long seed,
      List<Long> allSeeds,
      int width,
      int height,
      String samplerName,
      double cfgScale,
      int steps,
      int batchSize,
      String sdModelName,
      List<String> infotexts,
      Map<String, String> extraGenerationParams,
      List<String> warnings) {}

  private SdapiAnswers() {}

  static Images images(Plan plan, List<Picture> pictures, JsonNode parameters) {
    PictureRequest request = plan.request();
    Info info =
        new Info(
            request.prompt(),
            Collections.nCopies(pictures.size(), request.prompt()),
            request.negativePrompt(),
            request.seed(),
            Collections.nCopies(pictures.size(), request.seed()),
            plan.size(),
            plan.size(),
            samplerName(request.solver()),
            request.guidance(),
            request.steps(),
            pictures.size(),
            request.model(),
            pictures.stream().map(picture -> infotext(plan, picture)).toList(),
            Map.of("strategy", request.strategy(), "shift", Double.toString(request.shift())),
            plan.warnings());
    return new Images(pictures.stream().map(Picture::png).toList(), parameters, Answers.text(info));
  }

  private static String samplerName(String solver) {
    return SAMPLERS.stream()
        .filter(row -> row.is(solver))
        .map(SamplerRow::name)
        .findFirst()
        .orElse(solver);
  }

  private static String infotext(Plan plan, Picture picture) {
    PictureRequest request = plan.request();
    return "%s\nSteps: %d, Sampler: %s, CFG scale: %s, Seed: %d, Index: %d, Size: %dx%d, Model: %s"
        .formatted(
            request.prompt(),
            request.steps(),
            samplerName(request.solver()),
            request.guidance(),
            picture.seed(),
            picture.index(),
            plan.size(),
            plan.size(),
            request.model());
  }
}
