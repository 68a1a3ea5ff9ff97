package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.divides;
import static org.skerry.diffusion.ConfigProperties.range;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;

/**
 * The shape of an {@link AutoencoderKl}.
 *
 * @param imageChannels of the pictures
 * @param latentChannels of the latents
 * @param blockChannels width of each resolution, from the pictures' to the latents'; each after the
 *     first halves the side
 * @param layersPerBlock residual blocks at each resolution of the encoder; the decoder has one more
 * @param groups of every group normalisation
 * @param scale factor from the encoder's output to the latents that a model trains on
 */
public record AutoencoderKlConfig(
    int imageChannels,
    int latentChannels,
    List<Integer> blockChannels,
    int layersPerBlock,
    int groups,
    double scale) {
  private static final int MAX_BLOCKS = 7;
  private static final int MAX_LAYERS = 16;

  public AutoencoderKlConfig {
    blockChannels = List.copyOf(blockChannels);
    range("image channels", imageChannels, 1, 64);
    range("latent channels", latentChannels, 1, 64);
    range("resolutions", blockChannels.size(), 1, MAX_BLOCKS);
    range("layers per block", layersPerBlock, 1, MAX_LAYERS);
    range("groups", groups, 1, 4096);
    for (int channels : blockChannels) {
      range("block channels", channels, 1, 4096);
      divides("groups", groups, "block channels", channels);
    }
    if (!(scale >= 1e-6 && scale <= 1e6)) {
      throw new IllegalArgumentException("scale " + scale + " not in 1e-6..1e6");
    }
  }

  /**
   * The autoencoder of Stable Diffusion 1 and 2, whose fine-tunings {@code ft-ema} and {@code
   * ft-mse} have the same shape: eight pixels to a latent, four channels. DiT, SiT and Paris train
   * on its latents.
   */
  public static AutoencoderKlConfig stableDiffusion() {
    return new AutoencoderKlConfig(3, 4, List.of(128, 256, 512, 512), 2, 32, 0.18215);
  }

  /**
   * The configuration whose weights {@code tensors} look like; reading them strictly then says
   * whether they are.
   *
   * @param groups and {@code scale}, which no shape tells
   * @throws IllegalArgumentException when they do not look like an autoencoder's
   */
  public static AutoencoderKlConfig of(Map<String, HostTensor> tensors, int groups, double scale) {
    var blockChannels = new ArrayList<Integer>();
    while (blockChannels.size() < MAX_BLOCKS
        && tensors.containsKey(convolution(blockChannels.size(), 0))) {
      blockChannels.add(side(tensors, convolution(blockChannels.size(), 0), 0));
    }
    int layers = 0;
    while (layers < MAX_LAYERS && tensors.containsKey(convolution(0, layers))) {
      layers++;
    }
    int imageChannels = side(tensors, "encoder.conv_in.weight", 1);
    int latentChannels = side(tensors, "decoder.conv_in.weight", 1);
    return new AutoencoderKlConfig(
        imageChannels, latentChannels, blockChannels, layers, groups, scale);
  }

  /** Pixels on a side of one latent. */
  public int downsampling() {
    return 1 << (blockChannels.size() - 1);
  }

  /** How many numbers the parameters hold. */
  public long parameterCount() {
    return parameters().stream().mapToLong(ParameterSpec::size).sum();
  }

  /** Channels at the latents' resolution. */
  int widest() {
    return blockChannels.getLast();
  }

  List<ParameterSpec> parameters() {
    return AutoencoderKlLayout.parameters(this);
  }

  private static String convolution(int block, int layer) {
    return "encoder.down_blocks." + block + ".resnets." + layer + ".conv1.weight";
  }

  private static int side(Map<String, HostTensor> tensors, String name, int axis) {
    HostTensor tensor = tensors.get(name);
    if (tensor == null || tensor.shape().size() != 4) {
      throw new IllegalArgumentException(
          "no autoencoder's weights: "
              + name
              + (tensor == null ? " is missing" : " is " + tensor.shape())
              + "; give the safetensors file of a diffusers AutoencoderKL");
    }
    long side = tensor.shape().get(axis);
    range("size of " + name, side, 1, 4096);
    return (int) side;
  }
}
