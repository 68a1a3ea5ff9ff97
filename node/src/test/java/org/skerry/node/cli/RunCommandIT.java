package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.generate.TinyModel;
import org.skerry.node.home.SkerryHome;
import org.skerry.router.InfoText;
import org.skerry.router.PngFile;
import org.skerry.router.SampleCard;

/** What somebody types who only wants a picture. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class RunCommandIT {
  @TempDir Path folder;

  private SkerryHome home() {
    return new SkerryHome(folder.resolve("home"));
  }

  private CommandRun run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("run"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--steps", "2", "--threads", "1", "--out", folder.toString()));
    return CommandRun.of(home().root(), all.toArray(String[]::new));
  }

  @Test
  void onePictureThatCanBeLookedAtAndMadeAgain() throws Exception {
    new TinyModel(home(), "tiny", 2, 8, 0).write(1);
    CommandRun run = run("tiny", "a ship");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("tiny was trained without words or classes: it ignores 'a ship'");
    Path file = Path.of(run.out().strip());
    assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(256);
    Matcher seed = Pattern.compile("tiny, seed (\\d+)\\R").matcher(run.err());
    assertThat(seed.find()).isTrue();
    assertThat(file).hasFileName("tiny-" + seed.group(1) + ".png");
    Map<String, String> text = PngFile.readText(file);
    assertThat(text.get(InfoText.KEYWORD)).startsWith("a ship\nSteps: 2, Sampler: DPM++ 2M");

    byte[] made = Files.readAllBytes(file);
    assertThat(run("tiny", "a ship", "--seed", seed.group(1)).out().strip())
        .isEqualTo(file.toString());
    assertThat(file).hasBinaryContent(made);

    assertThat(run("tiny", "--seed", "5", "--count", "2", "--no-metadata").status()).isZero();
    assertThat(PngFile.readText(folder.resolve("tiny-5-1.png"))).isEmpty();
    assertThat(run("tiny", "--seed", "6", "--image", file.toString()).status()).isZero();
    assertThat(card(folder.resolve("tiny-6.png")).start()).isNotNull();
  }

  @Test
  void wordsOfThePromptNameAClass() throws Exception {
    new TinyModel(home(), "tiny", 1, 8, 3).write(1);
    CommandRun run = run("tiny", "Two Thing-Bs in the sun", "--seed", "1");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("tiny, seed 1, class thing b");
    SampleCard card = card(folder.resolve("tiny-1.png"));
    assertThat(card.label()).isEqualTo(1);
    assertThat(card.guidance()).isEqualTo(2);
    CommandRun unknown = run("tiny", "a ship");
    assertThat(unknown.status()).isEqualTo(2);
    assertThat(unknown.error())
        .contains("tiny has no class in 'a ship'", "0 to 2: thing a, thing b, thing c");
  }

  @Test
  void whatMakesNoSenseIsSaidInOneLine() throws Exception {
    CommandRun nothing = run("coast");
    assertThat(nothing.status()).isEqualTo(6);
    assertThat(nothing.error()).contains("no ensemble 'coast'", "skerry pull coast");
    new TinyModel(home(), "tiny", 1, 8, 0).write(1);
    assertThat(run("tiny", "--strength", "0.5").error()).contains("name one with --image");
    assertThat(run("tiny", "--image", "none.png").error()).contains("there is no image none.png");
    assertThat(run("tiny", "--temperature", "0").error()).contains("temperature 0.0 not in");
    assertThat(run("tiny", "--count", "0").error()).contains("--count 0 makes no picture");
    Path text = Files.writeString(folder.resolve("text.png"), "no picture");
    assertThat(run("tiny", "--image", text.toString()).error()).contains("no PNG or JPEG");
    assertThat(run("tiny", "--image", text.toString(), "--strength", "2").error())
        .contains("strength 2.0 not in (0, 1]");
  }

  private static SampleCard card(Path file) throws IOException {
    BufferedImage image = ImageIO.read(file.toFile());
    assertThat(image.getWidth()).isEqualTo(256);
    return SampleCard.parse(PngFile.readText(file).getOrDefault(SampleCard.KEYWORD, ""));
  }
}
