package org.skerry.node.device;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.skerry.trainer.worker.MemoryCap;

/** The memory of this computer, or of the container that this runs in. */
public final class MachineMemory {
  private MachineMemory() {}

  public static long totalBytes() {
    return bean().getTotalMemorySize();
  }

  public static long freeBytes() {
    return bean().getFreeMemorySize();
  }

  /** What a worker may have unless its owner says otherwise: three quarters. */
  public static long usualCapBytes() {
    return Math.max(MemoryCap.LEAST_BYTES, totalBytes() / 4 * 3);
  }

  private static OperatingSystemMXBean bean() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  }
}
