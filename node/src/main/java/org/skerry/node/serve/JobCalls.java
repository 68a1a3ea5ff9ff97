package org.skerry.node.serve;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.generate.Picture;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.generate.StartImage;
import org.skerry.node.serve.CallException.Code;
import org.skerry.node.serve.Planner.Size;

/** Skerry's own calls: jobs that are asked for, watched, fetched and cancelled. */
final class JobCalls {
  private static final int MAX_NAME = 200;
  private static final double USUAL_STRENGTH = 0.6;

  private static final Set<String> READ =
      Set.of(
          "model",
          "prompt",
          "negative_prompt",
          "count",
          "width",
          "height",
          "guidance",
          "solver",
          "image",
          "strength");

  private final ServedModels models;
  private final Planner planner;
  private final Jobs jobs;
  private final JobEvents events;

  JobCalls(ServedModels models, Planner planner, Jobs jobs, JobEvents events) {
    this.models = models;
    this.planner = planner;
    this.jobs = jobs;
    this.events = events;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post("/api/v1/jobs", Endpoint.WITH_PICTURE, this::submit),
        Endpoint.get("/api/v1/jobs", this::list),
        Endpoint.get("/api/v1/jobs/{id}", call -> Answers.ok(row(job(call)))),
        Endpoint.get("/api/v1/jobs/{id}/events", call -> events.stream(call, job(call))),
        // Nobody guesses the id, so that links can be handed to programs without a token.
        Endpoint.get("/api/v1/jobs/{id}/images/{index}", this::picture).forAnybody(),
        new Endpoint(HttpMethod.DELETE, "/api/v1/jobs/{id}", Endpoint.SMALL, false, this::cancel));
  }

  static String path(Job job) {
    return "/api/v1/jobs/" + job.id();
  }

  static String picturePath(Job job, int index) {
    return path(job) + "/images/" + index;
  }

  /**
   * A job as callers see it.
   *
   * @param position how many come before it
   * @param progress in 0..1
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Row(
      String id,
      String state,
      int position,
      double progress,
      String createdAt,
      String model,
      String prompt,
      long seed,
      int count,
      int steps,
      int size,
      List<Image> images,
      List<String> warnings,
      @Nullable String error) {}

  record Image(String url, int index, long seed) {}

  private record Rows(List<Row> jobs) {}

  static Row row(Job job) {
    return row(job, job.view());
  }

  static Row row(Job job, Job.View view) {
    PictureRequest request = job.plan().request();
    List<Image> images = new ArrayList<>();
    for (Picture picture : view.pictures()) {
      images.add(new Image(picturePath(job, images.size()), picture.index(), picture.seed()));
    }
    Job.State state = view.state() == Job.State.QUEUED ? job.state() : view.state();
    return new Row(
        job.id(),
        state.text(),
        job.position(),
        state == Job.State.DONE ? 1 : view.share(),
        job.createdAt().toString(),
        request.model(),
        request.prompt(),
        request.seed(),
        request.count(),
        request.steps(),
        job.plan().size(),
        images,
        job.plan().warnings(),
        view.error());
  }

  private HttpResponse submit(Call call) throws CallException, NodeException {
    Fields fields = call.fields();
    Set<String> known = new HashSet<>(READ);
    known.addAll(Planner.COMMON);
    for (String unknown : fields.others(known)) {
      throw fields.wrong(
          Endings.shortened(unknown), "is not known", "read /openapi.json for the fields");
    }
    Job job = jobs.submit(planner.plan(wish(fields), fields), Job.Dialect.NATIVE);
    return Answers.json(
        ResponseHeaders.builder(HttpStatus.ACCEPTED).set(HttpHeaderNames.LOCATION, path(job)),
        row(job));
  }

  private Planner.Wish wish(Fields fields) throws CallException, NodeException {
    return new Planner.Wish(
        models.named("model", fields.text("model", MAX_NAME)),
        fields.text("prompt", PictureRequest.MAX_PROMPT).orElse(""),
        fields.text("negative_prompt", PictureRequest.MAX_PROMPT).orElse(""),
        fields.integer("count", 1, PictureRequest.MAX_COUNT, 1),
        size(fields),
        fields.number("guidance", 0, 100),
        Planner.solver(fields, "solver"),
        start(fields));
  }

  /** One side alone means a square. */
  static Optional<Size> size(Fields fields) throws CallException {
    if (!fields.has("width") && !fields.has("height")) {
      return Optional.empty();
    }
    int width = fields.integer("width", 1, Planner.MAX_SIDE, 0);
    int height = fields.integer("height", 1, Planner.MAX_SIDE, width);
    return Optional.of(new Size(width == 0 ? height : width, height));
  }

  private static Optional<StartImage> start(Fields fields) throws CallException {
    Optional<byte[]> image = fields.bytes("image");
    if (image.isEmpty()) {
      return Optional.empty();
    }
    double strength = fields.number("strength", 0, 1).orElse(USUAL_STRENGTH);
    return Optional.of(Starts.start(fields, "image", image.get(), "strength", strength));
  }

  private HttpResponse list(Call call) {
    return Answers.ok(new Rows(jobs.all().stream().map(JobCalls::row).toList()));
  }

  private Job job(Call call) throws CallException {
    return jobs.find(call.path("id"))
        .orElseThrow(() ->
            new CallException(
                Code.NOT_FOUND,
                "there is no such job",
                "ask again: jobs are kept for a while only"));
  }

  private HttpResponse picture(Call call) throws CallException {
    Job.View view = job(call).view();
    String index = call.path("index");
    if (!view.state().isOver()) {
      throw new CallException(
          Code.CONFLICT, "the job is not done", "wait for the event done of its /events");
    }
    List<Picture> pictures = view.pictures();
    if (!index.matches("\\d{1,4}") || Integer.parseInt(index) >= pictures.size()) {
      throw new CallException(
          Code.NOT_FOUND, "the job has no such image", "it has " + pictures.size());
    }
    return Answers.png(pictures.get(Integer.parseInt(index)).png());
  }

  /** Cancels a job; one that is over is forgotten. */
  private HttpResponse cancel(Call call) throws CallException {
    Job job = job(call);
    if (job.view().state().isOver()) {
      jobs.forget(job);
    } else {
      job.cancel();
    }
    return HttpResponse.of(HttpStatus.NO_CONTENT);
  }
}
