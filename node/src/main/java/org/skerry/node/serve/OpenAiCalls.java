package org.skerry.node.serve;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.linecorp.armeria.common.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.generate.Picture;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.serve.Planner.Size;

/** The calls of OpenAI's clients: {@code /v1/images/generations} and {@code /v1/models}. */
final class OpenAiCalls {
  private static final int MAX_PICTURES = 64;
  private static final int MAX_NAME = 200;

  /** What a client may send because OpenAI's own models know it. */
  private static final Set<String> WITHOUT_MEANING =
      Set.of(
          "background",
          "moderation",
          "output_compression",
          "partial_images",
          "quality",
          "style",
          "user");

  private static final Set<String> READ =
      Set.of(
          "model",
          "prompt",
          "n",
          "size",
          "response_format",
          "output_format",
          "stream",
          "guidance",
          "solver");

  private final ServedModels models;
  private final Planner planner;
  private final Jobs jobs;
  private final long createdSeconds;

  OpenAiCalls(ServedModels models, Planner planner, Jobs jobs, long createdSeconds) {
    this.models = models;
    this.planner = planner;
    this.jobs = jobs;
    this.createdSeconds = createdSeconds;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post("/v1/images/generations", Endpoint.SMALL, this::generate),
        Endpoint.get("/v1/models", this::list),
        Endpoint.get("/v1/models/{model}", this::model));
  }

  private record ModelList(String object, List<ModelRow> data) {}

  /** OpenAI's fields, then ours. */
  private record ModelRow(
      String id,
      String object,
      long created,
      String ownedBy,
      String description,
      String licence,
      int imageSize,
      List<String> classes) {}

  private record Images(long created, List<Image> data, long seed, List<String> warnings) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SuppressWarnings("ArrayRecordComponent") // written at once
  private record Image(byte @Nullable [] b64Json, @Nullable String url) {}

  private HttpResponse list(Call call) throws NodeException {
    return Answers.ok(new ModelList("list", models.all().stream().map(this::row).toList()));
  }

  private HttpResponse model(Call call) throws CallException, NodeException {
    return Answers.ok(row(models.named("model", Optional.of(call.path("model")))));
  }

  private ModelRow row(ModelShelf.Model model) {
    PulledEnsemble ensemble = model.ensemble();
    @Nullable List<String> names = ensemble.classNames();
    return new ModelRow(
        model.name(),
        "model",
        createdSeconds,
        ensemble.publisher(),
        ensemble.description(),
        ensemble.licence(),
        ensemble.pictureSize(),
        names == null ? List.of() : names);
  }

  private HttpResponse generate(Call call)
      throws CallException, NodeException, InterruptedException {
    Fields fields = call.fields();
    boolean links = linksWanted(fields);
    Plan plan = planner.plan(wish(fields), fields);
    Job job = jobs.submit(plan, Job.Dialect.OPENAI);
    Job.View view = call.await(job);
    if (!links) {
      jobs.forget(job);
    }
    List<Image> images = new ArrayList<>();
    for (Picture picture : Endings.pictures(view)) {
      images.add(
          links
              ? new Image(null, call.origin() + JobCalls.picturePath(job, images.size()))
              : new Image(picture.png(), null));
    }
    List<String> warnings =
        Stream.concat(plan.warnings().stream(), ignored(fields).stream()).toList();
    return Answers.ok(
        new Images(view.changedAt().getEpochSecond(), images, plan.request().seed(), warnings));
  }

  private Planner.Wish wish(Fields fields) throws CallException, NodeException {
    String prompt =
        fields
            .text("prompt", PictureRequest.MAX_PROMPT)
            .orElseThrow(
                () -> fields.wrong("prompt", "is missing", "say what the picture should show"));
    return new Planner.Wish(
        models.named("model", fields.text("model", MAX_NAME)),
        prompt,
        "",
        fields.integer("n", 1, MAX_PICTURES, 1),
        size(fields),
        fields.number("guidance", 0, 100),
        Planner.solver(fields, "solver"),
        Optional.empty());
  }

  private static Optional<Size> size(Fields fields) throws CallException {
    Optional<String> text = fields.text("size", 20);
    if (text.isEmpty() || text.get().equals("auto")) {
      return Optional.empty();
    }
    if (text.get().matches("[1-9]\\d{0,3}x[1-9]\\d{0,3}")) {
      String[] sides = text.get().split("x", 2);
      Size size = new Size(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
      if (Math.max(size.width(), size.height()) <= Planner.MAX_SIDE) {
        return Optional.of(size);
      }
    }
    throw fields.wrong(
        "size", "is no size", "send WIDTHxHEIGHT of at most " + Planner.MAX_SIDE + ", or auto");
  }

  private static boolean linksWanted(Fields fields) throws CallException {
    if (fields.flag("stream")) {
      throw fields.wrong("stream", "is true", "use /api/v1/jobs for pictures as they develop");
    }
    if (!fields.text("output_format", 10).orElse("png").equals("png")) {
      throw fields.wrong("output_format", "is not png", "leave it out");
    }
    String format = fields.text("response_format", 10).orElse("b64_json");
    if (!format.equals("b64_json") && !format.equals("url")) {
      throw fields.wrong("response_format", "is not known", "send b64_json or url");
    }
    return format.equals("url");
  }

  private static List<String> ignored(Fields fields) {
    Set<String> unknown = fields.others(READ);
    unknown.removeAll(Planner.COMMON);
    unknown.removeAll(WITHOUT_MEANING);
    return unknown.stream()
        .limit(10)
        .map(name -> Endings.shortened(name) + " is not known, and ignored")
        .toList();
  }
}
