package org.skerry.node.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.board.BoardException;
import org.skerry.board.document.Augmentation;
import org.skerry.board.document.Precision;
import org.skerry.board.document.Task;
import org.skerry.diffusion.DitSize;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.task.Captions;
import org.skerry.node.task.Classes;
import org.skerry.node.task.Codec;
import org.skerry.node.task.HeterogeneousPlan;
import org.skerry.node.task.PartitionWish;
import org.skerry.node.task.Partitioner;
import org.skerry.node.task.SmallRecipe;
import org.skerry.node.task.TaskMaker;
import org.skerry.node.task.TaskPlan;
import org.skerry.node.task.TextEncoding;
import org.skerry.trainer.dataset.Dataset;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.partition.Latents;
import org.skerry.trainer.text.TextTable;
import org.skerry.transfer.WebSeed;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    description = "Cluster images into partitions and sign a task about them.",
    footer = {
      "",
      "Examples:",
      "  skerry task create --images ~/emoji.tar --name emoji --experts auto",
      "  skerry task create --images ~/photos --size 32 --steps 20000 --out photos.task",
      "  skerry task create --images ~/captioned.tar --text-encoder ~/clip --model Paris-XS/2"
    })
final class TaskCreateCommand implements CliAction {
  private final Session session;

  @Option(
      names = "--images",
      required = true,
      paramLabel = "PATH",
      description =
          """
          a folder of images, in sub-folders by class or not; a WebDataset tar or a folder of them; \
          CIFAR or IDX files; or `builtin`\
          """)
  String images = "";

  @Option(names = "--name", description = "what people pull by (default: ${DEFAULT-VALUE})")
  String name = "task";

  @Option(names = "--description", description = "for people")
  String description = "";

  @Option(names = "--licence", description = "of data and weights (default: ${DEFAULT-VALUE})")
  String licence = "unspecified";

  @Mixin PartitionOptions partitions = new PartitionOptions();
  @Mixin ClassOptions classes = new ClassOptions();
  @Mixin CodecOptions latents = new CodecOptions();
  @Mixin TextOptions texts = new TextOptions();
  @Mixin ModelOptions models = new ModelOptions();

  @Option(names = "--size", paramLabel = "PIXELS", description = "side of an image (default: 16)")
  int size = 16;

  @Option(names = "--steps", paramLabel = "N", description = "of each expert (default: 2000)")
  long steps = 2000;

  @Option(
      names = "--heterogeneous",
      description =
          """
          share the experts' compute out by what their partitions need: more steps and a wider \
          model for large and diverse ones, less for small tight ones, the same in total\
          """)
  boolean heterogeneous;

  @Option(names = "--flip", description = "mirror images left and right at random")
  boolean flip;

  @Option(
      names = "--shift",
      paramLabel = "PIXELS",
      description = "shift images by up to this much at random (default: 0)")
  int shift;

  @Option(
      names = "--smallest-crop",
      paramLabel = "SHARE",
      description = "cut squares out at random, of this share of a side or more (default: 1)")
  double smallestCrop = 1;

  @Option(
      names = "--precision",
      paramLabel = "FORMAT",
      description =
          """
          of matrix products: float32, bfloat16 or float16; the last two are for GPUs and \
          save nothing elsewhere (default: float32)\
          """)
  Precision precision = Precision.FLOAT32;

  @Option(names = "--batch", paramLabel = "N", description = "images a step (default: 32)")
  int batch = 32;

  @Option(names = "--lease", paramLabel = "SECONDS", description = "of a claim (default: 60)")
  long leaseSeconds = 60;

  @Option(
      names = "--manifest-every",
      paramLabel = "SECONDS",
      description = "work between published weights (default: 60)")
  long manifestSeconds = 60;

  @Option(
      names = "--web-seed",
      paramLabel = "URL",
      description =
          """
          an https folder to which you upload what `skerry task web-folder` writes, so that \
          volunteers can fetch the shards from there, too; may be repeated\
          """)
  List<String> webSeeds = List.of();

  @Mixin EvaluatorOptions evaluators = new EvaluatorOptions();

  @Option(names = "--seed", paramLabel = "N", description = "of everything (default: 1)")
  long seed = 1;

  @Option(names = "--out", paramLabel = "DIR", description = "where to (default: NAME.task)")
  @Nullable Path out;

  TaskCreateCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws NodeException, InterruptedException {
    SkerryHome home = session.openHome("cli.log");
    Terminal terminal = session.terminal();
    PrivateKey key = IdentityFile.loadOrCreate(home.identityKey());
    PartitionWish wish = partitions.wish(seed);
    Optional<Codec> codec = latents.codec();
    Optional<TextEncoding> text = texts.encoding();
    TaskPlan plan;
    try {
      requireReading(text);
      plan = plan(key, 0, codec, text);
    } catch (IllegalArgumentException | BoardException e) {
      throw usage(e);
    }
    Path target = out == null ? Path.of(name + ".task") : out;
    terminal.say("Reading " + images + " …");
    Dataset dataset = TaskMaker.read(images, size);
    dataset.skippedText().ifPresent(terminal::warn);
    if (classes.conditional) {
      Classes found = Classes.of(dataset);
      TaskPlan conditional = plan(key, found.count(), codec, text);
      plan = found.names().map(conditional::withClassNames).orElse(conditional);
      terminal.say("Experts are told which of " + found.count() + " classes an image is of.");
    }
    if (text.isPresent()) {
      Captions.of(dataset.images()); // said before minutes of clustering, not after
    }
    terminal.say("Clustering " + dataset.images().count() + " images …");
    Task task;
    try {
      Partitioner.Result result =
          new Partitioner(wish, new DinoWorker(home, terminal), terminal::say)
              .run(dataset.images());
      if (heterogeneous) {
        HeterogeneousPlan proposal =
            HeterogeneousPlan.propose(
                plan.expertModel(), plan.expertRecipe(), result.report().partitions());
        proposal.lines().forEach(terminal::say);
        result = result.withNotes(proposal.lines());
        plan = plan.withOverrides(proposal.overrides(plan.expertModel(), plan.expertRecipe()));
      }
      task = make(result, codec, text, plan, target, key, home);
    } catch (IllegalArgumentException e) {
      throw usage(e);
    }
    terminal.print(task.id().toString());
    terminal.say("A map and sheets of the partitions are in " + TaskMaker.reportFolder(target));
    if (!webSeeds.isEmpty()) {
      terminal.say("To upload to the web seeds: skerry task web-folder " + target);
    }
    terminal.say("Signed, in " + target + "; next: skerry task publish " + target);
  }

  private Task make(
      Partitioner.Result result,
      Optional<Codec> codec,
      Optional<TextEncoding> text,
      TaskPlan plan,
      Path target,
      PrivateKey key,
      SkerryHome home)
      throws NodeException, InterruptedException {
    Optional<Latents> encoded = encoded(codec, result.images(), home);
    if (text.isEmpty()) {
      return TaskMaker.make(result, encoded, Optional.empty(), plan, target, key);
    }
    Terminal terminal = session.terminal();
    Captions captions = Captions.of(result.images());
    if (captions.missing() > 0) {
      terminal.warn(
          "%d of %d images have no caption; experts learn them under the empty text"
              .formatted(captions.missing(), result.images().count()));
    }
    terminal.say("Encoding " + captions.texts().size() + " captions …");
    try (TextWorker worker = TextWorker.open(home, terminal)) {
      TextTable table = worker.encode(text.get(), captions.texts());
      return TaskMaker.make(result, encoded, Optional.of(table), plan, target, key);
    }
  }

  /** A model that reads needs something to read with, and the other way round. */
  private void requireReading(Optional<TextEncoding> text) {
    boolean reads = DitSize.isReader(models.model);
    if (reads && text.isEmpty()) {
      throw new IllegalArgumentException(
          "--model " + models.model + " reads captions; name a --text-encoder");
    }
    if (!reads && text.isPresent()) {
      throw new IllegalArgumentException(
          "--model %s reads no captions; leave out --text-encoder or choose one of %s"
              .formatted(models.model, String.join(", ", DitSize.readerNames())));
    }
    if (reads && classes.conditional) {
      throw new IllegalArgumentException(
          "--class-conditional is for models that know classes, and "
              + models.model
              + " reads captions");
    }
    if (!(texts.dropout >= 0 && texts.dropout <= 1)) {
      throw new IllegalArgumentException("--caption-dropout " + texts.dropout + " is not in 0..1");
    }
  }

  private Optional<Latents> encoded(Optional<Codec> codec, ImageSet images, SkerryHome home)
      throws NodeException, InterruptedException {
    if (codec.isEmpty()) {
      return Optional.empty();
    }
    Terminal terminal = session.terminal();
    terminal.say(
        "Encoding " + images.count() + (flip ? " images, mirrored ones too …" : " images …"));
    return Optional.of(new CodecWorker(home, terminal).encode(codec.get(), images, flip));
  }

  private static NodeException usage(RuntimeException e) {
    return new NodeException(
        Reason.USAGE, String.valueOf(e.getMessage()), "run `skerry task create --help`", e);
  }

  /** Latents can only be changed before they are encoded, which is done for flips. */
  private Optional<Augmentation> augmentation(Optional<Codec> codec) {
    if (shift < 0 || shift >= size) {
      throw new IllegalArgumentException("--shift " + shift + " is not in 0.." + (size - 1));
    }
    if (codec.isPresent()) {
      if (shift > 0 || smallestCrop != 1) {
        throw new IllegalArgumentException(
            "--shift and --smallest-crop change pixels, and with --codec experts see none");
      }
      return Optional.empty();
    }
    return flip || shift > 0 || smallestCrop != 1
        ? Optional.of(new Augmentation(flip, shift, smallestCrop))
        : Optional.empty();
  }

  private List<WebSeed> seeds() {
    List<WebSeed> seeds = webSeeds.stream().map(WebSeed::parse).distinct().toList();
    if (seeds.size() > WebSeed.MAX_SEEDS) {
      throw new IllegalArgumentException(
          seeds.size() + " times --web-seed: at most " + WebSeed.MAX_SEEDS);
    }
    return seeds;
  }

  private TaskPlan plan(
      PrivateKey key, int classCount, Optional<Codec> codec, Optional<TextEncoding> text) {
    SmallRecipe recipe =
        new SmallRecipe(
            codec.map(c -> c.latentSize(size)).orElse(size),
            models.width,
            batch,
            steps,
            Math.max(1, steps / 3),
            60_000,
            manifestSeconds * 1000,
            seed,
            augmentation(codec),
            codec.map(c -> c.config().latentChannels()).orElse(ImageSet.CHANNELS),
            classCount,
            text.map(t -> t.config().width()).orElse(0),
            text.isPresent() ? texts.dropout : classCount > 0 ? classes.dropout : 0,
            models.transformer(),
            models.training());
    TaskPlan plan =
        new TaskPlan(
            name,
            description,
            licence,
            recipe.expertModel(),
            recipe.routerModel(),
            recipe.expert().withPrecision(precision),
            recipe.router().withPrecision(precision),
            1,
            leaseSeconds * 1000,
            evaluators.policy(key));
    TaskPlan coded = codec.map(plan::withCodec).orElse(plan);
    TaskPlan reading = text.map(coded::withText).orElse(coded);
    return reading.withWeb(seeds());
  }
}
