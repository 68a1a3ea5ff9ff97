package org.skerry.router;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the Stable Diffusion web UI of AUTOMATIC1111 writes into a PNG file, and many tools read:
 * the prompt, a line with the negative one, and a line of {@code Name: value} pairs.
 *
 * @param prompt may be empty
 * @param negativePrompt may be empty
 * @param card of the image
 * @param size width and height of the file, in pixels
 */
public record InfoText(String prompt, String negativePrompt, SampleCard card, int size) {
  /** Of the text in a PNG file. */
  public static final String KEYWORD = "parameters";

  /** The text. */
  public String text() {
    String negative = negativePrompt.isBlank() ? "" : "\nNegative prompt: " + negativePrompt;
    String line =
        settings().entrySet().stream()
            .map(setting -> setting.getKey() + ": " + quoted(setting.getValue()))
            .collect(Collectors.joining(", "));
    return (prompt + negative + "\n" + line).strip();
  }

  private Map<String, String> settings() {
    Map<String, String> out = new LinkedHashMap<>();
    out.put("Steps", Integer.toString(card.steps()));
    out.put("Sampler", Solver.parse(card.solver()).publishedName());
    out.put("CFG scale", plain(card.guidance() == null ? 1 : card.guidance()));
    out.put("Seed", Long.toString(card.seed()));
    out.put("Size", size + "x" + size);
    out.put("Model hash", card.modelHash());
    out.put("Model", card.model());
    SampleCard.@Nullable Start start = card.start();
    if (start != null) {
      out.put("Denoising strength", plain(start.strength()));
    }
    out.put("Image index", Integer.toString(card.index()));
    out.put("Schedule shift", plain(card.shift()));
    out.put("Strategy", card.strategy());
    out.put("Router temperature", plain(card.temperature()));
    out.put("Version", "Skerry");
    return out;
  }

  private static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  /** Values that hold what separates them stand in quotes, as in JSON. */
  private static String quoted(String value) {
    return value.contains(",") || value.contains(":") || value.contains("\n")
        ? JsonMapper.shared().writeValueAsString(value)
        : value;
  }
}
