package org.skerry.diffusion.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.TextEncoder;
import org.skerry.diffusion.TextEncoderConfig;
import org.skerry.diffusion.torch.Torch;

/** A tokenizer and the text encoder behind it. One thread at a time. */
public final class PromptEncoder implements AutoCloseable {
  private final TextTokenizer tokenizer;
  private final TextEncoder encoder;
  private final Parameters parameters;

  private PromptEncoder(TextTokenizer tokenizer, TextEncoder encoder, Parameters parameters) {
    this.tokenizer = tokenizer;
    this.encoder = encoder;
    this.parameters = parameters;
  }

  /**
   * Loads both.
   *
   * @param weights safetensors file, mapped for as long as this is open
   * @throws IOException when weights or tokenizer are not those of {@code config}
   */
  public static PromptEncoder open(
      TextEncoderConfig config, Path weights, TokenizerFiles files, NDManager parent)
      throws IOException {
    TextEncoder encoder = TextEncoder.of(config);
    TextTokenizer tokenizer = TextTokenizer.open(files.definition(config));
    try {
      Parameters parameters = Parameters.mapSafetensors(encoder, parent, weights);
      return new PromptEncoder(tokenizer, encoder, parameters);
    } catch (IOException | RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /**
   * What experts see of a prompt; the empty one has states of its own, which stand for "no prompt".
   *
   * @param manager that gets the result
   * @return {@code [1, tokens, width]}
   */
  public NDArray encode(String prompt, NDManager manager) {
    long[] ids = tokenizer.ids(prompt);
    return Torch.withoutGradients(() -> {
      try (NDManager scratch = manager.newSubManager()) {
        NDArray states = encoder.forward(parameters, scratch.create(new long[][] {ids}));
        states.attach(manager);
        return states;
      }
    });
  }

  @Override
  public void close() {
    tokenizer.close();
    parameters.close();
  }
}
