package org.skerry.node.doctor;

import org.skerry.node.config.ByteSize;
import org.skerry.node.device.MachineMemory;

/** What a worker may have, against what there is. */
final class MemoryCheck {
  private MemoryCheck() {}

  static Finding memory(MachineMemory memory, long limitBytes) {
    String limit = "limits.memory = " + ByteSize.format(limitBytes);
    String total =
        memory.isContained()
            ? "%s of %s, by the container's limit"
                .formatted(
                    ByteSize.format(memory.usableBytes()), ByteSize.format(memory.installedBytes()))
            : ByteSize.format(memory.installedBytes());
    String what =
        "%s, %s of it free; %s for a worker"
            .formatted(total, ByteSize.format(memory.freeBytes()), limit);
    if (limitBytes > memory.usableBytes()) {
      return Finding.problem(
          "memory",
          what + ", which is more than there is",
          "lower memory under [limits], or leave it out for three quarters of what there is");
    }
    return limitBytes > memory.freeBytes()
        ? Finding.warning(
            "memory",
            what + ", which is more than is free now",
            "close other programs, or lower memory under [limits]")
        : Finding.ok("memory", what);
  }

  static Finding cap(boolean enforced) {
    return enforced
        ? Finding.ok("memory cap", "prlimit holds workers to limits.memory")
        : Finding.warning(
            "memory cap",
            "prlimit is not installed: a worker's memory is estimated, not limited",
            "install util-linux");
  }
}
