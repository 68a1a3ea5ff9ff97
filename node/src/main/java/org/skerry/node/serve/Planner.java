package org.skerry.node.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.skerry.node.NodeException;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.generate.StartImage;
import org.skerry.router.Solver;
import org.skerry.router.Strategy;

/**
 * Turns what a call asks for into a request, with a sentence about everything that cannot be had as
 * it was asked for.
 */
final class Planner {
  /** Fields that every dialect reads under these names. */
  static final Set<String> COMMON =
      Set.of(
          "seed", "first", "steps", "strategy", "temperature", "shift", "class", "preview_every");

  static final int MAX_SIDE = 4_096;

  /** Above this, programs that read numbers as floating point would see another seed. */
  private static final long SEEDS = 1L << 32;

  private static final int MAX_WORD = 200;

  private final RandomGenerator random;

  Planner(RandomGenerator random) {
    this.random = random;
  }

  /**
   * What the dialects call by names of their own.
   *
   * @param size that a picture should have
   * @param start a picture to begin with
   */
  record Wish(
      ModelShelf.Model model,
      String prompt,
      String negativePrompt,
      int count,
      Optional<Size> size,
      OptionalDouble guidance,
      Optional<String> solver,
      Optional<StartImage> start) {}

  /** In pixels. */
  record Size(int width, int height) {
    @Override
    public String toString() {
      return width + " × " + height;
    }
  }

  Plan plan(Wish wish, Fields fields) throws CallException, NodeException {
    List<String> warnings = new ArrayList<>();
    PulledEnsemble ensemble = wish.model().ensemble();
    PictureRequest.Builder request = PictureRequest.of(wish.model().name());
    common(fields, request);
    request.count(wish.count()).prompt(wish.prompt()).negativePrompt(wish.negativePrompt());
    request.start(wish.start().orElse(null));
    wish.solver().ifPresent(request::solver);
    condition(wish, fields, ensemble, request, warnings::add);
    int scale = scale(wish.size(), ensemble.pictureSize(), warnings::add);
    request.scale(scale);
    try {
      return new Plan(request.build(), ensemble.pictureSize() * scale, warnings);
    } catch (IllegalArgumentException e) {
      throw new CallException(
          CallException.Code.INVALID_REQUEST, String.valueOf(e.getMessage()), "send another value");
    }
  }

  private void common(Fields fields, PictureRequest.Builder request) throws CallException {
    OptionalLong seed = fields.integer("seed", -1, Long.MAX_VALUE);
    request.seed(seed.orElse(-1) < 0 ? random.nextLong(SEEDS) : seed.getAsLong());
    fields
        .integer("first", 0, Integer.MAX_VALUE - PictureRequest.MAX_COUNT)
        .ifPresent(first -> request.first((int) first));
    fields
        .integer("steps", 1, PictureRequest.MAX_STEPS)
        .ifPresent(steps -> request.steps((int) steps));
    fields
        .integer("preview_every", 0, PictureRequest.MAX_STEPS)
        .ifPresent(steps -> request.previewEvery((int) steps));
    fields.number("shift", 0.01, 100).ifPresent(request::shift);
    fields.number("temperature", 0.001, 1_000).ifPresent(request::temperature);
    Optional<String> strategy = fields.text("strategy", MAX_WORD);
    if (strategy.isPresent()) {
      request.strategy(strategy(fields, strategy.get()));
    }
  }

  private static String strategy(Fields fields, String text) throws CallException {
    try {
      return Strategy.parse(text).text();
    } catch (IllegalArgumentException e) {
      throw fields.wrong(
          "strategy", "is not known", "send full, top-1, top-2, …, or threshold-0.05");
    }
  }

  /** The solver of a field that knows ours only. */
  static Optional<String> solver(Fields fields, String name) throws CallException {
    Optional<String> text = fields.text(name, MAX_WORD);
    if (text.isPresent()) {
      try {
        return Optional.of(Solver.parse(text.get()).text());
      } catch (IllegalArgumentException e) {
        throw fields.wrong(name, "is not known", "send euler, heun or dpm-2m");
      }
    }
    return text;
  }

  private static void condition(
      Wish wish,
      Fields fields,
      PulledEnsemble ensemble,
      PictureRequest.Builder request,
      Consumer<String> warn)
      throws CallException {
    if (ensemble.needsText()) {
      request.guidance(wish.guidance().orElse(PictureRequest.TEXT_GUIDANCE));
      if (className(fields).isPresent()) {
        warn.accept("the model reads prompts and knows no classes: the class is ignored");
      }
      return;
    }
    OptionalInt label = label(wish, fields, ensemble, warn);
    if (label.isPresent()) {
      request.label(label.getAsInt());
      wish.guidance().ifPresent(request::guidance);
    }
    if (!wish.negativePrompt().isBlank()) {
      warn.accept("negative prompts are not understood, and this one is ignored");
    }
  }

  private static OptionalInt label(
      Wish wish, Fields fields, PulledEnsemble ensemble, Consumer<String> warn)
      throws CallException {
    Optional<String> named = className(fields);
    if (ensemble.classes() == 0) {
      if (named.isPresent() || !wish.prompt().isBlank()) {
        warn.accept(
            "the model was trained without words or classes: what was asked for is ignored");
      }
      return OptionalInt.empty();
    }
    if (named.isPresent()) {
      OptionalInt label = ensemble.classOf(named.get());
      if (label.isEmpty()) {
        throw fields.wrong("class", "is none of the model's", "see classes of /v1/models");
      }
      return label;
    }
    OptionalInt spokenOf = ensemble.classIn(wish.prompt());
    if (spokenOf.isEmpty() && !wish.prompt().isBlank()) {
      warn.accept("the prompt names none of the model's classes, and is ignored");
    }
    return spokenOf;
  }

  private static Optional<String> className(Fields fields) throws CallException {
    return fields.isNumber("class")
        ? fields.integer("class", 0, 1_000_000).stream().mapToObj(Long::toString).findFirst()
        : fields.text("class", MAX_WORD);
  }

  /** The largest whole factor with which the model's own size stays within the wanted one. */
  private static int scale(Optional<Size> wanted, int own, Consumer<String> warn) {
    if (wanted.isEmpty()) {
      return 1;
    }
    Size size = wanted.get();
    int scale =
        Math.clamp(Math.min(size.width(), size.height()) / own, 1, PictureRequest.MAX_SCALE);
    if (size.width() != own || size.height() != own) {
      warn.accept(
          "the model makes %d × %d; asked for %s, each pixel was enlarged %d times, to %d × %d"
              .formatted(own, own, size, scale, own * scale, own * scale));
    }
    return scale;
  }
}
