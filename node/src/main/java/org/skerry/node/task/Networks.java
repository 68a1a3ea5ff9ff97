package org.skerry.node.task;

import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.TaskManifest;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitKind;
import org.skerry.diffusion.DitClassifierConfig;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.DitConvention;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.diffusion.ParisRouterConfig;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.UNetConfig;

/**
 * The networks that a task's model specifications mean. What a specification leaves out is fixed
 * here, for every peer alike: a U-Net's time embedding is four times its width, its groups are 8,
 * and a transformer's perceptron is four times as wide as its tokens.
 */
public final class Networks {
  private static final int GROUPS = 8;

  private Networks() {}

  /**
   * The network that is trained in {@code unit}.
   *
   * @throws IllegalArgumentException when this version cannot build it
   */
  public static NetworkConfig of(TaskManifest task, Unit unit) {
    ModelSpec spec = task.modelOf(unit);
    return unit.kind() == UnitKind.ROUTER ? router(spec, task.partitions()) : expert(spec);
  }

  /** What an expert's width must be a multiple of, all else being as it is. */
  static int widthUnit(ModelSpec spec) {
    return switch (spec.family()) {
      case UNET -> GROUPS;
      // Heads, and sines and cosines of two axes.
      case DIT, SIT, PARIS -> 4 * spec.heads();
    };
  }

  /** The network of an expert. */
  public static NetworkConfig expert(ModelSpec spec) {
    return switch (spec.family()) {
      case UNET ->
          new UNetConfig(
              spec.channels(),
              spec.imageSize(),
              spec.hidden(),
              spec.depth(),
              4 * spec.hidden(),
              GROUPS,
              spec.classes());
      case DIT -> transformer(spec, DitConvention.DIT);
      case SIT -> transformer(spec, DitConvention.SIT);
      case PARIS ->
          new ParisExpertConfig(
              spec.channels(),
              spec.imageSize(),
              spec.patch(),
              spec.hidden(),
              spec.depth(),
              spec.heads(),
              4 * spec.hidden(),
              spec.textWidth());
    };
  }

  private static DitConfig transformer(ModelSpec spec, DitConvention convention) {
    return new DitConfig(
        spec.channels(),
        spec.imageSize(),
        spec.patch(),
        spec.hidden(),
        spec.depth(),
        spec.heads(),
        4 * spec.hidden(),
        spec.classes(),
        spec.learnSigma(),
        convention);
  }

  /** The network of a router over {@code partitions} experts. */
  public static NetworkConfig router(ModelSpec spec, int partitions) {
    return switch (spec.family()) {
      case UNET ->
          new UNetClassifierConfig(
              spec.channels(),
              spec.imageSize(),
              spec.hidden(),
              spec.depth(),
              4 * spec.hidden(),
              GROUPS,
              partitions);
      case DIT, SIT ->
          new DitClassifierConfig(
              spec.channels(),
              spec.imageSize(),
              spec.patch(),
              spec.hidden(),
              spec.depth(),
              spec.heads(),
              4 * spec.hidden(),
              partitions);
      case PARIS ->
          new ParisRouterConfig(
              spec.channels(),
              spec.imageSize(),
              spec.patch(),
              spec.hidden(),
              spec.depth(),
              spec.heads(),
              4 * spec.hidden(),
              partitions);
    };
  }
}
