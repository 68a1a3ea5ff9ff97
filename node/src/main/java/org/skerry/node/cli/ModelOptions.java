package org.skerry.node.cli;

import org.jspecify.annotations.Nullable;
import org.skerry.board.document.Optimizer;
import org.skerry.board.document.TimeSampling;
import org.skerry.diffusion.DitSize;
import org.skerry.node.task.Training;
import picocli.CommandLine.Option;

/** What experts are, and how their weights move. */
final class ModelOptions {
  private static final String UNET = "unet";

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description =
          """
          unet, or a transformer by its published name: DiT-S/2, DiT-XL/2, SiT-B/4, …, or \
          Paris-XL/2, which reads captions; they are trained as in their papers unless you say \
          otherwise. Paris-XS and Paris-XXS are for processors (default: unet)\
          """)
  String model = UNET;

  @Option(names = "--width", paramLabel = "N", description = "of the U-Net (default: 32)")
  int width = 32;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "adamw or muon (default: muon for small models, adamw for others)")
  @Nullable Optimizer optimizer;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      description = "its highest value (default: 0.004 for small models, 0.0001 for others)")
  @Nullable Double learningRate;

  @Option(
      names = "--weight-decay",
      paramLabel = "W",
      description = "decoupled from the gradient (default: 0)")
  @Nullable Double weightDecay;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description =
          "steps over which the rate rises (default: 30 for small models, 1000 for others)")
  @Nullable Integer warmUp;

  @Option(
      names = "--decay",
      paramLabel = "SHARE",
      description =
          "of the steps, over which the rate falls to zero (default: 0.4 for small models, 0 for others)")
  @Nullable Double decay;

  @Option(
      names = "--ema",
      paramLabel = "DECAY",
      description = "of the averaged weights (default: 0.99 for small models, 0.9999 for others)")
  @Nullable Double ema;

  @Option(
      names = "--times",
      paramLabel = "NAME",
      description = "how times are drawn: logit_normal or uniform (default: logit_normal)")
  @Nullable TimeSampling times;

  /** The published name of a transformer; null for a U-Net. */
  @Nullable String transformer() {
    return model.equals(UNET) ? null : model;
  }

  Training training() {
    Training usual =
        transformer() == null || DitSize.isSmall(model) ? Training.SMALL : Training.PAPER;
    return new Training(
        optimizer == null ? usual.optimizer() : optimizer,
        learningRate == null ? usual.learningRate() : learningRate,
        usual.beta2(),
        weightDecay == null ? usual.weightDecay() : weightDecay,
        warmUp == null ? usual.warmUpSteps() : warmUp,
        decay == null ? usual.decayFraction() : decay,
        ema == null ? usual.emaDecay() : ema,
        times == null ? usual.times() : times);
  }
}
