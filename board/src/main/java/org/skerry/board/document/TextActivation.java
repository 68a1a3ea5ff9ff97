package org.skerry.board.document;

/** What stands between the layers of a text encoder's perceptrons. */
public enum TextActivation implements WireName {
  /** {@code x · sigmoid(1.702 x)}, of CLIP by OpenAI. */
  QUICK_GELU,
  /** {@code x Φ(x)}, of later CLIPs. */
  GELU,
  /** Of the first T5. */
  RELU,
  /** {@code gelu(a) · b}, of T5 v1.1. */
  GATED_GELU
}
