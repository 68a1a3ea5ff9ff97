package org.skerry.node.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.home.SkerryHome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "sample",
    mixinStandardHelpOptions = true,
    description = {
      "Make images with a pulled model, as PNG files that say how they were made.",
      "`skerry run` is the same with what a person wants for one picture to look at."
    },
    footer = {
      "",
      "Examples:",
      "  skerry sample starter               a small ensemble that comes with skerry",
      "  skerry sample emoji --count 16 --seed 7",
      "  skerry sample emoji --strategy top-2 --out pictures",
      "  skerry sample cifar --class ship --guidance 2"
    })
final class SampleCommand implements CliAction {
  private final Session session;

  @Parameters(paramLabel = "MODEL", description = "the name of a pulled ensemble, or its note")
  String model = "";

  @Mixin JsonOption output = new JsonOption();
  @Mixin PictureOptions options = new PictureOptions();

  @Option(names = "--count", paramLabel = "N", description = "how many (default: ${DEFAULT-VALUE})")
  int count = 8;

  @Option(names = "--seed", paramLabel = "N", description = "of the noise (default: 1)")
  long seed = 1;

  @Option(names = "--scale", paramLabel = "N", description = "enlarge by N (default: 1)")
  int scale = 1;

  @Option(names = "--out", paramLabel = "DIR", description = "where to (default: samples)")
  Path out = Path.of("samples");

  SampleCommand(Session session) {
    this.session = session;
  }

  /** What came out, as a program reads it. */
  record Made(List<String> files) {}

  @Override
  public void act() throws Exception {
    SkerryHome home = session.openHome("cli.log");
    Terminal terminal = session.terminal();
    PulledEnsemble pulled = new ModelShelf(home).modelToSample(model).ensemble();
    Classes classes = new Classes(pulled, terminal);
    OptionalInt label = classes.named(options.wanted, options.guidance);
    PictureRequest.Builder request = options.request(model).seed(seed).scale(scale);
    if (pulled.needsText()) {
      terminal.warn(
          "%s reads prompts, and gets an empty one: `skerry run %s \"what to make\"`"
              .formatted(pulled.name(), model));
    }
    if (label.isPresent()) {
      request
          .label(label.getAsInt())
          .prompt(classes.nameOf(label.getAsInt()).orElse(""))
          .guidance(options.guidance == null ? 1 : options.guidance);
    } else if (options.guidance != null && pulled.classes() > 0) {
      terminal.warn("--guidance does nothing without --class");
    }
    PictureFiles.sayWhatIsMissing(home, pulled, terminal);
    try (PictureFiles files = new PictureFiles(home, terminal, options.resources.read())) {
      List<String> made =
          files
              .make(
                  request,
                  count,
                  picture ->
                      out.toAbsolutePath()
                          .resolve("%d-%04d.png".formatted(picture.seed(), picture.index())))
              .stream()
              .map(Path::toString)
              .toList();
      if (output.json) {
        terminal.json(new Made(made));
      } else {
        made.forEach(terminal::print);
      }
    }
  }
}
