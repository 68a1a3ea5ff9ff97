package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/** Makes of a text's tokens what an expert can look at. Its weights are read, not trained. */
public sealed interface TextEncoder extends Model permits ClipTextEncoder, T5Encoder {
  /** The encoder of a configuration. */
  static TextEncoder of(TextEncoderConfig config) {
    return switch (config) {
      case ClipTextConfig c -> new ClipTextEncoder(c);
      case T5Config c -> new T5Encoder(c);
    };
  }

  TextEncoderConfig config();

  @Override
  default List<ParameterSpec> parameters() {
    return config().parameters();
  }

  /**
   * The last hidden state. Everything belongs to the manager of {@code ids}.
   *
   * @param ids {@code [batch, tokens]} int64, numbers of the vocabulary
   * @return {@code [batch, tokens, width]}
   * @throws IllegalArgumentException when there are more tokens than the encoder has positions, or
   *     a number is none of its vocabulary
   */
  NDArray forward(Parameters p, NDArray ids);

  /** Checks ids before they are looked up, which libtorch would do without saying which. */
  static void require(TextEncoderConfig config, NDArray ids) {
    Shape shape = ids.getShape();
    if (shape.dimension() != 2
        || shape.get(1) < 1
        || shape.get(1) > config.maxTokens()
        || ids.getDataType() != DataType.INT64) {
      throw new IllegalArgumentException(
          "token ids must be [batch, 1 to %d] int64, not %s %s"
              .formatted(config.maxTokens(), shape, ids.getDataType()));
    }
    for (long id : ids.toLongArray()) {
      ConfigProperties.range("token id", id, 0, config.vocabulary() - 1L);
    }
  }
}
