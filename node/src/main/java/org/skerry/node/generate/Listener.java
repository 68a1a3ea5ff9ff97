package org.skerry.node.generate;

/** Hears how a request is doing, on a thread of the maker's that waits for it: be quick. */
public interface Listener {
  /** Hears nothing. */
  Listener NONE = new Listener() {};

  /** So many evaluations are done, of how many; {@code total} never changes. */
  default void progress(int done, int total) {}

  /** How the first picture looks by now. */
  default void preview(byte[] png) {}
}
