package org.skerry.diffusion;

/**
 * What a network costs, in multiplications and additions of its matrix products and convolutions:
 * to share a budget of compute out, not to predict seconds. Published figures count a
 * multiplication with its addition once, so they are half of these.
 */
public final class Flops {
  private static final int MULTIPLY_AND_ADD = 2;

  /** A backward pass makes every product twice, once for each of its factors. */
  private static final int PASSES_OF_A_STEP = 3;

  private Flops() {}

  /**
   * One evaluation on one image.
   *
   * @throws IllegalArgumentException for a network that is read and not trained
   */
  public static double forward(NetworkConfig network) {
    double products = 0;
    for (ParameterSpec parameter : network.parameters()) {
      products += (double) parameter.size() * places(network, parameter);
    }
    return MULTIPLY_AND_ADD * (products + attention(network));
  }

  /** One image of one step of training. */
  public static double training(NetworkConfig network) {
    return PASSES_OF_A_STEP * forward(network);
  }

  /** At how many places of an image the parameter is multiplied. */
  private static double places(NetworkConfig network, ParameterSpec parameter) {
    if (parameter.shape().dimension() < 2 || isTable(parameter.name())) {
      return 0;
    }
    return switch (network) {
      case UNetConfig c -> pixels(c.imageSize(), c.levels(), parameter.name());
      case UNetClassifierConfig c -> pixels(c.imageSize(), c.levels(), parameter.name());
      case DitConfig c -> tokens(parameter.name(), patches(c.imageSize(), c.patch()));
      case DitClassifierConfig c ->
          parameter.name().startsWith("final_layer")
              ? 1
              : tokens(parameter.name(), 1 + patches(c.imageSize(), c.patch()));
      case ParisRouterConfig _ ->
          throw new IllegalArgumentException("a Paris router is not trained here");
    };
  }

  /** Products of queries with keys, and of their shares with values. */
  private static double attention(NetworkConfig network) {
    return switch (network) {
      case DitConfig c -> attention(patches(c.imageSize(), c.patch()), c.hidden(), c.depth());
      case DitClassifierConfig c ->
          attention(1 + patches(c.imageSize(), c.patch()), c.hidden(), c.depth());
      case UNetConfig _, UNetClassifierConfig _, ParisRouterConfig _ -> 0;
    };
  }

  private static double attention(double tokens, double hidden, double depth) {
    return 2 * tokens * tokens * hidden * depth;
  }

  private static boolean isTable(String name) {
    return name.equals("pos_embed")
        || name.equals("cls_token")
        || name.startsWith("label_embed")
        || name.startsWith("y_embedder");
  }

  private static double patches(int imageSize, int patch) {
    double side = imageSize / patch;
    return side * side;
  }

  private static double tokens(String name, double tokens) {
    return name.contains("adaLN_modulation") || name.startsWith("t_embedder") ? 1 : tokens;
  }

  private static double pixels(int imageSize, int levels, String name) {
    if (name.contains(".modulation") || name.startsWith("time_embed") || name.startsWith("head")) {
      return 1;
    }
    String[] words = name.split("\\.");
    int halvings =
        switch (words[0]) {
          case "down", "up" -> Integer.parseInt(words[1]);
          case "downsample" -> 1 + Integer.parseInt(words[1]);
          case "mid" -> levels - 1;
          default -> 0;
        };
    double side = imageSize >> halvings;
    return side * side;
  }
}
