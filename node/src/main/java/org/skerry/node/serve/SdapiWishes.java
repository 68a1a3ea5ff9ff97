package org.skerry.node.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.skerry.node.NodeException;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.generate.StartImage;

/** Reads the bodies of {@code txt2img} and {@code img2img}. */
final class SdapiWishes {
  private static final int MAX_NAME = 200;
  private static final int MAX_BATCH = 64;
  private static final double USUAL_STRENGTH = 0.75;

  /** What changes a picture in AUTOMATIC1111's web UI, and not here. */
  private static final List<String> WITHOUT_MEANING =
      List.of("restore_faces", "enable_hr", "tiling");

  private final ServedModels models;

  SdapiWishes(ServedModels models) {
    this.models = models;
  }

  /**
   * What was read.
   *
   * @param common where the fields stand that all dialects have
   */
  record Read(Planner.Wish wish, Fields common, List<String> warnings) {}

  Read read(Fields fields, boolean fromImage) throws CallException, NodeException {
    List<String> warnings = new ArrayList<>();
    Planner.Wish wish =
        new Planner.Wish(
            model(fields),
            fields.text("prompt", PictureRequest.MAX_PROMPT).orElse(""),
            fields.text("negative_prompt", PictureRequest.MAX_PROMPT).orElse(""),
            count(fields),
            JobCalls.size(fields),
            fields.number("cfg_scale", 0, 100),
            Optional.of(solver(fields, warnings)),
            fromImage ? Optional.of(start(fields)) : Optional.empty());
    for (String name : WITHOUT_MEANING) {
      if (fields.flag(name)) {
        warnings.add(name + " is not known, and ignored");
      }
    }
    return new Read(wish, fields, warnings);
  }

  /** Options can be set for one call only. */
  private ModelShelf.Model model(Fields fields) throws CallException, NodeException {
    Optional<Fields> overriding = fields.object("override_settings");
    if (overriding.isEmpty()) {
      return models.usual();
    }
    Fields settings = overriding.get();
    return models.named(
        "sd_model_checkpoint",
        settings.text("sd_model_checkpoint", MAX_NAME).filter(name -> !name.isBlank()));
  }

  private static int count(Fields fields) throws CallException {
    int batch = fields.integer("batch_size", 1, MAX_BATCH, 1);
    int batches = fields.integer("n_iter", 1, MAX_BATCH, 1);
    if (batch * batches > MAX_BATCH) {
      throw fields.wrong(
          "n_iter", "times batch_size is " + batch * batches, "ask for at most " + MAX_BATCH);
    }
    return batch * batches;
  }

  /** Clients send their settings' sampler, which may be one that only others have. */
  private static String solver(Fields fields, List<String> warnings) throws CallException {
    Optional<String> wanted = fields.text("sampler_name", MAX_NAME);
    if (wanted.isEmpty()) {
      return SdapiAnswers.SAMPLERS.getFirst().solver();
    }
    for (SdapiAnswers.SamplerRow row : SdapiAnswers.SAMPLERS) {
      if (row.is(wanted.get())) {
        return row.solver();
      }
    }
    SdapiAnswers.SamplerRow usual = SdapiAnswers.SAMPLERS.getFirst();
    warnings.add("sampler '" + wanted.get() + "' is not known; " + usual.name() + " was used");
    return usual.solver();
  }

  private static StartImage start(Fields fields) throws CallException {
    if (fields.has("mask")) {
      throw fields.wrong("mask", "is not known", "send an image without one");
    }
    byte[] image =
        fields
            .onlyBytes("init_images")
            .orElseThrow(
                () -> fields.wrong("init_images", "is missing", "send one image in base 64"));
    double strength = fields.number("denoising_strength", 0, 1).orElse(USUAL_STRENGTH);
    return Starts.start(fields, "init_images", image, "denoising_strength", strength);
  }
}
