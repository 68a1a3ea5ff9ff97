package org.skerry.trainer.worker;

/**
 * A job cannot go on in this process, but from what is on the disk in a new one: the worker ends,
 * and its parent starts another.
 */
public final class ProcessSpentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ProcessSpentException(String why, Throwable cause) {
    super(why, cause);
  }
}
