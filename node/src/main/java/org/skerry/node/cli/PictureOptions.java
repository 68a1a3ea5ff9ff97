package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.generate.StartImage;
import org.skerry.node.home.DiskTrouble;
import org.skerry.router.Routing;
import org.skerry.router.Sampler;
import org.skerry.router.Solver;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How pictures are made, for every command that makes some. */
final class PictureOptions {
  private static final double USUAL_STRENGTH = 0.6;

  @Option(
      names = "--class",
      paramLabel = "N|NAME",
      description = "what to make, of a model that was trained on classes")
  @Nullable String wanted;

  @Option(
      names = "--guidance",
      paramLabel = "W",
      description =
          """
          how much each expert is pushed towards the class or the prompt, by classifier-free \
          guidance; 1 is as trained, 2 to 4 makes a class plainer (default: 1, of `skerry run` 2; \
          7.5 towards a prompt)\
          """)
  @Nullable Double guidance;

  @Option(
      names = "--strategy",
      paramLabel = "NAME",
      description =
          """
          which experts share in a step: full for all, by the router's probabilities; top-1 for \
          the most probable alone, which is the fastest; top-2, …; threshold-0.05, … (default: \
          full; docs/RESULTS.md says why)\
          """)
  String strategy = Routing.USUAL.strategy().text();

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          """
          of the router's probabilities: 1 is as trained, less favours the most probable expert, \
          more evens them out; top-1 does not depend on it (default: 1)\
          """)
  double temperature = Routing.USUAL.temperature();

  @Option(names = "--steps", paramLabel = "N", description = "of the sampler (default: 30)")
  int steps = 30;

  @Option(
      names = "--solver",
      paramLabel = "NAME",
      description = "euler, heun or dpm-2m (default: dpm-2m)")
  String solver = Solver.DPM_2M.text();

  @Option(
      names = "--shift",
      paramLabel = "S",
      description = "above 1: more steps near the noise (default: 3)")
  double shift = Sampler.USUAL_SHIFT;

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "a PNG or JPEG to begin with; its centre square is scaled to the model's size")
  @Nullable Path image;

  @Option(
      names = "--strength",
      paramLabel = "S",
      description = "how much of --image is made anew, above 0 to 1 (default: 0.6)")
  @Nullable Double strength;

  @Option(
      names = "--no-metadata",
      description = "files that do not say how they were made; `skerry why` cannot read them")
  boolean bare;

  @Mixin ResourceOptions resources = new ResourceOptions();

  /** All of it, but for what only one command or the model knows. */
  PictureRequest.Builder request(String model) throws NodeException {
    return PictureRequest.of(model)
        .strategy(strategy)
        .temperature(temperature)
        .solver(solver)
        .steps(steps)
        .shift(shift)
        .start(start())
        .metadata(!bare);
  }

  private @Nullable StartImage start() throws NodeException {
    if (image == null) {
      if (strength != null) {
        throw new NodeException(
            Reason.USAGE, "--strength says how much an image changes", "name one with --image");
      }
      return null;
    }
    if (!Files.isRegularFile(image)) {
      throw new NodeException(
          Reason.NOT_FOUND, "there is no image " + image, "name a PNG or JPEG file");
    }
    try {
      if (Files.size(image) > StartImage.MAX_BYTES) {
        throw new NodeException(
            Reason.USAGE,
            image + " has more than " + StartImage.MAX_BYTES + " bytes",
            "name a smaller picture");
      }
      return new StartImage(
          Files.readAllBytes(image), strength == null ? USUAL_STRENGTH : strength);
    } catch (IOException e) {
      throw DiskTrouble.cannotRead(image, e);
    } catch (IllegalArgumentException e) {
      throw new NodeException(
          Reason.USAGE, String.valueOf(e.getMessage()), "give another --strength or --image", e);
    }
  }
}
