package org.skerry.router;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.VelocityField;

/**
 * Experts whose weights are in memory only while they fit a budget: the least recently used leaves
 * first. One expert is always let in, however large. One thread at a time.
 */
public final class ExpertCache implements AutoCloseable {
  private final NDManager manager;
  private final long budgetBytes;
  private final Map<Path, Parameters> loaded = new LinkedHashMap<>(16, 0.75f, true);
  private long usedBytes;
  private long loads;

  /**
   * @param budgetBytes that the weights in memory may take
   */
  public ExpertCache(NDManager parent, long budgetBytes) {
    if (budgetBytes < 0) {
      throw new IllegalArgumentException("budget of " + budgetBytes + " bytes is negative");
    }
    this.manager = parent.newSubManager();
    this.budgetBytes = budgetBytes;
  }

  /**
   * The expert whose weights a file holds; they are loaded when it is first asked for a velocity,
   * and again after they had to leave.
   */
  public VelocityField expert(Network network, Path weights) {
    return (x, t) -> network.forward(parameters(network, weights), x, t, null);
  }

  /** How often weights were loaded. */
  public long loads() {
    return loads;
  }

  /** What the weights in memory take. */
  public long usedBytes() {
    return usedBytes;
  }

  @Override
  public void close() {
    loaded.clear();
    usedBytes = 0;
    manager.close();
  }

  private Parameters parameters(Network network, Path weights) {
    Parameters present = loaded.get(weights);
    if (present != null) {
      return present;
    }
    long needed = sizeBytes(network);
    evictUntil(budgetBytes - needed);
    try {
      Parameters parameters = Parameters.mapSafetensors(network, manager, weights);
      loaded.put(weights, parameters);
      usedBytes += needed;
      loads++;
      return parameters;
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private void evictUntil(long limit) {
    var oldestFirst = loaded.values().iterator();
    while (usedBytes > limit && oldestFirst.hasNext()) {
      Parameters oldest = oldestFirst.next();
      usedBytes -= sizeBytes(oldest.network());
      oldest.close();
      oldestFirst.remove();
    }
  }

  private static long sizeBytes(Network network) {
    return network.config().parameterCount() * Float.BYTES;
  }
}
