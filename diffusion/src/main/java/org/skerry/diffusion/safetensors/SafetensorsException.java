package org.skerry.diffusion.safetensors;

import java.io.IOException;

/** A file that is not what it should be. The message names the file, the fault and the tensor. */
public final class SafetensorsException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Which rule was broken. */
  public enum Reason {
    TRUNCATED,
    HEADER_TOO_LARGE,
    HEADER_NOT_JSON,
    DUPLICATE_NAME,
    BAD_ENTRY,
    UNKNOWN_TYPE,
    SIZE_MISMATCH,
    HOLE_OR_OVERLAP,
    NOT_COVERED,
    TENSOR_TOO_LARGE,
    FOREIGN_WEIGHTS
  }

  private final Reason reason;

  public SafetensorsException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  SafetensorsException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
