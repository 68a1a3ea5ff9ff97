package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.document.Optimizer;
import org.skerry.board.document.Recipe;
import org.skerry.board.document.TaskManifest;
import org.skerry.board.document.TimeSampling;
import org.skerry.board.document.Unit;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.DitConvention;
import org.skerry.diffusion.DitSize;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.Precision;
import org.skerry.node.task.Networks;
import org.skerry.node.task.TaskFolder;
import org.skerry.node.task.Units;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ShardWriter;

/** A researcher makes a task and is told what came out. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TaskCreateIT {
  private static final int SIZE = 8;
  private static final int COUNT = 420;

  @TempDir Path folder;

  private CommandRun create(Path images, String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "task", "create", "--images", images.toString(), "--size", Integer.toString(SIZE)));
    arguments.addAll(Arrays.asList(options));
    if (!arguments.contains("--out")) {
      arguments.addAll(List.of("--out", folder.resolve("made.task").toString()));
    }
    return CommandRun.of(folder.resolve("home"), arguments.toArray(String[]::new));
  }

  /** Pictures, the first ten of them twice. */
  private Path images() throws IOException {
    ImageSet images = BuiltInPictures.generate(COUNT, SIZE, 1);
    Path tar = folder.resolve("images.tar");
    ImageSet copies = images.select(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    ImageSet.Builder all = new ImageSet.Builder(SIZE);
    for (ImageSet set : List.of(images, copies)) {
      for (int i = 0; i < set.count(); i++) {
        all.add(ImageInfo.of("p" + all.count()), set.planes(i));
      }
    }
    ShardWriter.writeSingle(all.build(), tar);
    return tar;
  }

  /** One row an image, in three groups far apart. */
  private Path features(int rows) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[rows * 6];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((i % 6 == i / 6 % 3 ? 1 : 0) + 0.05 * random.nextGaussian());
    }
    Path file = folder.resolve("features.safetensors");
    new Safetensors(Map.of("x", HostTensor.of(values, rows, 6)), Map.of()).write(file);
    return file;
  }

  @Test
  void asManyExpertsAsTheGivenFeaturesHaveGroupsWithoutCopies() throws IOException {
    CommandRun run =
        create(
            images(),
            "--experts",
            "auto",
            "--deduplicate",
            "--features",
            features(COUNT + 10).toString());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("3 experts: ", "overlap of the worst group by number: 2: ")
        .containsPattern("Copies: 10 exact and \\d+ near ones, in \\d+ groups; the first of each")
        .contains("A linear probe on 8x8 pixels");
    Path report = folder.resolve("made.report");
    assertThat(report.resolve("map.png")).isNotEmptyFile();
    assertThat(report.resolve("sheet-002.png")).isNotEmptyFile();
    assertThat(report.resolve("partitions.txt")).content().contains("3 experts: ", "Spread within");
    assertThat(Files.readAllLines(report.resolve("copies.txt")))
        .anyMatch(line -> line.startsWith("p0 ") && line.contains("p420"));
    assertThat(folder.resolve("made.task").resolve("task.cbor")).isNotEmptyFile();
  }

  @Test
  void copiesThatStayAreToldWithWhereTheyReach() throws IOException {
    CommandRun run = create(images(), "--experts", "2", "--clustering", "k-medoids");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err())
        .containsPattern("Copies: 10 exact .* across training and validation: --deduplicate keeps");
  }

  @Test
  void aPrecisionStandsInEveryRecipeAndIsTrainable() throws Exception {
    CommandRun run = create(images(), "--experts", "2", "--precision", "bfloat16");

    assertThat(run.status()).as(run.err()).isZero();
    TaskManifest task = new TaskFolder(folder.resolve("made.task")).task().manifest();
    for (Unit unit : task.units()) {
      assertThat(Units.misfit(task, unit)).isEmpty();
      assertThat(Units.recipe(task.recipeOf(unit)).precision()).isEqualTo(Precision.BFLOAT16);
    }
    CommandRun wrong = create(images(), "--precision", "float8");
    assertThat(wrong.status()).isNotZero();
    assertThat(wrong.err()).contains("--precision", "float8");
  }

  @Test
  void transformersOfPublishedSizesAreTrainedAsInTheirPaperOrAsToldAndNamed() throws Exception {
    CommandRun run =
        create(
            images(),
            "--experts",
            "2",
            "--model",
            "SiT-B/4",
            "--learning-rate",
            "0.0003",
            "--times",
            "uniform");

    assertThat(run.status()).as(run.err()).isZero();
    TaskManifest task = new TaskFolder(folder.resolve("made.task")).task().manifest();
    DitConfig expert = (DitConfig) Networks.of(task, task.expertUnit(1));
    assertThat(expert).isEqualTo(DitSize.B.config(DitConvention.SIT, 4, 3, SIZE, 0, false));
    NetworkConfig router = Networks.of(task, task.routerUnit().orElseThrow());
    assertThat(router.parameterCount()).isLessThan(expert.parameterCount() / 3);
    Recipe recipe = task.expertRecipe();
    assertThat(recipe.optimizer()).isEqualTo(Optimizer.ADAMW);
    assertThat(recipe.learningRate()).isEqualTo(3e-4);
    assertThat(recipe.emaDecay()).isEqualTo(0.9999);
    assertThat(recipe.timeSampling()).isEqualTo(TimeSampling.UNIFORM);
    for (Unit unit : task.units()) {
      assertThat(Units.misfit(task, unit)).isEmpty();
    }
    assertThat(create(images(), "--model", "DiT-H/2").error())
        .contains("'DiT-H/2'", "DiT-XL/2", "SiT-S/8");
    CommandRun optimizer = create(images(), "--optimizer", "sgd");
    assertThat(optimizer.status()).isEqualTo(2);
    assertThat(optimizer.err()).contains("--optimizer", "sgd");
  }

  @Test
  void featuresOfOtherImagesAreRefusedInOneLine() throws IOException {
    CommandRun run = create(images(), "--features", features(COUNT).toString());

    assertThat(run.status()).isNotZero();
    assertThat(run.error()).contains("420 rows for 430 images");
    assertThat(folder.resolve("made.task")).doesNotExist();
    assertThat(folder.resolve("made.report")).doesNotExist();
  }

  @Test
  void numbersAndMethodsThatAreNoneAreRefusedInOneLine() throws IOException {
    assertThat(create(images(), "--experts", "some").error()).contains("'some'", "auto");
    assertThat(create(images(), "--experts", "0").error()).contains("at least one");
    assertThat(create(images(), "--clustering", "magic").error()).contains("'magic'", "k-means");
  }

  @Test
  void dinoRunsInAWorkerAndItsBadWeightsAreRefusedInOneLine() throws IOException {
    Path weights = folder.resolve("dino.safetensors");
    Map<String, HostTensor> tensors = dino();
    new Safetensors(tensors, Map.of()).write(weights);

    CommandRun run = create(images(), "--experts", "2", "--features", "dinov2:" + weights);

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(folder.resolve("home/work")).isEmptyDirectory();
    tensors.remove("norm.bias");
    new Safetensors(tensors, Map.of()).write(weights);
    CommandRun refused =
        create(
            images(),
            "--out",
            folder.resolve("b.task").toString(),
            "--features",
            "dinov2:" + weights);
    assertThat(refused.status()).isNotZero();
    assertThat(refused.error()).contains("missing norm.bias");
  }

  private static Map<String, HostTensor> dino() {
    SplittableRandom random = new SplittableRandom(7);
    Map<String, HostTensor> out = new LinkedHashMap<>();
    put(out, random, "cls_token", 1, 1, 64);
    put(out, random, "pos_embed", 1, 10, 64);
    put(out, random, "patch_embed.proj.weight", 64, 3, 2, 2);
    for (String name :
        List.of(
            "patch_embed.proj.bias",
            "norm.weight",
            "norm.bias",
            "blocks.0.norm1.weight",
            "blocks.0.norm1.bias",
            "blocks.0.norm2.weight",
            "blocks.0.norm2.bias",
            "blocks.0.ls1.gamma",
            "blocks.0.ls2.gamma",
            "blocks.0.attn.proj.bias",
            "blocks.0.mlp.fc2.bias")) {
      put(out, random, name, 64);
    }
    put(out, random, "blocks.0.attn.qkv.weight", 192, 64);
    put(out, random, "blocks.0.attn.qkv.bias", 192);
    put(out, random, "blocks.0.attn.proj.weight", 64, 64);
    put(out, random, "blocks.0.mlp.fc1.weight", 128, 64);
    put(out, random, "blocks.0.mlp.fc1.bias", 128);
    put(out, random, "blocks.0.mlp.fc2.weight", 64, 128);
    return out;
  }

  private static void put(
      Map<String, HostTensor> to, SplittableRandom random, String name, long... shape) {
    int count = Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (0.2 * random.nextGaussian());
    }
    to.put(name, HostTensor.of(values, shape));
  }
}
