package org.skerry.node.daemon;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.document.TaskManifest;
import org.skerry.node.cli.CommandRun;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.ensemble.folder.TinyParis;
import org.skerry.node.generate.Listener;
import org.skerry.node.generate.Picture;
import org.skerry.node.generate.PictureMaker;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.generate.Resources;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.task.TaskFolder;
import org.skerry.node.worker.Workers;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.trainer.worker.WorkerProcess;

/** From images with captions and a text encoder to pictures that are what a prompt asks for. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class ReadingTaskIT {
  private static final int COUNT = 120;
  private static final int SIZE = 8;

  @TempDir Path folder;
  private Path images = Path.of("");
  private Path encoder = Path.of("");

  @BeforeEach
  void write() throws IOException {
    images = tar("images.tar", true);
    encoder = TinyParis.writeTextEncoder(folder.resolve("clip"));
  }

  /** Even squares, half of them dark and half of them light; their captions say which. */
  private Path tar(String name, boolean captioned) throws IOException {
    ImageSet.Builder set = new ImageSet.Builder(SIZE);
    for (int i = 0; i < COUNT; i++) {
      byte[] planes = new byte[ImageSet.CHANNELS * SIZE * SIZE];
      Arrays.fill(planes, (byte) ((i % 2 == 0 ? 10 : 190) + i / 2));
      String caption = !captioned || i == 0 ? null : i % 2 == 0 ? "dark" : "light";
      set.add(new ImageInfo("p" + i, caption, null), planes);
    }
    Path tar = folder.resolve(name);
    ShardWriter.writeSingle(set.build(), tar);
    return tar;
  }

  @Test
  void picturesAreWhatThePromptAsksFor() throws Exception {
    try (WholeTask whole = new WholeTask(folder)) {
      CommandRun created =
          whole.create(
              images,
              "--text-encoder",
              encoder.toString(),
              "--model",
              "Paris-XXS/4",
              "--size",
              "8",
              "--experts",
              "1",
              "--batch",
              "16",
              "--steps",
              "200");
      assertThat(created.status()).as(created.err()).isZero();
      assertThat(created.err())
          .contains("1 of 120 images have no caption", "Encoding 2 captions")
          .doesNotContain("Encoding 120");
      TaskManifest manifest = new TaskFolder(whole.made()).task().manifest();
      assertThat(manifest.textEncoder().orElseThrow().maxTokens()).isEqualTo(16);
      assertThat(manifest.expertModel().textWidth()).isEqualTo(32);
      assertThat(manifest.expertRecipe().conditionDropout()).isEqualTo(0.1);
      assertThat(manifest.routerRecipe().conditionDropout()).isZero();

      PulledEnsemble pulled = whole.trainAndPull();

      assertThat(requireNonNull(pulled.text()).tokenizer())
          .containsOnlyKeys("merges.txt", "special_tokens_map.json", "vocab.json");
      assertPicturesFollowTheirPrompts();
      CommandRun shown = whole.consumer("show", "whole");
      assertThat(shown.out())
          .contains("reads      sentences, by a text encoder of family clip-text");
      whole.assertTravels();
    }
  }

  private void assertPicturesFollowTheirPrompts() throws Exception {
    SkerryHome home = new SkerryHome(folder.resolve("consumer"));
    Files.createDirectories(home.logs());
    WorkerProcess worker = Workers.warm(home.work(), home.logs().resolve("worker.log"), 1);
    try (PictureMaker maker =
        new PictureMaker(
            home, worker, new Resources(1, 1L << 30, 1L << 30), 3, Duration.ofMinutes(1))) {
      int[] dark = pixels(maker, asked("dark"));
      assertThat(mean(dark)).isLessThan(110);
      assertThat(mean(pixels(maker, asked("light")))).isGreaterThan(150);
      int[] guided = pixels(maker, asked("dark").negativePrompt("light").guidance(2));
      assertThat(mean(guided)).isLessThan(110);
      assertThat(guided).isNotEqualTo(dark);
    }
  }

  private static PictureRequest.Builder asked(String prompt) {
    return PictureRequest.of("whole").prompt(prompt).seed(3).steps(4).guidance(1);
  }

  private static int[] pixels(PictureMaker maker, PictureRequest.Builder request) throws Exception {
    List<Picture> made = maker.submit(request.build(), Listener.NONE).pictures().get();
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(made.getFirst().png()));
    int side = image.getWidth();
    return image.getRGB(0, 0, side, side, null, 0, side);
  }

  private static double mean(int[] pixels) {
    return Arrays.stream(pixels).map(rgb -> rgb >> 8 & 0xff).average().orElseThrow();
  }

  @Test
  void whatDoesNotFitTogetherIsRefusedInOneLine() throws IOException {
    try (WholeTask whole = new WholeTask(folder)) {
      String reads = "Paris-XXS/4";
      refused(whole, images, "reads captions; name a --text-encoder", "--model", reads);
      refused(
          whole,
          images,
          "--model unet reads no captions; leave out --text-encoder or choose one of Paris-XXS/2",
          "--text-encoder",
          encoder.toString());
      refused(
          whole,
          tar("bare.tar", false),
          "none of the 120 images has a caption; put a .txt",
          "--text-encoder",
          encoder.toString(),
          "--model",
          reads);
      refused(
          whole,
          images,
          "--class-conditional is for models that know classes",
          "--text-encoder",
          encoder.toString(),
          "--model",
          reads,
          "--class-conditional");
      refused(
          whole,
          images,
          "--caption-dropout 2.0 is not in 0..1",
          "--text-encoder",
          encoder.toString(),
          "--model",
          reads,
          "--caption-dropout",
          "2");
      Files.delete(encoder.resolve("merges.txt"));
      refused(
          whole,
          images,
          "cannot be used (the tokenizer has neither tokenizer.json",
          "--text-encoder",
          encoder.toString(),
          "--model",
          reads);
      assertThat(whole.made()).doesNotExist();
    }
  }

  private static void refused(WholeTask whole, Path images, String why, String... more) {
    List<String> all = new ArrayList<>(List.of("--size", "8", "--experts", "1"));
    all.addAll(List.of(more));
    CommandRun run = whole.create(images, all.toArray(String[]::new));
    assertThat(run.status()).isNotZero();
    assertThat(run.error()).contains(why);
  }
}
