package org.skerry.libp2p.testing;

import java.util.Optional;

/** What fuzz targets do with a parser: it accepts, or refuses as it says it does. */
public final class Hostile {
  private Hostile() {}

  /** Reads input that was caught by the caller. */
  @FunctionalInterface
  public interface Parser<T> {
    T parse() throws Exception;
  }

  /**
   * What {@code parser} makes of its input; nothing when it refuses it.
   *
   * @param refusal the one exception that it documents; any other fails the test
   */
  public static <T> Optional<T> read(Class<? extends Exception> refusal, Parser<T> parser) {
    try {
      return Optional.of(parser.parse());
    } catch (Exception e) {
      if (refusal.isInstance(e)) {
        return Optional.empty();
      }
      throw new AssertionError("refused with another exception than " + refusal.getName(), e);
    }
  }
}
