package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Kernels;

/**
 * The autoencoder of latent diffusion (Rombach et al., arXiv 2112.10752), with the parameter names
 * and the arithmetic of diffusers' {@code AutoencoderKL}: residual blocks of group normalisation (ε
 * 1e-6), SiLU and convolution; in the middle one attention with a single head over all pixels;
 * downsampling that pads right and below only; nearest neighbour up.
 *
 * <p>Files with the attention's older names, or in half precision, are read too. Its weights are
 * read, not trained. What a call leaves on the way is freed as it goes, so that a picture of 512
 * pixels fits; the result belongs to the input's manager.
 */
public record AutoencoderKl(AutoencoderKlConfig config) implements Model {
  /**
   * The Gaussian that the encoder gives for each latent, before scaling.
   *
   * @param mean {@code [batch, latentChannels, height, width]}
   * @param logVariance as {@code mean}, from -30 to 20
   */
  public record Posterior(NDArray mean, NDArray logVariance) {
    /** From the encoder's {@code [batch, 2 · latentChannels, height, width]}: mean, then rest. */
    static Posterior of(NDArray moments) {
      long channels = moments.getShape().get(1) / 2;
      NDArray logVariance = moments.get(new NDIndex(":, {}:", channels)).clip(-30, 20);
      return new Posterior(moments.get(new NDIndex(":, :{}", channels)), logVariance);
    }

    /** The standard deviation. */
    public NDArray deviation() {
      return logVariance.mul(0.5f).exp();
    }

    /** A draw with the standard normal numbers of {@code noise}, shaped as the mean. */
    public NDArray sample(NDArray noise) {
      return mean.add(deviation().mul(noise));
    }
  }

  @Override
  public List<ParameterSpec> parameters() {
    return config.parameters();
  }

  @Override
  public Map<String, HostTensor> adapted(Map<String, HostTensor> tensors) {
    return AutoencoderKlLayout.adapted(tensors);
  }

  /**
   * Encodes pictures.
   *
   * @param images {@code [batch, imageChannels, height, width]} in {@code [-1, 1]}; both sides
   *     multiples of {@link AutoencoderKlConfig#downsampling}
   */
  public Posterior encode(Parameters p, NDArray images) {
    Shape shape = images.getShape();
    long step = config.downsampling();
    if (shape.dimension() != 4
        || shape.get(1) != config.imageChannels()
        || shape.get(2) % step != 0
        || shape.get(3) % step != 0) {
      throw new IllegalArgumentException(
          "pictures must be [batch, %d, height, width] with sides that %d divides, not %s"
              .formatted(config.imageChannels(), step, shape));
    }
    NDArray y = Kernels.convolve(images, p.layer("encoder.conv_in"));
    for (int i = 0; i < config.blockChannels().size(); i++) {
      String block = "encoder.down_blocks." + i;
      y = residuals(p, block, config.layersPerBlock(), y);
      if (i < config.blockChannels().size() - 1) {
        y = replace(y, Kernels.codecDownsample(y, p.layer(block + ".downsamplers.0.conv")));
      }
    }
    y = output(p, "encoder", middle(p, "encoder", y));
    return Posterior.of(replace(y, Kernels.pointwise(y, p.layer("quant_conv"))));
  }

  /** The scaled means of pictures: what a model trains on when nothing is drawn. */
  public NDArray latents(Parameters p, NDArray images) {
    return scaled(encode(p, images).mean());
  }

  /** The scaled draws of pictures, with the standard normal numbers of {@code noise}. */
  public NDArray latents(Parameters p, NDArray images, NDArray noise) {
    return scaled(encode(p, images).sample(noise));
  }

  /**
   * The pictures of scaled latents, near {@code [-1, 1]} and not cut to it.
   *
   * @param latents {@code [batch, latentChannels, height, width]}
   */
  public NDArray pictures(Parameters p, NDArray latents) {
    NDArray unscaled = latents.div(config.scale());
    return replace(unscaled, decode(p, unscaled));
  }

  /** Decodes latents as the encoder gave them, before scaling. */
  public NDArray decode(Parameters p, NDArray z) {
    NDArray y = Kernels.pointwise(z, p.layer("post_quant_conv"));
    y = replace(y, Kernels.convolve(y, p.layer("decoder.conv_in")));
    y = middle(p, "decoder", y);
    for (int i = 0; i < config.blockChannels().size(); i++) {
      String block = "decoder.up_blocks." + i;
      y = residuals(p, block, config.layersPerBlock() + 1, y);
      if (i < config.blockChannels().size() - 1) {
        y = replace(y, Kernels.codecUpsample(y, p.layer(block + ".upsamplers.0.conv")));
      }
    }
    return output(p, "decoder", y);
  }

  private NDArray scaled(NDArray z) {
    return replace(z, z.mul(config.scale()));
  }

  private NDArray residuals(Parameters p, String block, int count, NDArray x) {
    NDArray y = x;
    for (int i = 0; i < count; i++) {
      y = residual(p, block + ".resnets." + i, y);
    }
    return y;
  }

  private NDArray residual(Parameters p, String name, NDArray x) {
    return replace(x, Kernels.codecResidual(x, config.groups(), p.layer(name)));
  }

  private NDArray middle(Parameters p, String half, NDArray x) {
    String block = half + ".mid_block";
    NDArray y = residual(p, block + ".resnets.0", x);
    List<NDArray> attention = p.layer(block + ".attentions.0");
    y = replace(y, Kernels.codecAttention(y, config.groups(), attention));
    return residual(p, block + ".resnets.1", y);
  }

  private NDArray output(Parameters p, String half, NDArray x) {
    List<NDArray> norm = p.layer(half + ".conv_norm_out");
    NDArray y = replace(x, Kernels.groupNorm(x, config.groups(), norm));
    return replace(y, Kernels.siluConvolve(y, p.layer(half + ".conv_out")));
  }

  /** Frees what {@code after} was made from. */
  private static NDArray replace(NDArray before, NDArray after) {
    before.close();
    return after;
  }
}
