package org.skerry.node.generate;

import org.jspecify.annotations.Nullable;
import org.skerry.router.Condition;
import org.skerry.router.Routing;
import org.skerry.router.Sampler;
import org.skerry.router.Schedule;
import org.skerry.router.Solver;
import org.skerry.router.Strategy;

/**
 * What pictures somebody wants, checked.
 *
 * @param model a name on the {@link org.skerry.node.ensemble.ModelShelf}
 * @param strategy as {@link Strategy#parse} reads it
 * @param temperature of the router's probabilities, 1 for as trained
 * @param label number of the class to make; null for none
 * @param guidance towards the class or the prompt; 1 for none
 * @param seed of the noise
 * @param first index of the first picture within the seed
 * @param count of pictures
 * @param solver as {@link Solver#parse} reads it
 * @param steps of the {@link Schedule}, and its {@code shift}
 * @param start a picture to begin with; null to begin with noise alone
 * @param scale each pixel becomes a square of this side
 * @param previewEvery steps between previews of the first picture; 0 for none
 * @param prompt what the person wrote, for the pictures' metadata and for models that read prompts;
 *     may be empty
 * @param negativePrompt likewise, what the pictures should not look like
 * @param metadata whether the files say how they were made
 */
public record PictureRequest(
    String model,
    String strategy,
    double temperature,
    @Nullable Integer label,
    double guidance,
    long seed,
    int first,
    int count,
    String solver,
    int steps,
    double shift,
    @Nullable StartImage start,
    int scale,
    int previewEvery,
    String prompt,
    String negativePrompt,
    boolean metadata) {
  /** Pictures in one request. */
  public static final int MAX_COUNT = 256;

  public static final int MAX_STEPS = 1_000;
  public static final int MAX_SCALE = 64;

  /** The usual guidance towards a text, as Paris and Stable Diffusion were published with. */
  public static final double TEXT_GUIDANCE = 7.5;

  /** Characters of a prompt. */
  public static final int MAX_PROMPT = 10_000;

  private static final int MAX_NAME = 4_096;

  /**
   * @throws IllegalArgumentException with a sentence that names the value and what it may be
   */
  public PictureRequest {
    requireIn("count", count, 1, MAX_COUNT);
    requireIn("index", first, 0, Integer.MAX_VALUE - MAX_COUNT);
    requireIn("step count", steps, 1, MAX_STEPS);
    requireIn("scale", scale, 1, MAX_SCALE);
    requireIn("steps between previews", previewEvery, 0, MAX_STEPS);
    requireIn("length of the model's name", model.length(), 1, MAX_NAME);
    requireIn("length of the prompt", prompt.length(), 0, MAX_PROMPT);
    requireIn("length of the negative prompt", negativePrompt.length(), 0, MAX_PROMPT);
    new Routing(Strategy.parse(strategy), temperature);
    new Sampler(Solver.parse(solver), new Schedule(steps, shift), Sampler.USUAL_BATCH);
    new Condition(label == null ? 0 : label, guidance);
  }

  private static void requireIn(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException("%s %d not in %d..%d".formatted(what, value, least, most));
    }
  }

  /** One picture of {@code model} as it comes out best, but for what the builder is told. */
  public static Builder of(String model) {
    return new Builder(model);
  }

  /** Everything has a good default but the model. */
  public static final class Builder {
    private final String model;
    private String strategy = Routing.USUAL.strategy().text();
    private double temperature = Routing.USUAL.temperature();
    private @Nullable Integer label;
    private double guidance = 1;
    private long seed = 1;
    private int first;
    private int count = 1;
    private String solver = Solver.DPM_2M.text();
    private int steps = 30;
    private double shift = Sampler.USUAL_SHIFT;
    private @Nullable StartImage start;
    private int scale = 1;
    private int previewEvery;
    private String prompt = "";
    private String negativePrompt = "";
    private boolean metadata = true;

    private Builder(String model) {
      this.model = model;
    }

    public Builder strategy(String value) {
      strategy = value;
      return this;
    }

    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    /** Asks for a class; null for none. */
    public Builder label(@Nullable Integer value) {
      label = value;
      return this;
    }

    public Builder guidance(double value) {
      guidance = value;
      return this;
    }

    public Builder seed(long value) {
      seed = value;
      return this;
    }

    public Builder first(int value) {
      first = value;
      return this;
    }

    public Builder count(int value) {
      count = value;
      return this;
    }

    public Builder solver(String value) {
      solver = value;
      return this;
    }

    public Builder steps(int value) {
      steps = value;
      return this;
    }

    public Builder shift(double value) {
      shift = value;
      return this;
    }

    /** Begins with a picture; null for noise alone. */
    public Builder start(@Nullable StartImage value) {
      start = value;
      return this;
    }

    public Builder scale(int value) {
      scale = value;
      return this;
    }

    public Builder previewEvery(int value) {
      previewEvery = value;
      return this;
    }

    public Builder prompt(String value) {
      prompt = value;
      return this;
    }

    public Builder negativePrompt(String value) {
      negativePrompt = value;
      return this;
    }

    public Builder metadata(boolean value) {
      metadata = value;
      return this;
    }

    /**
     * The request.
     *
     * @throws IllegalArgumentException with a sentence that names the value and what it may be
     */
    public PictureRequest build() {
      return new PictureRequest(
          model,
          strategy,
          temperature,
          label,
          guidance,
          seed,
          first,
          count,
          solver,
          steps,
          shift,
          start,
          scale,
          previewEvery,
          prompt,
          negativePrompt,
          metadata);
    }
  }
}
