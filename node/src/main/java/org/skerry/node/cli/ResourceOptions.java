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

  @Option(
      names = "--device-memory",
      paramLabel = "SIZE",
      description =
          """
          what they may take of it on a device other than the processor (default: as much as \
          --memory says); pictures are made on processors as yet\
          """)
  @Nullable String deviceMemory;

  Resources read() throws NodeException {
    long bytes = size("--memory", memory, MachineMemory.look().usableBytes() / 2);
    long deviceBytes = size("--device-memory", deviceMemory, bytes);
    try {
      return new Resources(threads, bytes, deviceBytes);
    } catch (IllegalArgumentException e) {
      throw new NodeException(
          Reason.USAGE, String.valueOf(e.getMessage()), "give --threads a number of them", e);
    }
  }

  private static long size(String option, @Nullable String text, long usual) throws NodeException {
    try {
      return text == null ? usual : ByteSize.parse(text);
    } catch (IllegalArgumentException e) {
      throw new NodeException(
          Reason.USAGE, option + " " + text + " is no size", "write one as 4GiB", e);
    }
  }
}
