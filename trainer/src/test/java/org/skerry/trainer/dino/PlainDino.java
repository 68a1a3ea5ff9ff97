package org.skerry.trainer.dino;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.hipparchus.special.Erf;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.trainer.dataset.ImageSet;

/** The same model in loops over doubles, for images that need no resizing. */
final class PlainDino {
  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] DEVIATION = {0.229, 0.224, 0.225};

  private final Map<String, HostTensor> tensors;
  private final int registers;
  private final boolean gated;
  private final Map<String, float[]> cache = new HashMap<>();

  PlainDino(Map<String, HostTensor> tensors, int registers, boolean gated) {
    this.tensors = tensors;
    this.registers = registers;
    this.gated = gated;
  }

  double[] features(ImageSet images, int index) {
    double[][] x = tokens(images, index);
    for (int i = 0; i < 2; i++) {
      String block = "blocks." + i + ".";
      addScaled(x, attention(norm(x, block + "norm1"), block), get(block + "ls1.gamma"));
      addScaled(x, mlp(norm(x, block + "norm2"), block), get(block + "ls2.gamma"));
    }
    return norm(x, "norm")[0];
  }

  private double[][] tokens(ImageSet images, int index) {
    float[] kernel = get("patch_embed.proj.weight");
    float[] bias = get("patch_embed.proj.bias");
    float[] places = get("pos_embed");
    int d = bias.length;
    int patch = 4;
    int grid = images.size() / patch;
    double[][] x = new double[1 + registers + grid * grid][d];
    for (int j = 0; j < d; j++) {
      x[0][j] = get("cls_token")[j] + places[j];
      for (int r = 0; r < registers; r++) {
        x[1 + r][j] = get("register_tokens")[r * d + j];
      }
      for (int token = 0; token < grid * grid; token++) {
        double sum = bias[j] + places[(1 + token) * d + j];
        for (int c = 0; c < 3; c++) {
          for (int dy = 0; dy < patch; dy++) {
            for (int dx = 0; dx < patch; dx++) {
              int y = token / grid * patch + dy;
              int column = token % grid * patch + dx;
              double pixel = (images.valueAt(index, c, y, column) / 255.0 - MEAN[c]) / DEVIATION[c];
              sum += pixel * kernel[((j * 3 + c) * patch + dy) * patch + dx];
            }
          }
        }
        x[1 + registers + token][j] = sum;
      }
    }
    return x;
  }

  private double[][] attention(double[][] x, String block) {
    double[][] qkv = linear(x, block + "attn.qkv");
    int d = x[0].length;
    double[][] mixed = new double[x.length][d];
    for (int head = 0; head < d / 64; head++) {
      for (int a = 0; a < x.length; a++) {
        double[] share = new double[x.length];
        double sum = 0;
        for (int b = 0; b < x.length; b++) {
          double dot = 0;
          for (int j = head * 64; j < head * 64 + 64; j++) {
            dot += qkv[a][j] * qkv[b][d + j];
          }
          share[b] = Math.exp(dot / 8);
          sum += share[b];
        }
        for (int b = 0; b < x.length; b++) {
          for (int j = head * 64; j < head * 64 + 64; j++) {
            mixed[a][j] += share[b] / sum * qkv[b][2 * d + j];
          }
        }
      }
    }
    return linear(mixed, block + "attn.proj");
  }

  private double[][] mlp(double[][] x, String block) {
    if (!gated) {
      double[][] inner = linear(x, block + "mlp.fc1");
      for (double[] row : inner) {
        Arrays.setAll(row, j -> row[j] * (1 + Erf.erf(row[j] / Math.sqrt(2))) / 2);
      }
      return linear(inner, block + "mlp.fc2");
    }
    double[][] both = linear(x, block + "mlp.w12");
    double[][] inner = new double[x.length][both[0].length / 2];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < inner[i].length; j++) {
        inner[i][j] = both[i][j] / (1 + Math.exp(-both[i][j])) * both[i][inner[i].length + j];
      }
    }
    return linear(inner, block + "mlp.w3");
  }

  private double[][] norm(double[][] x, String name) {
    double[][] out = new double[x.length][];
    for (int i = 0; i < x.length; i++) {
      double[] row = x[i];
      double mean = Arrays.stream(row).average().orElseThrow();
      double variance =
          Arrays.stream(row).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
      double[] normed = new double[row.length];
      Arrays.setAll(
          normed,
          j ->
              (row[j] - mean) / Math.sqrt(variance + 1e-6) * get(name + ".weight")[j]
                  + get(name + ".bias")[j]);
      out[i] = normed;
    }
    return out;
  }

  private double[][] linear(double[][] x, String name) {
    float[] weight = get(name + ".weight");
    float[] bias = get(name + ".bias");
    double[][] out = new double[x.length][bias.length];
    for (int i = 0; i < x.length; i++) {
      for (int o = 0; o < bias.length; o++) {
        double sum = bias[o];
        for (int j = 0; j < x[i].length; j++) {
          sum += x[i][j] * weight[o * x[i].length + j];
        }
        out[i][o] = sum;
      }
    }
    return out;
  }

  private static void addScaled(double[][] x, double[][] y, float[] scale) {
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < scale.length; j++) {
        x[i][j] += y[i][j] * scale[j];
      }
    }
  }

  private float[] get(String name) {
    return cache.computeIfAbsent(name, n -> requireNonNull(tensors.get(n), n).floats());
  }
}
