package org.skerry.router;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How an image was made, as text for {@link PngFile}: enough to make it again.
 *
 * @param seed of the noise
 * @param first index of the first image within the seed
 * @param solver of the sampler
 * @param schedule of the sampler
 * @param strategy of the ensemble
 * @param condition absent when nothing was asked for
 * @param manifests ids of the weights, by what they are: a partition's number, or {@code router}
 */
public record SampleCard(
    long seed,
    int first,
    Solver solver,
    Schedule schedule,
    Strategy strategy,
    Optional<Condition> condition,
    Map<String, String> manifests) {
  private static final String PREFIX = "skerry.";
  private static final String MANIFEST = PREFIX + "manifest.";

  public SampleCard {
    manifests = Map.copyOf(manifests);
  }

  /** Keywords and values, in a fixed order. */
  public Map<String, String> text() {
    var out = new LinkedHashMap<String, String>();
    out.put("Software", "Skerry");
    out.put(PREFIX + "seed", Long.toString(seed));
    out.put(PREFIX + "first", Integer.toString(first));
    out.put(PREFIX + "solver", solver.text());
    out.put(PREFIX + "steps", Integer.toString(schedule.steps()));
    out.put(PREFIX + "shift", Double.toString(schedule.shift()));
    out.put(PREFIX + "strategy", strategy.text());
    condition.ifPresent(asked -> {
      out.put(PREFIX + "class", Integer.toString(asked.label()));
      out.put(PREFIX + "guidance", Double.toString(asked.guidance()));
    });
    manifests.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(e -> out.put(MANIFEST + e.getKey(), e.getValue()));
    return out;
  }

  /**
   * The inverse of {@link #text}; other keywords are ignored.
   *
   * @throws IllegalArgumentException when one is missing or malformed
   */
  public static SampleCard parse(Map<String, String> text) {
    for (String key : List.of("seed", "first", "solver", "steps", "shift", "strategy")) {
      if (!text.containsKey(PREFIX + key)) {
        throw new IllegalArgumentException("image lacks the text '" + PREFIX + key + "'");
      }
    }
    var manifests = new LinkedHashMap<String, String>();
    text.forEach((key, value) -> {
      if (key.startsWith(MANIFEST)) {
        manifests.put(key.substring(MANIFEST.length()), value);
      }
    });
    return new SampleCard(
        Long.parseLong(text.getOrDefault(PREFIX + "seed", "")),
        Integer.parseInt(text.getOrDefault(PREFIX + "first", "")),
        Solver.parse(text.getOrDefault(PREFIX + "solver", "")),
        new Schedule(
            Integer.parseInt(text.getOrDefault(PREFIX + "steps", "")),
            Double.parseDouble(text.getOrDefault(PREFIX + "shift", ""))),
        Strategy.parse(text.getOrDefault(PREFIX + "strategy", "")),
        Optional.ofNullable(text.get(PREFIX + "class"))
            .map(label ->
                new Condition(
                    Integer.parseInt(label),
                    Double.parseDouble(text.getOrDefault(PREFIX + "guidance", "1")))),
        manifests);
  }
}
