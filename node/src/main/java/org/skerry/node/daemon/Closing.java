package org.skerry.node.daemon;

import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends things one after the other, so that one that fails does not keep the rest open. */
final class Closing {
  private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

  private Closing() {}

  /** Ends all of {@code parts}, the last one first. */
  static void all(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      quietly(parts.pop());
    }
  }

  private static void quietly(AutoCloseable part) {
    try {
      part.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.warn("{} did not close well", part.getClass().getSimpleName(), e);
    }
  }
}
