package org.skerry.node.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.ensemble.folder.TinyParis;
import org.skerry.router.InfoText;
import org.skerry.router.PngFile;
import org.skerry.router.SampleCard;

/** From a folder in the layout of Paris to pictures of prompts. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class PromptIT {
  @TempDir Path folder;

  @Test
  void anImportedFolderMakesPicturesOfPrompts() throws Exception {
    CommandRun imported = command("import", TinyParis.write(folder.resolve("paris")).toString());
    assertThat(imported.status()).as(imported.err()).isZero();
    assertThat(imported.err())
        .contains("skerry run paris \"what to make\"")
        .doesNotContain("nothing without a text");

    byte[] cat = run("cat", "a cat");
    assertThat(run("again", "A  cat")).as("the same tokens").isEqualTo(cat);
    assertThat(run("dog", "a dog")).isNotEqualTo(cat);
    assertThat(run("empty", "")).isNotEqualTo(cat);
    assertThat(run("negative", "a cat", "--negative", "rain")).isNotEqualTo(cat);
    assertThat(run("plain", "a cat", "--guidance", "1")).isNotEqualTo(cat);
    assertThat(run("top", "a cat", "--strategy", "top-1")).isNotEqualTo(cat);

    var text = PngFile.readText(folder.resolve("negative/paris-3.png"));
    assertThat(text.get(InfoText.KEYWORD))
        .startsWith("a cat\nNegative prompt: rain\nSteps: 3, Sampler: DPM++ 2M, CFG scale: 7.5");
    SampleCard card = SampleCard.parse(requireNonNull(text.get(SampleCard.KEYWORD)));
    assertThat(card.guidance()).isEqualTo(7.5);
    assertThat(card.label()).isNull();

    // What is exported and imported again is the same ensemble, and makes the same picture.
    assertThat(command("verify", "paris").status()).isZero();
    Path out = folder.resolve("out");
    CommandRun exported = command("export", "paris", "--out", out.toString());
    assertThat(exported.status()).as(exported.err()).isZero();
    assertThat(command("import", out.toString(), "--name", "again").status()).isZero();
    assertThat(note("again").text()).isNotNull().isEqualTo(note("paris").text());
    assertThat(pixels("twice", "again", "a cat")).isEqualTo(cat);

    // The files of the tokenizer are weights like others: hashed when they are loaded.
    String merges = requireNonNull(note("paris").text()).tokenizer().get("merges.txt");
    Files.writeString(folder.resolve("home/fetched").resolve(requireNonNull(merges)), "a b\n");
    CommandRun damaged = command("run", "paris", "a cat", "--out", out.toString());
    assertThat(damaged.status()).isNotZero();
    assertThat(damaged.error()).contains("missing or damaged");
  }

  /** The pixels of the picture, which the command has to name. */
  private byte[] run(String into, String prompt, String... more) throws Exception {
    return pixels(into, "paris", prompt, more);
  }

  private byte[] pixels(String into, String model, String prompt, String... more) throws Exception {
    Path out = folder.resolve(into);
    List<String> all = new ArrayList<>(List.of("run", model, prompt, "--seed", "3"));
    all.addAll(List.of("--steps", "3", "--threads", "1", "--out", out.toString()));
    all.addAll(List.of(more));
    CommandRun run = command(all.toArray(String[]::new));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).doesNotContain("ignores");
    var image = ImageIO.read(Path.of(run.out().strip()).toFile());
    assertThat(image.getWidth()).isEqualTo(256);
    var pixels = new byte[256 * 256 * 3];
    int at = 0;
    for (int rgb : image.getRGB(0, 0, 256, 256, null, 0, 256)) {
      for (int shift = 0; shift < 24; shift += 8) {
        pixels[at++] = (byte) (rgb >> shift);
      }
    }
    return pixels;
  }

  private PulledEnsemble note(String name) throws Exception {
    return PulledEnsemble.read(folder.resolve("home/models").resolve(name + ".json"));
  }

  private CommandRun command(String... arguments) {
    return CommandRun.of(folder.resolve("home"), arguments);
  }
}
