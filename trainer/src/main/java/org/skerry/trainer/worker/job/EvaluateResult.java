package org.skerry.trainer.worker.job;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.evaluation.RouterAccuracy;

/**
 * Result of {@link EvaluateJob}: losses on fixed draws, by the caller's names of held-out sets.
 *
 * @param candidates by the caller's names
 * @param initial losses of the fresh weights
 * @param baseline what knows no picture reaches: an expert's Gaussian denoiser where training tars
 *     were given; for a router the entropy of the partitions' sizes
 */
public record EvaluateResult(
    Map<String, Measured> candidates, Map<String, Double> initial, Map<String, Double> baseline) {
  /**
   * @param refusal why the file could not be measured; null when it was
   * @param finite whether every weight, optimizer moment and loss is a finite number
   * @param losses by held-out set; empty when refused or not finite
   * @param accuracies of a router by held-out set
   */
  public record Measured(
      @Nullable String refusal,
      boolean finite,
      Map<String, Double> losses,
      Map<String, RouterAccuracy> accuracies) {
    public Measured {
      losses = Collections.unmodifiableMap(new LinkedHashMap<>(losses));
      accuracies = Collections.unmodifiableMap(new LinkedHashMap<>(accuracies));
    }

    static Measured refused(String why) {
      return new Measured(why, false, Map.of(), Map.of());
    }

    static Measured notFinite() {
      return new Measured(null, false, Map.of(), Map.of());
    }
  }

  public EvaluateResult {
    candidates = Collections.unmodifiableMap(new LinkedHashMap<>(candidates));
    initial = Collections.unmodifiableMap(new LinkedHashMap<>(initial));
    baseline = Collections.unmodifiableMap(new LinkedHashMap<>(baseline));
  }
}
