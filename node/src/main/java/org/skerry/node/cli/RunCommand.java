package org.skerry.node.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.generate.Picture;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.home.SkerryHome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Make a picture to look at, and print its file.",
      "Words are understood as far as the model was trained on them: one with a text encoder reads"
          + " the prompt, one that knows classes looks for a class's name in it, any other ignores"
          + " it and says so."
    },
    footer = {
      "",
      "Examples:",
      "  skerry run starter                  a small ensemble that comes with skerry",
      "  skerry run cifar \"a ship at sea\"",
      "  skerry run emoji --image photo.jpg --strength 0.5",
      "  skerry run emoji --count 4 --seed 7 --out pictures"
    })
final class RunCommand implements CliAction {
  /** Smaller pictures are enlarged: nobody sees much on a stamp. */
  private static final int LOOKABLE_PIXELS = 256;

  private static final double PLAIN_GUIDANCE = 2;

  /** As large as other tools' seeds, so that one can be typed there. */
  private static final long SEEDS = 1L << 32;

  private final Session session;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "the name of a pulled ensemble, or its note")
  String model = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "PROMPT", description = "what to make")
  String prompt = "";

  @Option(
      names = "--negative",
      paramLabel = "TEXT",
      description = "what it should not look like, of a model that reads prompts")
  String negative = "";

  @Mixin JsonOption output = new JsonOption();
  @Mixin PictureOptions options = new PictureOptions();

  @Option(names = "--count", paramLabel = "N", description = "how many (default: ${DEFAULT-VALUE})")
  int count = 1;

  @Option(names = "--seed", paramLabel = "N", description = "of the noise (default: random)")
  @Nullable Long seed;

  @Option(
      names = "--scale",
      paramLabel = "N",
      description = "enlarge by N (default: to 256 pixels or more)")
  @Nullable Integer scale;

  @Option(names = "--out", paramLabel = "DIR", description = "where to (default: here)")
  Path out = Path.of("");

  RunCommand(Session session) {
    this.session = session;
  }

  /** What came out, as a program reads it. */
  record Made(List<String> files, long seed) {}

  @Override
  public void act() throws Exception {
    SkerryHome home = session.openHome("cli.log");
    Terminal terminal = session.terminal();
    PulledEnsemble pulled = new ModelShelf(home).modelToSample(model).ensemble();
    Classes classes = new Classes(pulled, terminal);
    OptionalInt named = classes.named(options.wanted, options.guidance);
    OptionalInt label = named.isPresent() ? named : classes.spokenOf(prompt);
    long noise = seed == null ? RandomGenerator.getDefault().nextLong(SEEDS) : seed;
    PictureRequest.Builder request =
        options.request(model).seed(noise).prompt(prompt).scale(scale(pulled));
    if (pulled.needsText()) {
      request
          .negativePrompt(negative)
          .guidance(options.guidance == null ? PictureRequest.TEXT_GUIDANCE : options.guidance);
    } else if (!negative.isBlank()) {
      terminal.warn(pulled.name() + " reads no prompts: --negative does nothing");
    }
    label.ifPresent(wanted ->
        request
            .label(wanted)
            .prompt(prompt.isBlank() ? classes.nameOf(wanted).orElse("") : prompt)
            .guidance(options.guidance == null ? PLAIN_GUIDANCE : options.guidance));
    PictureFiles.sayWhatIsMissing(home, pulled, terminal);
    terminal.say(
        "%s, seed %d%s"
            .formatted(
                pulled.name(),
                noise,
                label.isPresent()
                    ? ", class "
                        + classes
                            .nameOf(label.getAsInt())
                            .orElse(Integer.toString(label.getAsInt()))
                    : ""));
    try (PictureFiles files = new PictureFiles(home, terminal, options.resources.read())) {
      List<String> made =
          files.make(request, count, picture -> file(pulled, picture)).stream()
              .map(Path::toString)
              .toList();
      if (output.json) {
        terminal.json(new Made(made, noise));
      } else {
        made.forEach(terminal::print);
      }
    }
  }

  private int scale(PulledEnsemble pulled) {
    return scale != null
        ? scale
        : Math.clamp(
            Math.ceilDiv(LOOKABLE_PIXELS, pulled.pictureSize()), 1, PictureRequest.MAX_SCALE);
  }

  private Path file(PulledEnsemble pulled, Picture picture) {
    String name = pulled.name().replaceAll("[^\\p{L}\\p{N}._-]", "_");
    String number = count == 1 ? "" : "-" + picture.index();
    return out.toAbsolutePath().resolve("%s-%d%s.png".formatted(name, picture.seed(), number));
  }
}
