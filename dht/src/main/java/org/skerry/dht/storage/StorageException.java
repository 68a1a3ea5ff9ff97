package org.skerry.dht.storage;

/** The database cannot be opened, read or written. */
public final class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What a program can switch on. */
  public enum Reason {
    /** Another process, or this one, has the folder open. */
    LOCKED,
    /** The disk is full. */
    DISK_FULL,
    /** What stands in the folder is not a readable database. */
    CORRUPT,
    /** Any other failure of the disk or of its permissions. */
    IO
  }

  private final Reason reason;

  public StorageException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
