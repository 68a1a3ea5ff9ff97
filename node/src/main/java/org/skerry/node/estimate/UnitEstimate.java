package org.skerry.node.estimate;

import java.util.Locale;
import org.skerry.node.config.ByteSize;

/**
 * What a unit would take on this computer.
 *
 * @param parameters of the network
 * @param memoryBytes that its worker would have
 * @param microBatch images whose gradient it would compute at once; 0 when not even one fits
 * @param recomputes whether it would compute blocks again for their gradient, to save memory
 * @param batch images a step
 * @param samplesPerSecond 0 when it was not measured yet
 * @param hours from the first step to the last; 0 when the speed is not known
 */
public record UnitEstimate(
    long parameters,
    long memoryBytes,
    int microBatch,
    boolean recomputes,
    int batch,
    double samplesPerSecond,
    double hours) {
  /** Whether this computer can train it at all. */
  public boolean fits() {
    return microBatch > 0;
  }

  /** The time in words: {@code about 2 h}. */
  public String time() {
    if (hours <= 0) {
      return "a time not measured yet";
    }
    double minutes = hours * 60;
    return minutes < 1
        ? "less than a minute"
        : minutes < 90
            ? String.format(Locale.ROOT, "about %.0f min", minutes)
            : hours < 48
                ? String.format(Locale.ROOT, "about %.1f h", hours)
                : String.format(Locale.ROOT, "about %.0f days", hours / 24);
  }

  /** The numbers behind it in words. */
  public String numbers() {
    return String.format(
        Locale.ROOT,
        "%.1f samples/s, %s of memory%s%s",
        samplesPerSecond,
        ByteSize.format(memoryBytes),
        microBatch < batch ? ", in parts of " + microBatch + " of " + batch + " images" : "",
        recomputes ? ", with gradient checkpointing" : "");
  }
}
