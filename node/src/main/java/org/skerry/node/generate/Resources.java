package org.skerry.node.generate;

/**
 * What making pictures may take of this computer.
 *
 * @param threads of libtorch
 * @param memoryBytes that experts may take together; one is always let in, however large
 */
public record Resources(int threads, long memoryBytes) {
  public Resources {
    if (threads < 1 || threads > 4_096) {
      throw new IllegalArgumentException("threads " + threads + " not in 1..4096");
    }
    if (memoryBytes < 0) {
      throw new IllegalArgumentException("memory of " + memoryBytes + " bytes is negative");
    }
  }
}
