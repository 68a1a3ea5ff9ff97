package org.skerry.node.serve;

import com.linecorp.armeria.common.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.serve.SdapiAnswers.Checkpoint;
import org.skerry.node.serve.SdapiAnswers.Options;
import org.skerry.node.serve.SdapiAnswers.Progress;
import org.skerry.node.serve.SdapiAnswers.ProgressState;

/**
 * The calls that SillyTavern and Open WebUI make of AUTOMATIC1111's web UI. Those tools send what
 * that program knows; what Skerry has no use for is accepted and ignored, and {@code info} says so
 * where it changes the picture.
 */
final class SdapiCalls {
  private static final int MAX_NAME = 200;

  private final ServedModels models;
  private final SdapiWishes wishes;
  private final Planner planner;
  private final Jobs jobs;
  private final InstantSource clock;

  SdapiCalls(ServedModels models, Planner planner, Jobs jobs, InstantSource clock) {
    this.models = models;
    this.wishes = new SdapiWishes(models);
    this.planner = planner;
    this.jobs = jobs;
    this.clock = clock;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post("/sdapi/v1/txt2img", Endpoint.SMALL, call -> generate(call, false)),
        Endpoint.post("/sdapi/v1/img2img", Endpoint.WITH_PICTURE, call -> generate(call, true)),
        Endpoint.get("/sdapi/v1/options", call -> Answers.ok(options())),
        Endpoint.post("/sdapi/v1/options", Endpoint.SMALL, this::choose),
        Endpoint.get("/sdapi/v1/sd-models", call -> Answers.ok(checkpoints())),
        Endpoint.get("/sdapi/v1/samplers", call -> Answers.ok(SdapiAnswers.SAMPLERS)),
        Endpoint.get("/sdapi/v1/schedulers", call -> Answers.ok(SdapiAnswers.SCHEDULERS)),
        Endpoint.get("/sdapi/v1/sd-vae", call -> Answers.ok(List.of())),
        Endpoint.get("/sdapi/v1/upscalers", call -> Answers.ok(SdapiAnswers.UPSCALERS)),
        Endpoint.get("/sdapi/v1/latent-upscale-modes", call -> Answers.ok(List.of())),
        Endpoint.get("/sdapi/v1/progress", this::progress),
        Endpoint.post("/sdapi/v1/interrupt", Endpoint.SMALL, this::interrupt));
  }

  private HttpResponse generate(Call call, boolean fromImage)
      throws CallException, NodeException, InterruptedException {
    Fields fields = call.fields();
    SdapiWishes.Read read = wishes.read(fields, fromImage);
    Plan plan = planner.plan(read.wish(), read.common()).and(read.warnings());
    Job job = jobs.submit(plan, Job.Dialect.SDAPI);
    Job.View view = call.await(job);
    jobs.forget(job);
    return Answers.ok(SdapiAnswers.images(plan, Endings.pictures(view), fields.json()));
  }

  private Options options() throws NodeException {
    return new Options(models.usual().name());
  }

  private HttpResponse choose(Call call) throws CallException, NodeException {
    Optional<String> name = call.fields().text("sd_model_checkpoint", MAX_NAME);
    if (name.isPresent() && !name.get().isBlank()) {
      models.choose(models.named("sd_model_checkpoint", name));
    }
    return Answers.ok(Map.of());
  }

  private List<Checkpoint> checkpoints() throws NodeException {
    return models.all().stream().map(ModelShelf.Model::name).map(Checkpoint::new).toList();
  }

  /** Of the job that runs, and how many there are. */
  private HttpResponse progress(Call call) {
    List<Job> running = of(Job.State.RUNNING);
    int count = running.size() + of(Job.State.QUEUED).size();
    if (running.isEmpty()) {
      return Answers.ok(new Progress(0, 0, new ProgressState(count, "", 0, 0), null, null));
    }
    Job job = running.getFirst();
    Job.View view = job.view();
    byte @Nullable [] preview = call.asks("skip_current_image") ? null : view.preview();
    return Answers.ok(
        new Progress(
            view.share(),
            secondsLeft(view),
            new ProgressState(count, job.id(), view.done(), view.total()),
            preview,
            null));
  }

  private List<Job> of(Job.State state) {
    return jobs.in(state).stream().filter(job -> job.dialect() == Job.Dialect.SDAPI).toList();
  }

  private double secondsLeft(Job.View view) {
    Instant started = view.changedAt();
    double seconds = Duration.between(started, clock.instant()).toMillis() / 1e3;
    return view.done() == 0 ? 0 : seconds * (view.total() - view.done()) / view.done();
  }

  /** Ends what these calls have begun, and nobody else's job. */
  private HttpResponse interrupt(Call call) {
    of(Job.State.RUNNING).forEach(Job::cancel);
    return Answers.ok(Map.of());
  }
}
