package org.skerry.router;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How an image was made: enough to make it again. As JSON it stands in the image's own file, under
 * {@link #KEYWORD}.
 *
 * @param task id of the task
 * @param model its name
 * @param manifests ids of the weights, by what they are: a partition's number, or {@code router}
 * @param strategy as {@link Strategy#text} writes it
 * @param temperature of the {@link Routing}
 * @param solver as {@link Solver#text} writes it
 * @param steps of the {@link Schedule}
 * @param shift of the {@link Schedule}
 * @param label number of the class; null when nothing was asked for
 * @param guidance towards the class or the prompt; null when nothing was asked for
 * @param seed of the noise
 * @param index of the image within the seed
 * @param start null for an image that began with noise alone
 * @param routing null when it was not noted
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SampleCard(
    String task,
    String model,
    Map<String, String> manifests,
    String strategy,
    double temperature,
    String solver,
    int steps,
    double shift,
    @JsonProperty("class") @Nullable Integer label,
    @Nullable Double guidance,
    long seed,
    int index,
    @Nullable Start start,
    @Nullable ImageRouting routing) {
  /** Of the text in a PNG file that holds a card. */
  public static final String KEYWORD = "skerry";

  private static final int HASH_DIGITS = 10;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /**
   * What an image was made from.
   *
   * @param strength share of the steps that were made
   * @param sha256 of the file, in hexadecimal
   */
  public record Start(double strength, String sha256) {
    public Start {
      requireNonNull(sha256, "sha256");
    }
  }

  public SampleCard {
    requireNonNull(task, "task");
    requireNonNull(model, "model");
    manifests = Collections.unmodifiableMap(new TreeMap<>(requireNonNull(manifests, "manifests")));
    new Routing(Strategy.parse(requireNonNull(strategy, "strategy")), temperature);
    Solver.parse(requireNonNull(solver, "solver"));
    new Schedule(steps, shift);
  }

  /** The card as JSON, on one line. */
  public String json() {
    return JSON.writeValueAsString(this);
  }

  /**
   * Reads what {@link #json} wrote; members that it does not know are passed over.
   *
   * @throws IllegalArgumentException when one is missing or malformed
   */
  public static SampleCard parse(String json) {
    try {
      return JSON.readValue(json, SampleCard.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("its card is damaged: " + e.getOriginalMessage(), e);
    }
  }

  /** Ten hexadecimal digits that are the same for the same weights, and for no others. */
  @JsonIgnore
  public String modelHash() {
    String all = String.join("\n", new TreeMap<>(manifests).values());
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(sha256.digest(all.getBytes(StandardCharsets.UTF_8)))
          .substring(0, HASH_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
