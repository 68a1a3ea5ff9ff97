package org.skerry.trainer.worker.job;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Configuration of {@link TextsJob}. Paths are absolute.
 *
 * @param encoder as {@link org.skerry.diffusion.TextEncoderConfig#toProperties} writes it
 * @param weights of the encoder, a safetensors file
 * @param tokenizer its files by their usual names
 * @param captions a file with a JSON list of texts
 * @param folder that the tables go to
 * @param threads of libtorch
 */
public record TextsConfig(
    Map<String, String> encoder,
    String weights,
    Map<String, String> tokenizer,
    String captions,
    String folder,
    int threads) {
  public TextsConfig {
    encoder = Map.copyOf(encoder);
    tokenizer = Collections.unmodifiableMap(new TreeMap<>(tokenizer));
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be positive");
    }
  }
}
