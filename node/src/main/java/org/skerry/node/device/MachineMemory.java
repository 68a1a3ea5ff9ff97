package org.skerry.node.device;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.skerry.trainer.worker.MemoryCap;

/**
 * The memory of this computer.
 *
 * @param installedBytes in all
 * @param usableBytes of this container; as much as is installed outside of one
 * @param freeBytes that programs could have now
 */
public record MachineMemory(long installedBytes, long usableBytes, long freeBytes) {
  private static final Path INFO = Path.of("/proc/meminfo");

  /** Looks at this computer. */
  public static MachineMemory look() {
    long usable = bean().getTotalMemorySize();
    long installed = Math.max(usable, read("MemTotal:", usable));
    boolean contained = usable < installed;
    // Inside a container the kernel's table is that of the whole machine.
    long free = contained ? bean().getFreeMemorySize() : read("MemAvailable:", usable);
    return new MachineMemory(installed, usable, free);
  }

  /** Whether a container allows less than there is. */
  public boolean isContained() {
    return usableBytes < installedBytes;
  }

  /** What a worker may have unless its owner says otherwise: three quarters. */
  public static long usualCapBytes() {
    return Math.max(MemoryCap.LEAST_BYTES, bean().getTotalMemorySize() / 4 * 3);
  }

  private static long read(String field, long otherwise) {
    try (Stream<String> lines = Files.lines(INFO)) {
      return lines
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(otherwise);
    } catch (IOException | NumberFormatException e) {
      return otherwise;
    }
  }

  private static OperatingSystemMXBean bean() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  }
}
