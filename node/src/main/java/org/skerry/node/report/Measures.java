package org.skerry.node.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run measured on held-out images, as {@code demo.json} holds it. A value that was not
 * measured is null.
 *
 * @param units the expert units, in the order of the rows and columns of {@code lossMatrix}
 * @param lossMatrix the velocity loss of each expert (row) on each partition (column)
 * @param gaussianLoss the analytic Gaussian denoiser's loss on each partition
 * @param frechetEnsemble of the full mix, the velocity of the whole dataset; {@code frechetTop1}
 *     and {@code frechetTop2} of the cheaper strategies
 * @param frechetReal the distance of real training images from the held-out ones: what a perfect
 *     model would get
 * @param routerAccuracy share of noised images that the router sends home
 * @param routerAccuracyByTime the same in equal slices of (0, 1), from data to noise; empty when
 *     not measured
 * @param routerPrior what always naming the largest partition would get right
 * @param routing how many samples the router gave to each expert
 * @param takeoverParent the manifest that the successor of the killed volunteer started from
 * @param victimLastAccepted the killed volunteer's newest accepted manifest
 * @param liar the peer that lied
 * @param liarRefused whether it was caught, and {@code liarLiesRefused} how often
 */
public record Measures(
    @JsonProperty("task") String task,
    @JsonProperty("dataset") String dataset,
    @JsonProperty("seconds") double seconds,
    @JsonProperty("train_seconds") double trainSeconds,
    @JsonProperty("units") List<String> units,
    @JsonProperty("partition_samples") List<Long> partitionSamples,
    @JsonProperty("loss_matrix") List<List<Double>> lossMatrix,
    @JsonProperty("gaussian_loss") List<Double> gaussianLoss,
    @JsonProperty("below_gaussian") boolean belowGaussian,
    @JsonProperty("diagonal_dominant") boolean diagonalDominant,
    @JsonProperty("router_accuracy") @Nullable Double routerAccuracy,
    @JsonProperty("router_accuracy_by_time") List<Double> routerAccuracyByTime,
    @JsonProperty("router_prior") @Nullable Double routerPrior,
    @JsonProperty("routing") Map<String, Long> routing,
    @JsonProperty("frechet_ensemble") double frechetEnsemble,
    @JsonProperty("frechet_top1") double frechetTop1,
    @JsonProperty("frechet_top2") double frechetTop2,
    @JsonProperty("frechet_untrained") double frechetUntrained,
    @JsonProperty("frechet_gaussian") double frechetGaussian,
    @JsonProperty("frechet_real") double frechetReal,
    @JsonProperty("manifests") Map<String, String> manifests,
    @JsonProperty("takeover_parent") @Nullable String takeoverParent,
    @JsonProperty("victim") @Nullable String victim,
    @JsonProperty("victim_last_accepted") @Nullable String victimLastAccepted,
    @JsonProperty("liar") @Nullable String liar,
    @JsonProperty("liar_refused") @Nullable Boolean liarRefused,
    @JsonProperty("liar_lies_refused") @Nullable Long liarLiesRefused) {
  public Measures {
    units = List.copyOf(units);
    partitionSamples = List.copyOf(partitionSamples);
    lossMatrix = lossMatrix.stream().map(List::copyOf).toList();
    gaussianLoss = List.copyOf(gaussianLoss);
    routerAccuracyByTime = List.copyOf(routerAccuracyByTime);
    routing = Map.copyOf(routing);
    manifests = Map.copyOf(manifests);
  }

  /** The ensemble's Fréchet distance over that of the better control. */
  public double frechetRatio() {
    return frechetEnsemble / Math.min(frechetUntrained, frechetGaussian);
  }
}
