package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.Inspection;
import org.skerry.node.ensemble.ModelCard;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.router.ImageRouting;
import org.skerry.router.PngFile;
import org.skerry.router.SampleCard;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "why",
    mixinStandardHelpOptions = true,
    description = {
      "From a picture back to the weights it was made with, to who signed and who measured them,"
          + " and to the task, each link checked without a network.",
      "The picture's own text is not signed: it says how somebody claims to have made it."
    },
    footer = {"", "Example:", "  skerry why samples/1-0000.png"})
final class WhyCommand implements CliAction {
  private final Session session;

  @Parameters(
      paramLabel = "IMAGE",
      description = "a PNG that `skerry run` or `skerry sample` wrote")
  Path image = Path.of("");

  @Mixin JsonOption output = new JsonOption();

  WhyCommand(Session session) {
    this.session = session;
  }

  /** All of it as a program reads it. */
  record Answer(SampleCard picture, ModelCard model, List<Inspection.Finding> links) {}

  @Override
  public void act() throws NodeException {
    SampleCard picture = read();
    ModelShelf.Model model =
        new ModelShelf(session.home())
            .with(Set.copyOf(picture.manifests().values()))
            .orElseThrow(() ->
                new NodeException(
                    Reason.NOT_FOUND,
                    "no ensemble on this computer has the weights that " + image + " names",
                    "pull the ensemble it was made with, in that state"));
    List<Inspection.Finding> links = new Inspection(model.ensemble()).documents();
    Answer answer;
    try {
      answer = new Answer(picture, ModelCard.of(model.ensemble()), links);
    } catch (IOException e) {
      throw new NodeException(
          Reason.DATA_INVALID,
          "the documents of " + model.name() + " do not hold: " + e.getMessage(),
          "pull it again with `skerry pull`",
          e);
    }
    if (output.json) {
      session.terminal().json(answer);
    } else {
      lines(answer).forEach(session.terminal()::print);
    }
    if (!links.stream().allMatch(Inspection.Finding::good)) {
      throw new NodeException(
          Reason.DATA_INVALID, "a link of the chain does not hold", "see the lines marked BAD");
    }
  }

  private SampleCard read() throws NodeException {
    try {
      String card = PngFile.readText(image).get(SampleCard.KEYWORD);
      if (card == null) {
        throw new IllegalArgumentException("it carries no text '" + SampleCard.KEYWORD + "'");
      }
      return SampleCard.parse(card);
    } catch (IOException | IllegalArgumentException e) {
      throw new NodeException(
          Reason.DATA_INVALID,
          image + " does not say how it was made (" + e.getMessage() + ")",
          "name a PNG that `skerry run` or `skerry sample` wrote, with its metadata",
          e);
    }
  }

  private static String shares(ImageRouting routed) {
    return IntStream.range(0, routed.share().size())
        .boxed()
        .filter(k -> routed.share().get(k) > 0)
        .sorted(Comparator.comparing(routed.share()::get).reversed())
        .map(k -> String.format(Locale.ROOT, "%d: %.0f %%", k, 100 * routed.share().get(k)))
        .collect(Collectors.joining(", "));
  }

  private List<String> lines(Answer answer) {
    List<String> out = new ArrayList<>();
    SampleCard picture = answer.picture();
    out.add(
        "%s: image %d of seed %d, %d steps of %s, %s"
            .formatted(
                image,
                picture.index(),
                picture.seed(),
                picture.steps(),
                picture.solver(),
                picture.strategy()));
    ImageRouting routed = picture.routing();
    if (routed != null) {
      out.add("experts' shares in it: " + shares(routed));
    }
    out.add("");
    out.addAll(answer.model().lines());
    out.add("");
    answer.links().forEach(link -> out.add(link.line()));
    return out;
  }
}
