package org.skerry.bench;

import java.util.Map;
import org.skerry.diffusion.DitConfig;

/**
 * A diffusion transformer and a batch to train it on.
 *
 * @param side of the image; patches of 2, 4 channels, as latents have
 */
record DitCase(String name, int hidden, int depth, int heads, int side, int batch, int threads) {
  static final int PATCH = 2;
  static final int CHANNELS = 4;

  /** The sizes S and B of Peebles and Xie (arXiv 2212.09748), table 1. */
  static DitCase of(String size, int tokens, int threads) {
    int side = PATCH * (int) Math.sqrt(tokens);
    return switch (size) {
      case "S" -> new DitCase(size, 384, 12, 6, side, tokens > 100 ? 4 : 8, threads);
      case "B" -> new DitCase(size, 768, 12, 12, side, tokens > 100 ? 2 : 4, threads);
      default -> throw new IllegalArgumentException("no size '" + size + "'; there are S and B");
    };
  }

  int tokens() {
    return side / PATCH * (side / PATCH);
  }

  String label() {
    return "DiT-%s, %d tokens × %d, %d thread%s"
        .formatted(name, tokens(), batch, threads, threads == 1 ? "" : "s");
  }

  DitConfig config() {
    return new DitConfig(CHANNELS, side, PATCH, hidden, depth, heads, 4 * hidden, 0, false);
  }

  /** Multiplications and additions of all matrix products, forward and backward. */
  double flops() {
    double d = hidden;
    double perToken = 24 * d * d + 4 * tokens() * d;
    double perSample = tokens() * perToken + 12 * d * d;
    return 3.0 * batch * depth * perSample;
  }

  Map<String, Object> forPython(String weights, String batches) {
    return Map.of(
        "hidden", hidden,
        "depth", depth,
        "heads", heads,
        "side", side,
        "patch", PATCH,
        "channels", CHANNELS,
        "batch", batch,
        "threads", threads,
        "weights", weights,
        "batches", batches);
  }
}
