package org.skerry.node.cli;

import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.config.ByteSize;
import org.skerry.node.device.MachineMemory;
import org.skerry.node.generate.Resources;
import picocli.CommandLine.Option;

/** What making pictures may take, for every command that does. */
final class ResourceOptions {
  @Option(names = "--threads", paramLabel = "N", description = "CPU threads (default: all)")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description =
          """
          what experts may take together, as 4GiB: those that do not fit are fetched from the disk \
          when a step needs them (default: half of this computer's)\
          """)
  @Nullable String memory;

  Resources read() throws NodeException {
    long bytes = MachineMemory.look().usableBytes() / 2;
    if (memory != null) {
      try {
        bytes = ByteSize.parse(memory);
      } catch (IllegalArgumentException e) {
        throw new NodeException(
            Reason.USAGE, "--memory " + memory + " is no size", "write one as 4GiB", e);
      }
    }
    try {
      return new Resources(threads, bytes);
    } catch (IllegalArgumentException e) {
      throw new NodeException(
          Reason.USAGE, String.valueOf(e.getMessage()), "give --threads a number of them", e);
    }
  }
}
