package org.skerry.node.study;

import java.util.List;
import java.util.Map;
import org.skerry.router.RoutingHistogram;
import org.skerry.trainer.evaluation.RouterAccuracy;

/**
 * What {@link StudyJob} found. Losses are flow-matching losses on fixed draws of held-out images;
 * Fréchet distances are between samples and held-out images, on the built-in features fitted on
 * training images.
 *
 * @param partitions the experts that are present, in order
 * @param matrix row: expert, column: partition of the images; as {@code partitions}
 * @param gaussian loss of the analytic Gaussian denoiser of each partition on its images
 * @param diagonalDominant whether every expert is the best on its own partition's images
 * @param routerAccuracy how often the router sends noised held-out images home
 * @param frechet by strategy
 * @param frechetUntrained of an ensemble of initial weights
 * @param frechetGaussian of samples from a per-pixel Gaussian
 * @param frechetReal of as many training images: what even perfect samples would have
 * @param routing of the first strategy, by noise level
 */
public record StudyResult(
    List<Integer> partitions,
    List<List<Double>> matrix,
    List<Double> gaussian,
    boolean diagonalDominant,
    RouterAccuracy routerAccuracy,
    Map<String, Double> frechet,
    double frechetUntrained,
    double frechetGaussian,
    double frechetReal,
    List<RoutingHistogram.Level> routing) {
  /** The better of the two controls. */
  public double betterControl() {
    return Math.min(frechetUntrained, frechetGaussian);
  }
}
