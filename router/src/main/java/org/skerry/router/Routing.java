package org.skerry.router;

/**
 * How the router's word becomes the experts' shares.
 *
 * @param temperature above 0: 1 leaves the router's probabilities, less sharpens them, more evens
 *     them out
 */
public record Routing(Strategy strategy, double temperature) {
  private static final double MAX_TEMPERATURE = 1e3;

  /** Where nothing speaks for another one. */
  public static final Routing USUAL = new Routing(new Strategy.Full(), 1);

  public Routing {
    if (!(temperature >= 1 / MAX_TEMPERATURE && temperature <= MAX_TEMPERATURE)) {
      throw new IllegalArgumentException("temperature " + temperature + " not in 0.001..1000");
    }
  }
}
