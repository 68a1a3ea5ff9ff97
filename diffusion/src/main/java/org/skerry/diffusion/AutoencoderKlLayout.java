package org.skerry.diffusion;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;

/** The parameters of an {@link AutoencoderKl} under the names of diffusers. */
final class AutoencoderKlLayout {
  /** What the four matrices of an attention are called now, by what they were called before. */
  private static final Map<String, String> LEGACY_NAMES =
      Map.ofEntries(
          entry("query", "to_q"),
          entry("key", "to_k"),
          entry("value", "to_v"),
          entry("proj_attn", "to_out.0"));

  private static final String ATTENTION = ".mid_block.attentions.0.";

  private AutoencoderKlLayout() {}

  static List<ParameterSpec> parameters(AutoencoderKlConfig c) {
    var out = new ArrayList<ParameterSpec>();
    encoder(c, out);
    long moments = 2L * c.latentChannels();
    out.addAll(Layers.atEdge(Layers.convolution("quant_conv", moments, moments, 1)));
    decoder(c, out);
    int latent = c.latentChannels();
    out.addAll(Layers.atEdge(Layers.convolution("post_quant_conv", latent, latent, 1)));
    return List.copyOf(out);
  }

  private static void encoder(AutoencoderKlConfig c, List<ParameterSpec> out) {
    int in = c.blockChannels().getFirst();
    out.addAll(Layers.atEdge(Layers.convolution("encoder.conv_in", c.imageChannels(), in, 3)));
    for (int i = 0; i < c.blockChannels().size(); i++) {
      String block = "encoder.down_blocks." + i;
      int width = c.blockChannels().get(i);
      residuals(block, c.layersPerBlock(), in, width, out);
      if (i < c.blockChannels().size() - 1) {
        out.addAll(Layers.convolution(block + ".downsamplers.0.conv", width, width, 3));
      }
      in = width;
    }
    middle("encoder", c.widest(), out);
    out.addAll(Layers.norm("encoder.conv_norm_out", c.widest()));
    out.addAll(
        Layers.atEdge(
            Layers.convolution("encoder.conv_out", c.widest(), 2L * c.latentChannels(), 3)));
  }

  private static void decoder(AutoencoderKlConfig c, List<ParameterSpec> out) {
    int in = c.widest();
    out.addAll(Layers.atEdge(Layers.convolution("decoder.conv_in", c.latentChannels(), in, 3)));
    middle("decoder", in, out);
    List<Integer> widths = c.blockChannels().reversed();
    for (int i = 0; i < widths.size(); i++) {
      String block = "decoder.up_blocks." + i;
      int width = widths.get(i);
      residuals(block, c.layersPerBlock() + 1, in, width, out);
      if (i < widths.size() - 1) {
        out.addAll(Layers.convolution(block + ".upsamplers.0.conv", width, width, 3));
      }
      in = width;
    }
    out.addAll(Layers.norm("decoder.conv_norm_out", in));
    out.addAll(Layers.atEdge(Layers.convolution("decoder.conv_out", in, c.imageChannels(), 3)));
  }

  private static void middle(String half, int width, List<ParameterSpec> out) {
    residual(half + ".mid_block.resnets.0", width, width, out);
    out.addAll(Layers.norm(half + ATTENTION + "group_norm", width));
    for (String matrix : List.of("to_q", "to_k", "to_v", "to_out.0")) {
      out.addAll(Layers.linear(half + ATTENTION + matrix, width, width));
    }
    residual(half + ".mid_block.resnets.1", width, width, out);
  }

  private static void residuals(
      String block, int count, int in, int width, List<ParameterSpec> out) {
    for (int i = 0; i < count; i++) {
      residual(block + ".resnets." + i, i == 0 ? in : width, width, out);
    }
  }

  private static void residual(String name, int in, int width, List<ParameterSpec> out) {
    out.addAll(Layers.norm(name + ".norm1", in));
    out.addAll(Layers.convolution(name + ".conv1", in, width, 3));
    out.addAll(Layers.norm(name + ".norm2", width));
    out.addAll(Layers.convolution(name + ".conv2", width, width, 3));
    if (in != width) {
      out.addAll(Layers.convolution(name + ".conv_shortcut", in, width, 1));
    }
  }

  /**
   * Gives an attention's tensors today's names and shapes: older files call its matrices otherwise,
   * and some keep them as 1×1 convolutions {@code [out, in, 1, 1]}. All become float32.
   */
  static Map<String, HostTensor> adapted(Map<String, HostTensor> tensors) {
    var out = new LinkedHashMap<String, HostTensor>();
    tensors.forEach((name, tensor) -> {
      String now = today(name);
      boolean keeps = now.equals(name) || tensors.containsKey(now);
      out.put(keeps ? name : now, (name.contains(ATTENTION) ? matrix(tensor) : tensor).widened());
    });
    return out;
  }

  private static String today(String name) {
    int at = name.indexOf(ATTENTION);
    if (at < 0) {
      return name;
    }
    String head = name.substring(0, at + ATTENTION.length());
    String layer = name.substring(head.length());
    int dot = layer.lastIndexOf('.');
    String matrix = dot < 0 ? null : LEGACY_NAMES.get(layer.substring(0, dot));
    return matrix == null ? name : head + matrix + layer.substring(dot);
  }

  private static HostTensor matrix(HostTensor tensor) {
    List<Long> shape = tensor.shape();
    boolean convolution = shape.size() == 4 && shape.get(2) == 1 && shape.get(3) == 1;
    return convolution ? new HostTensor(tensor.type(), shape.subList(0, 2), tensor.data()) : tensor;
  }
}
