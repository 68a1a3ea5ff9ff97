package org.skerry.diffusion.text;

import java.io.IOException;

/** Files that are no tokenizer. The message names the file and the fault. */
public final class TokenizerException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Which rule was broken. */
  public enum Reason {
    MISSING,
    TOO_LARGE,
    NOT_JSON,
    /** JSON or text, but not of the expected structure. */
    MALFORMED,
    /** Tokens have numbers that the encoder has no rows for. */
    FOREIGN_VOCABULARY,
    /** The library that tokenizes refuses it. */
    REFUSED
  }

  private final Reason reason;

  TokenizerException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  TokenizerException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
