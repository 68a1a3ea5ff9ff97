package org.skerry.transfer;

import java.io.IOException;

/** Why a blob could not be stored or fetched; the message names the thing and the remedy. */
public final class TransferException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What a program can switch on. */
  public enum Reason {
    /** The store does not hold the blob. */
    NOT_FOUND,
    /** The disk has less free space than the blob needs or the owner wants kept free. */
    DISK_FULL,
    /** Another process uses the store, or another fetch of this process the same blob. */
    LOCKED,
    /** Stored bytes are no longer those that were stored. */
    DAMAGED,
    /** The store's folder or a file in it cannot be read or written. */
    STORE_FAILED,
    /** Nobody was found who has the blob. */
    NO_SOURCES,
    /** Sources were found, but no chunk came from any of them for too long. */
    STALLED,
    /** The time the caller gave is over. */
    TIMEOUT,
    /** The blob has more bytes than the caller takes. */
    TOO_LARGE,
    /** The owner's quota for the day or the month is spent. */
    QUOTA_SPENT,
    /** The caller ended it. */
    CANCELLED
  }

  private final Reason reason;

  public TransferException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public TransferException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
