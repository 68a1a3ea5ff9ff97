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

  /** What texts of CLIP have, and most others not far from it; what is read is not known here. */
  private static final int TEXT_TOKENS = 77;

  private Flops() {}

  /** One evaluation on one image. */
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
      case ParisExpertConfig c -> reading(parameter, patches(c.imageSize(), c.patch()));
      case ParisRouterConfig c ->
          parameter.name().startsWith("head")
              ? 1
              : tokens(parameter.name(), 1 + patches(c.imageSize(), c.patch()));
    };
  }

  /** Of a cross-attention's packed rows, a third asks for the image and two answer for the text. */
  private static double reading(ParameterSpec parameter, double patches) {
    String name = parameter.name();
    if (name.startsWith("text_proj")) {
      return TEXT_TOKENS;
    }
    return name.endsWith("cross_attn.in_proj_weight")
        ? (patches + 2 * TEXT_TOKENS) / 3
        : tokens(name, patches);
  }

  /** Products of queries with keys, and of their shares with values. */
  private static double attention(NetworkConfig network) {
    return switch (network) {
      case DitConfig c -> attention(patches(c.imageSize(), c.patch()), c.hidden(), c.depth());
      case DitClassifierConfig c ->
          attention(1 + patches(c.imageSize(), c.patch()), c.hidden(), c.depth());
      case ParisExpertConfig c -> {
        double patches = patches(c.imageSize(), c.patch());
        yield attention(patches, c.hidden(), c.depth())
            + attention(patches, TEXT_TOKENS, c.hidden(), c.depth());
      }
      case ParisRouterConfig c ->
          attention(1 + patches(c.imageSize(), c.patch()), c.hidden(), c.depth());
      case UNetConfig _, UNetClassifierConfig _ -> 0;
    };
  }

  private static double attention(double tokens, double hidden, double depth) {
    return attention(tokens, tokens, hidden, depth);
  }

  private static double attention(double queries, double keys, double hidden, double depth) {
    return 2 * queries * keys * hidden * depth;
  }

  private static boolean isTable(String name) {
    return name.equals("pos_embed")
        || name.equals("cls_token")
        || name.startsWith("label_embed")
        || name.startsWith("y_embedder")
        || name.endsWith("scale_shift_table");
  }

  private static double patches(int imageSize, int patch) {
    double side = imageSize / patch;
    return side * side;
  }

  private static double tokens(String name, double tokens) {
    return name.contains("adaLN_modulation") || name.startsWith("t_") || name.startsWith("time_")
        ? 1
        : tokens;
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
