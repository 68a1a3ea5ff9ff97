package org.skerry.trainer;

import java.io.IOException;

/** Why a dataset could not be read, a run not trained or a worker not kept alive. */
public final class TrainerException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What a program can switch on. */
  public enum Reason {
    /** A file or folder named by the user is not there. */
    NOT_FOUND,
    /** A tar is cut short or is no tar. */
    CORRUPT_ARCHIVE,
    /** More images than the policy allows could not be read. */
    TOO_MANY_BAD_IMAGES,
    /** The dataset has too few images for what was asked. */
    TOO_FEW_IMAGES,
    /** The dataset is larger than the limits allow. */
    TOO_LARGE,
    /** A file of features is malformed or does not belong to the images. */
    BAD_FEATURES,
    /** A configuration contradicts itself or the data. */
    BAD_CONFIG,
    /** A checkpoint or weights file does not verify, or belongs to another run. */
    CORRUPT_CHECKPOINT,
    /** The loss or the weights became NaN or infinite. */
    DIVERGED,
    /** Memory does not suffice for the smallest step. */
    OUT_OF_MEMORY,
    /** The run was asked to stop. */
    STOPPED,
    /** The worker process could not be started or died too often. */
    WORKER_DIED,
    /** The worker reported that its job failed. */
    JOB_FAILED,
    /** The other side of the pipe broke the rules of framing. */
    PROTOCOL_VIOLATION
  }

  private final Reason reason;

  public TrainerException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public TrainerException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
