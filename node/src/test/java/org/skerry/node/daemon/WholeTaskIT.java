package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.document.LatentCodec;
import org.skerry.board.document.TaskManifest;
import org.skerry.diffusion.AutoencoderKl;
import org.skerry.diffusion.AutoencoderKlConfig;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.node.cli.CommandRun;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.task.TaskFolder;
import org.skerry.router.PngFile;
import org.skerry.router.SampleCard;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.transfer.BlobId;

/** Kinds of tasks that differ in what is trained, from the command that makes them to pictures. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class WholeTaskIT {
  private static final int COUNT = 160;

  @TempDir Path folder;

  /** Pictures, and as many that are evenly dark. */
  private Path images(int size) throws IOException {
    Random random = new Random(1);
    ImageSet pictures = BuiltInPictures.generate(COUNT / 2, size, 1);
    ImageSet.Builder dark = new ImageSet.Builder(size);
    for (int i = 0; i < COUNT / 2; i++) {
      byte[] planes = new byte[ImageSet.CHANNELS * size * size];
      Arrays.fill(planes, (byte) random.nextInt(60));
      dark.add(ImageInfo.of("dark" + i), planes);
    }
    Path tar = folder.resolve("images.tar");
    ShardWriter.writeSingle(ImageSet.concat(List.of(pictures, dark.build())), tar);
    return tar;
  }

  /** The pictures are far more diverse than what is dark. */
  private Path unequalFeatures() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[COUNT * 8];
    for (int i = 0; i < COUNT; i++) {
      boolean diverse = i < COUNT / 2;
      for (int j = 0; j < 4; j++) {
        int at = i * 8 + (diverse ? j : 4 + j);
        values[at] = (float) (1 + (diverse ? 0.8 : 0.02) * random.nextGaussian());
      }
    }
    Path file = folder.resolve("features.safetensors");
    new Safetensors(Map.of("x", HostTensor.of(values, COUNT, 8)), Map.of()).write(file);
    return file;
  }

  @Test
  void expertsOfUnequalPartitionsHaveTheirOwnModelsAndStepsUpToThePictures() throws Exception {
    try (WholeTask whole = new WholeTask(folder)) {
      CommandRun created =
          whole.create(
              images(8),
              "--size",
              "8",
              "--experts",
              "2",
              "--features",
              unequalFeatures().toString(),
              "--steps",
              "200",
              "--batch",
              "16",
              "--heterogeneous");
      assertThat(created.status()).as(created.err()).isZero();
      assertThat(created.err())
          .contains("parameters")
          .containsPattern("(99\\.\\d|100\\.0) % of what equal");
      assertThat(folder.resolve("whole.report/partitions.txt")).content().contains("TFLOP");
      TaskManifest manifest = new TaskFolder(whole.made()).task().manifest();
      assertThat(manifest.modelOverrides()).hasSize(1);
      assertThat(manifest.recipeOverrides()).hasSize(2);

      PulledEnsemble pulled = whole.trainAndPull();

      List<PulledEnsemble.Member> experts = pulled.experts();
      assertThat(experts).hasSize(2);
      for (PulledEnsemble.Member expert : experts) {
        int k = expert.partition();
        assertThat(expert.network())
            .containsEntry(
                "width", Integer.toString(manifest.modelOf(manifest.expertUnit(k)).hidden()));
        assertThat(expert.step()).isEqualTo(manifest.recipeOf(manifest.expertUnit(k)).steps());
      }
      assertThat(experts.get(0).network().get("width"))
          .isNotEqualTo(experts.get(1).network().get("width"));
      whole.assertTravels();
      Path out = folder.resolve("out");
      CommandRun sampled = whole.sample(out, "--class", "3");
      assertThat(sampled.err())
          .contains("trained without classes: --class and --guidance do nothing");
      assertThat(sampled.status()).as(sampled.err()).isZero();
      assertPictures(WholeTask.pictures(out), 4, 8);

      String note = Files.readString(whole.note());
      withoutFirst(pulled).write(whole.note());
      CommandRun half = whole.sample(folder.resolve("half"));
      assertThat(half.status()).as(half.err()).isZero();
      BlobId sheet = new BlobId(manifest.expertUnit(0).contactSheetBlob().orElseThrow());
      assertThat(half.err())
          .contains(
              "the expert of partition 0 is missing",
              "shown in " + whole.fetched(sheet.toString()));
      Files.writeString(whole.note(), note);
    }
  }

  @SuppressWarnings("NullAway") // which overlooks that the proof of a class file may be null
  private static PulledEnsemble withoutFirst(PulledEnsemble pulled) {
    return new PulledEnsemble(
        pulled.task(),
        pulled.name(),
        pulled.publisher(),
        pulled.description(),
        pulled.licence(),
        pulled.imageSize(),
        pulled.channels(),
        pulled.samplesPerPartition(),
        pulled.experts().subList(1, pulled.experts().size()),
        pulled.router(),
        pulled.classNames(),
        pulled.codec(),
        pulled.proof());
  }

  /** In sub-folders by brightness, so that what a class means can be seen. */
  private Path classFolders(int size) throws IOException {
    Random random = new Random(2);
    Path root = folder.resolve("by-class");
    for (String name : List.of("bright", "dark")) {
      Path target = Files.createDirectories(root.resolve(name));
      ImageSet.Builder images = new ImageSet.Builder(size);
      for (int i = 0; i < COUNT / 2; i++) {
        byte[] planes = new byte[ImageSet.CHANNELS * size * size];
        Arrays.fill(planes, (byte) (random.nextInt(60) + (name.equals("bright") ? 190 : 0)));
        images.add(ImageInfo.of("i" + i), planes);
        Files.write(target.resolve(i + ".png"), ShardWriter.png(images.build(), i));
      }
    }
    return root;
  }

  @Test
  void expertsThatWereToldClassesMakeTheOneThatIsAskedFor() throws Exception {
    try (WholeTask whole = new WholeTask(folder)) {
      CommandRun created =
          whole.create(
              classFolders(8),
              "--size",
              "8",
              "--experts",
              "1",
              "--steps",
              "150",
              "--batch",
              "16",
              "--class-conditional");
      assertThat(created.status()).as(created.err()).isZero();
      assertThat(created.err()).contains("which of 2 classes");
      TaskManifest manifest = new TaskFolder(whole.made()).task().manifest();
      assertThat(manifest.expertModel().classes()).isEqualTo(2);
      assertThat(manifest.expertRecipe().conditionDropout()).isEqualTo(0.1);
      assertThat(manifest.routerModel().classes()).isZero();

      PulledEnsemble pulled = whole.trainAndPull();

      assertThat(pulled.classNames()).containsExactly("bright", "dark");
      whole.assertTravels();
      Path bright = folder.resolve("bright");
      Path dark = folder.resolve("dark");
      assertThat(whole.sample(bright, "--class", "bright", "--guidance", "2").status()).isZero();
      assertThat(whole.sample(dark, "--class", "1").status()).isZero();
      assertThat(brightness(bright)).isGreaterThan(brightness(dark) + 90);
      Map<String, String> text = PngFile.readText(WholeTask.pictures(bright).getFirst());
      SampleCard card = SampleCard.parse(text.getOrDefault(SampleCard.KEYWORD, ""));
      assertThat(card.label()).isZero();
      assertThat(card.guidance()).isEqualTo(2);
      Path spoken = folder.resolve("spoken");
      CommandRun run =
          whole.consumer(
              "run",
              "whole",
              "All Darks, please",
              "--seed",
              "1",
              "--count",
              "4",
              "--out",
              spoken.toString());
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(run.err()).contains("class dark");
      assertThat(brightness(spoken)).isLessThan(brightness(bright) - 90);
      CommandRun unknown = whole.sample(folder.resolve("none"), "--class", "green");
      assertThat(unknown.status()).isEqualTo(2);
      assertThat(unknown.error()).contains("no class 'green'", "0 to 1: bright, dark");
      CommandRun unheard = whole.consumer("run", "whole", "a green one");
      assertThat(unheard.status()).isEqualTo(2);
      assertThat(unheard.error()).contains("no class in 'a green one'", "bright, dark");
      assertThat(whole.sample(folder.resolve("any"), "--guidance", "3").err())
          .contains("--guidance does nothing without --class");
    }
  }

  /** A codec of two pixels a latent whose weights mean nothing. */
  private Path codec() throws IOException {
    AutoencoderKl codec =
        new AutoencoderKl(new AutoencoderKlConfig(3, 4, List.of(32, 32), 1, 32, 1));
    Path file = folder.resolve("codec.safetensors");
    new Safetensors(Parameters.initialTensors(codec, 3), Map.of()).write(file);
    return file;
  }

  @Test
  void expertsThatSeeLatentsMakePicturesThroughThePublishedCodec() throws Exception {
    try (WholeTask whole = new WholeTask(folder)) {
      Path codec = codec();
      String[] options = {
        "--size", "16", "--experts", "2", "--steps", "300", "--batch", "16", "--flip"
      };
      CommandRun created = whole.create(images(16), with(options, codec.toString(), "6"));
      assertThat(created.status()).as(created.err()).isZero();
      TaskManifest manifest = new TaskFolder(whole.made()).task().manifest();
      assertThat(manifest.expertModel().channels()).isEqualTo(4);
      assertThat(manifest.routerModel().imageSize()).isEqualTo(8);
      LatentCodec named = manifest.latentCodec().orElseThrow();
      assertThat(named.downsampling()).isEqualTo(2);
      assertThat(
              new TaskFolder(whole.made()).blobs().resolve(new BlobId(named.weights()).toString()))
          .hasSameBinaryContentAs(codec);
      // Each image and its mirror image; what is held out was not mirrored.
      assertThat(manifest.clustering().sizes().stream().mapToLong(Long::longValue).sum())
          .isBetween(2L * COUNT * 3 / 4, 2L * COUNT - 16);

      PulledEnsemble pulled = whole.trainAndPull();

      assertThat(pulled.codec()).isNotNull();
      whole.assertTravels();
      Path out = folder.resolve("out");
      CommandRun sampled = whole.sample(out);
      assertThat(sampled.status()).as(sampled.err()).isZero();
      assertPictures(WholeTask.pictures(out), 4, 16);

      Path varied = folder.resolve("varied");
      Path start = WholeTask.pictures(out).getFirst();
      CommandRun run =
          whole.consumer(
              "run",
              "whole",
              "--image",
              start.toString(),
              "--out",
              varied.toString(),
              "--steps",
              "4");
      assertThat(run.status()).as(run.err()).isZero();
      assertPictures(WholeTask.pictures(varied), 1, 256);
    }
  }

  private static String[] with(String[] options, String codec, String scale) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--codec", codec, "--codec-scale", scale));
    return all.toArray(String[]::new);
  }

  @Test
  void whatNoCodecCanDoIsRefusedInOneLine() throws Exception {
    try (WholeTask whole = new WholeTask(folder)) {
      Path images = images(16);
      String codec = codec().toString();
      CommandRun shifted = whole.create(images, "--codec", codec, "--shift", "2");
      assertThat(shifted.status()).isEqualTo(2);
      assertThat(shifted.error()).contains("--shift and --smallest-crop change pixels");
      CommandRun odd = whole.create(images, "--codec", codec, "--size", "15");
      assertThat(odd.error()).contains("--size 15 is no multiple of the codec's 2");
      CommandRun other = whole.create(images, "--codec", unequalFeatures().toString());
      assertThat(other.error()).contains("is no codec", "AutoencoderKL");
      assertThat(whole.create(images, "--codec", images.toString()).error())
          .contains("is no codec");
      Path half = folder.resolve("half.safetensors");
      Map<String, HostTensor> tensors = new HashMap<>(Safetensors.map(codec()).tensors());
      tensors.remove("quant_conv.weight");
      new Safetensors(tensors, Map.of()).write(half);
      CommandRun incomplete = whole.create(images, "--codec", half.toString(), "--experts", "1");
      assertThat(incomplete.error()).contains("quant_conv.weight");
      assertThat(whole.made()).doesNotExist();
    }
  }

  /** Of all pictures of a folder, 0 to 255. */
  private static double brightness(Path pictures) throws IOException {
    double sum = 0;
    List<Path> files = WholeTask.pictures(pictures);
    for (Path file : files) {
      BufferedImage picture = ImageIO.read(file.toFile());
      sum += (picture.getRGB(picture.getWidth() / 2, picture.getHeight() / 2) & 0xff);
    }
    return sum / files.size();
  }

  private static void assertPictures(List<Path> files, int count, int size) throws IOException {
    assertThat(files).hasSize(count);
    for (Path file : files) {
      BufferedImage picture = ImageIO.read(file.toFile());
      assertThat(picture.getWidth()).isEqualTo(size);
      assertThat(picture.getHeight()).isEqualTo(size);
    }
  }
}
