package org.skerry.trainer.dino;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.dataset.ImageSet;

/**
 * A DINOv2 vision transformer (arXiv 2304.07193), run for its class token after the last norm:
 *
 * <pre>
 * x = [class + p_0, registers, patches + p]
 * x = x + ls1 · attention(norm1(x));  x = x + ls2 · mlp(norm2(x))     in every block
 * f = norm(x)_0
 * </pre>
 *
 * Norms have an epsilon of 1e-6, the MLP is erf GELU or SwiGLU, heads are 64 wide. Images are
 * resized bicubically and normalised by ImageNet's means and deviations. The position table is
 * resized bicubically when the grid of patches differs: as the published models do, with 0.1 added
 * to the grid's side in the scale without registers, antialiased with them.
 *
 * <p>Runs in a worker process, on one thread.
 */
public final class DinoTransformer implements AutoCloseable {
  /** Patches a side: of small images, and of large ones. */
  private static final int MIN_GRID = 8;

  private static final int MAX_GRID = 16;

  /** One patch for so many pixels of an image, between the two. */
  private static final int PIXELS_PER_PATCH = 4;

  private static final double GRID_OFFSET = 0.1;
  private static final float EPSILON = 1e-6f;
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};

  private final DinoWeights weights;
  private final NDManager manager;
  private final Map<String, NDArray> arrays = new LinkedHashMap<>();

  private DinoTransformer(DinoWeights weights) {
    this.weights = weights;
    manager = Torch.newManager();
    weights.tensors().keySet().stream()
        .filter(name -> !name.equals("pos_embed"))
        .forEach(name ->
            arrays.put(name, manager.create(weights.floats(name), new Shape(weights.shape(name)))));
  }

  /**
   * Reads the weights of {@code file}.
   *
   * @throws org.skerry.trainer.TrainerException when they are not those of such a model
   */
  public static DinoTransformer open(Path file) throws IOException {
    return new DinoTransformer(DinoWeights.map(file));
  }

  /** Values of one image's features. */
  public int features() {
    return weights.hidden();
  }

  /** As in {@code dinov2-384x12}: width and depth. */
  public String name() {
    return "dinov2-" + weights.hidden() + "x" + weights.depth();
  }

  /** Patches a side for images of {@code size} pixels: 8 up to 32 pixels, 16 from 64 on. */
  static int grid(int size) {
    return Math.clamp(size / PIXELS_PER_PATCH, MIN_GRID, MAX_GRID);
  }

  /** Features of the images at {@code indices}, {@code [indices, features]}. */
  public float[][] features(ImageSet images, int... indices) {
    int grid = grid(images.size());
    float[] pixels = patches(images, grid, indices);
    float[] flat =
        Torch.withoutGradients(() -> {
          try (NDManager batch = manager.newSubManager()) {
            return run(batch, pixels, indices.length, grid);
          }
        });
    int d = weights.hidden();
    return IntStream.range(0, indices.length)
        .mapToObj(i -> Arrays.copyOfRange(flat, i * d, (i + 1) * d))
        .toArray(float[][]::new);
  }

  private float[] run(NDManager batch, float[] pixels, int count, int grid) {
    int d = weights.hidden();
    int tokens = grid * grid;
    int values = ImageSet.CHANNELS * weights.patch() * weights.patch();
    NDArray flat = batch.create(pixels, new Shape(count, tokens, values));
    float[] table = positions(grid);
    NDArray places = batch.create(Arrays.copyOfRange(table, d, table.length), new Shape(tokens, d));
    NDArray kernel = batch.create(weights.floats("patch_embed.proj.weight"), new Shape(d, values));
    NDArray x = linear(flat, kernel, get("patch_embed.proj.bias")).add(places);
    x = prefix(batch, table, count).concat(x, 1);
    for (int i = 0; i < weights.depth(); i++) {
      String block = "blocks." + i + ".";
      NDArray attended = attention(norm(x, block + "norm1"), block);
      x = x.add(attended.mul(get(block + "ls1.gamma")));
      NDArray moved = mlp(norm(x, block + "norm2"), block);
      x = x.add(moved.mul(get(block + "ls2.gamma")));
    }
    return norm(x.get(":, 0"), "norm").toFloatArray();
  }

  /** The class token at its place and the registers, for every image. */
  private NDArray prefix(NDManager batch, float[] table, int count) {
    int d = weights.hidden();
    float[] one = Arrays.copyOf(weights.floats("cls_token"), d * (1 + weights.registers()));
    for (int j = 0; j < d; j++) {
      one[j] += table[j];
    }
    if (weights.registers() > 0) {
      float[] registers = weights.floats("register_tokens");
      System.arraycopy(registers, 0, one, d, registers.length);
    }
    return batch.create(one, new Shape(1, 1 + weights.registers(), d)).repeat(0, count);
  }

  private NDArray attention(NDArray x, String block) {
    long count = x.getShape().get(0);
    long tokens = x.getShape().get(1);
    NDArray qkv =
        linear(x, get(block + "attn.qkv.weight"), get(block + "attn.qkv.bias"))
            .reshape(count, tokens, 3, weights.heads(), DinoWeights.HEAD)
            .transpose(2, 0, 3, 1, 4);
    NDArray scores =
        qkv.get(0)
            .matMul(qkv.get(1).transpose(0, 1, 3, 2))
            .div((float) Math.sqrt(DinoWeights.HEAD));
    NDArray mixed =
        scores.softmax(-1).matMul(qkv.get(2)).transpose(0, 2, 1, 3).reshape(count, tokens, -1);
    return linear(mixed, get(block + "attn.proj.weight"), get(block + "attn.proj.bias"));
  }

  private NDArray mlp(NDArray x, String block) {
    if (weights.gated()) {
      NDArray both = linear(x, get(block + "mlp.w12.weight"), get(block + "mlp.w12.bias"));
      long half = both.getShape().get(2) / 2;
      NDArray gate = Activation.swish(both.get(":, :, :" + half), 1);
      NDArray gated = gate.mul(both.get(":, :, " + half + ":"));
      return linear(gated, get(block + "mlp.w3.weight"), get(block + "mlp.w3.bias"));
    }
    NDArray inner = linear(x, get(block + "mlp.fc1.weight"), get(block + "mlp.fc1.bias"));
    return linear(
        Kernels.geluErf(inner), get(block + "mlp.fc2.weight"), get(block + "mlp.fc2.bias"));
  }

  private NDArray norm(NDArray x, String name) {
    return LayerNorm.layerNorm(
            x, new Shape(weights.hidden()), get(name + ".weight"), get(name + ".bias"), EPSILON)
        .singletonOrThrow();
  }

  private static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
    return Linear.linear(x, weight, bias).singletonOrThrow();
  }

  private NDArray get(String name) {
    return requireNonNull(arrays.get(name), name);
  }

  /** The position table, the class token's first, for {@code grid} patches a side. */
  private float[] positions(int grid) {
    return positions(
        weights.floats("pos_embed"),
        weights.hidden(),
        weights.gridSide(),
        grid,
        weights.registers() > 0);
  }

  static float[] positions(float[] table, int d, int from, int to, boolean registers) {
    if (from == to) {
      return table;
    }
    double ratio = registers ? (double) from / to : from / (to + GRID_OFFSET);
    BicubicResize resize = new BicubicResize(from, to, ratio, registers);
    float[] out = Arrays.copyOf(table, d * (1 + to * to));
    float[] plane = new float[from * from];
    for (int j = 0; j < d; j++) {
      for (int i = 0; i < plane.length; i++) {
        plane[i] = table[d * (1 + i) + j];
      }
      float[] resized = resize.resize(plane);
      for (int i = 0; i < resized.length; i++) {
        out[d * (1 + i) + j] = resized[i];
      }
    }
    return out;
  }

  /** {@code [indices, grid², 3 · patch²]}: the pixels of every patch, channel by channel. */
  private float[] patches(ImageSet images, int grid, int... indices) {
    int patch = weights.patch();
    int side = grid * patch;
    int size = images.size();
    BicubicResize resize = new BicubicResize(size, side, (double) size / side, true);
    int perImage = ImageSet.CHANNELS * side * side;
    float[] out = new float[Math.multiplyExact(indices.length, perImage)];
    IntStream.range(0, indices.length)
        .parallel()
        .forEach(i -> {
          float[] values = new float[images.valuesPerImage()];
          images.copyTo(indices[i], values, 0);
          for (int channel = 0; channel < ImageSet.CHANNELS; channel++) {
            int begin = channel * size * size;
            float[] plane = resize.resize(Arrays.copyOfRange(values, begin, begin + size * size));
            for (int p = 0; p < plane.length; p++) {
              int y = p / side;
              int x = p % side;
              int token = y / patch * grid + x / patch;
              int at =
                  ((token * ImageSet.CHANNELS + channel) * patch + y % patch) * patch + x % patch;
              float unit = (plane[p] + 1) / 2;
              out[i * perImage + at] = (unit - MEAN[channel]) / DEVIATION[channel];
            }
          }
        });
    return out;
  }

  @Override
  public void close() {
    manager.close();
  }
}
