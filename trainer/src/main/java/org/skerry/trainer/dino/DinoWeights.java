package org.skerry.trainer.dino;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.safetensors.SafetensorsException;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

/**
 * The tensors of a DINOv2 model under the names of facebookresearch/dinov2, and the shape of the
 * model, which is read off them.
 *
 * @param hidden width of a token; heads are 64 wide
 * @param depth blocks
 * @param patch side of a patch in pixels
 * @param gridSide patches a side of the images it was trained on
 * @param registers tokens beside the class token (arXiv 2309.16588), 0 for none
 * @param gated whether the blocks' MLPs are SwiGLU ({@code w12}, {@code w3}), as the giant's are
 */
record DinoWeights(
    int hidden,
    int depth,
    int patch,
    int gridSide,
    int registers,
    boolean gated,
    Map<String, HostTensor> tensors) {
  static final int HEAD = 64;

  private static final int MAX_SIDE = 65_536;
  private static final int MAX_SHOWN = 8;

  /**
   * Maps a file and checks every tensor of it.
   *
   * @throws TrainerException {@link Reason#BAD_FEATURES} naming tensors that are missing, unknown
   *     or of another shape
   */
  static DinoWeights map(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new TrainerException(
          Reason.NOT_FOUND, file + ": no such file; name a .safetensors of DINOv2 weights");
    }
    Map<String, HostTensor> tensors;
    try {
      tensors = new LinkedHashMap<>(Safetensors.map(file).tensors());
    } catch (SafetensorsException e) {
      throw new TrainerException(
          Reason.BAD_FEATURES, e.getMessage() + "; write it with a safetensors library", e);
    }
    // Only training, which hides patches, uses it.
    tensors.remove("mask_token");
    DinoWeights weights = inferred(file, tensors);
    List<String> faults = weights.faults();
    if (!faults.isEmpty()) {
      int shown = Math.min(MAX_SHOWN, faults.size());
      throw bad(
          file,
          String.join(", ", faults.subList(0, shown))
              + (shown < faults.size() ? " and " + (faults.size() - shown) + " more" : ""));
    }
    return weights;
  }

  int heads() {
    return hidden / HEAD;
  }

  /** A tensor as floats. */
  float[] floats(String name) {
    return requireNonNull(tensors.get(name), name).toFloats();
  }

  long[] shape(String name) {
    return requireNonNull(tensors.get(name), name).shape().stream()
        .mapToLong(Long::longValue)
        .toArray();
  }

  private static DinoWeights inferred(Path file, Map<String, HostTensor> tensors)
      throws TrainerException {
    List<Long> patches = shape(file, tensors, "patch_embed.proj.weight", 4);
    List<Long> places = shape(file, tensors, "pos_embed", 3);
    int grid = (int) Math.round(Math.sqrt(places.get(1) - 1));
    int depth = 0;
    while (tensors.containsKey("blocks." + depth + ".norm1.weight")) {
      depth++;
    }
    int registers =
        tensors.containsKey("register_tokens")
            ? shape(file, tensors, "register_tokens", 3).get(1).intValue()
            : 0;
    int hidden = patches.getFirst().intValue();
    if (hidden % HEAD != 0 || depth == 0) {
      throw bad(file, hidden + " features in " + depth + " blocks are no DINOv2 model");
    }
    return new DinoWeights(
        hidden,
        depth,
        patches.getLast().intValue(),
        grid,
        registers,
        tensors.containsKey("blocks.0.mlp.w12.weight"),
        tensors);
  }

  private static List<Long> shape(
      Path file, Map<String, HostTensor> tensors, String name, int dimensions)
      throws TrainerException {
    HostTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw bad(file, "missing " + name);
    }
    List<Long> shape = tensor.shape();
    if (shape.size() != dimensions
        || shape.stream().anyMatch(side -> side < 1 || side > MAX_SIDE)) {
      throw bad(file, name + " has the shape " + shape);
    }
    return shape;
  }

  private List<String> faults() {
    Map<String, List<Long>> expected = expected();
    List<String> faults = new ArrayList<>();
    expected.forEach((name, shape) -> {
      HostTensor tensor = tensors.get(name);
      if (tensor == null) {
        faults.add("missing " + name);
      } else if (!tensor.shape().equals(shape)) {
        faults.add(name + " is " + tensor.shape() + ", not " + shape);
      } else if (!List.of("F32", "F16", "BF16").contains(tensor.type().name())) {
        faults.add(name + " is " + tensor.type());
      }
    });
    tensors.keySet().stream()
        .filter(name -> !expected.containsKey(name))
        .forEach(name -> faults.add("unknown " + name));
    return faults;
  }

  private Map<String, List<Long>> expected() {
    long d = hidden;
    Map<String, List<Long>> out = new LinkedHashMap<>();
    out.put("cls_token", List.of(1L, 1L, d));
    out.put("pos_embed", List.of(1L, 1L + (long) gridSide * gridSide, d));
    if (registers > 0) {
      out.put("register_tokens", List.of(1L, (long) registers, d));
    }
    out.put("patch_embed.proj.weight", List.of(d, 3L, (long) patch, (long) patch));
    out.put("patch_embed.proj.bias", List.of(d));
    for (int i = 0; i < depth; i++) {
      String block = "blocks." + i + ".";
      norm(out, block + "norm1", d);
      linear(out, block + "attn.qkv", 3 * d, d);
      linear(out, block + "attn.proj", d, d);
      out.put(block + "ls1.gamma", List.of(d));
      norm(out, block + "norm2", d);
      String first = block + (gated ? "mlp.w12" : "mlp.fc1");
      HostTensor mlp = tensors.get(first + ".weight");
      long inner = mlp == null || mlp.shape().isEmpty() ? 4 * d : mlp.shape().getFirst();
      linear(out, first, inner, d);
      linear(out, block + (gated ? "mlp.w3" : "mlp.fc2"), d, gated ? inner / 2 : inner);
      out.put(block + "ls2.gamma", List.of(d));
    }
    norm(out, "norm", d);
    return out;
  }

  private static void linear(Map<String, List<Long>> to, String name, long out, long in) {
    to.put(name + ".weight", List.of(out, in));
    to.put(name + ".bias", List.of(out));
  }

  private static void norm(Map<String, List<Long>> to, String name, long width) {
    to.put(name + ".weight", List.of(width));
    to.put(name + ".bias", List.of(width));
  }

  private static TrainerException bad(Path file, String what) {
    return new TrainerException(
        Reason.BAD_FEATURES,
        file + ": not DINOv2 weights (" + what + "); convert those of facebookresearch/dinov2");
  }
}
