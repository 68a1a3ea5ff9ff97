package org.skerry.node.generate;

/** As many requests wait as may; this one was not taken. */
public final class QueueFullException extends Exception {
  private static final long serialVersionUID = 1L;

  public QueueFullException(int waiting) {
    super(waiting + " requests wait already; ask again later");
  }
}
