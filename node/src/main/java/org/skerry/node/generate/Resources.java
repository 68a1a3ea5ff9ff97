package org.skerry.node.generate;

/**
 * What making pictures may take of this computer.
 *
 * @param threads of libtorch
 * @param memoryBytes that experts may take together; one is always let in, however large
 * @param deviceMemoryBytes that experts may take together on a device other than the processor,
 *     where one is always let in, too
 */
public record Resources(int threads, long memoryBytes, long deviceMemoryBytes) {
  public Resources {
    if (threads < 1 || threads > 4_096) {
      throw new IllegalArgumentException("threads " + threads + " not in 1..4096");
    }
    requireNotNegative(memoryBytes);
    requireNotNegative(deviceMemoryBytes);
  }

  private static void requireNotNegative(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("memory of " + bytes + " bytes is negative");
    }
  }
}
