package org.skerry.node.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.skerry.node.NodeException;
import org.skerry.node.config.NodeConfig;
import org.skerry.node.device.Devices;
import org.skerry.node.device.MachineMemory;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.worker.Workers;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.worker.MemoryCap;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.trainer.worker.job.ProbeConfig;
import org.skerry.trainer.worker.job.ProbeJob;
import org.skerry.trainer.worker.job.ProbeResult;
import org.skerry.trainer.worker.job.TorchDevice;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Whether libtorch loads and computes, in a worker like those that train. */
final class TorchCheck {
  private static final String CHECK = "libtorch";
  private static final int TOLD_LINE_CHARS = 200;

  private TorchCheck() {}

  static Finding load(Devices devices, NodeConfig config) throws InterruptedException {
    String device;
    try {
      device = devices.choose(config.device());
    } catch (NodeException e) {
      device = TorchDevice.CPU; // the device has a finding of its own
    }
    Optional<MemoryCap> cap =
        Devices.isGpu(device)
            ? Optional.empty()
            : Optional.of(new MemoryCap(Math.min(config.memoryBytes(), usable())));
    try {
      Path folder = Files.createTempDirectory("skerry-doctor");
      try {
        return load(device, folder, cap);
      } finally {
        DurableFiles.deleteTree(folder);
      }
    } catch (IOException e) {
      return Finding.problem(
          CHECK,
          "no worker can be started in the temporary folder (" + DiskTrouble.describe(e) + ")",
          "make room there, or name another with TMPDIR");
    }
  }

  /** A limit beyond what there is has a finding of its own. */
  private static long usable() {
    return Math.max(MemoryCap.LEAST_BYTES, MachineMemory.look().usableBytes());
  }

  private static Finding load(String device, Path folder, Optional<MemoryCap> cap)
      throws IOException, InterruptedException {
    Path log = folder.resolve("worker.log");
    try (WorkerProcess worker = Workers.once(folder.resolve("work"), log, cap)) {
      ProbeResult found =
          JsonMapper.shared()
              .treeToValue(
                  worker.run(ProbeJob.KIND, new ProbeConfig(device), event -> {}),
                  ProbeResult.class);
      return Finding.ok(
          CHECK,
          "version %s computes on %s; it lies in %s"
              .formatted(
                  found.version(),
                  Devices.isGpu(device) ? device : "the processor",
                  found.folder()));
    } catch (IOException | JacksonException e) {
      return Finding.problem(
          CHECK,
          "it does not work in a worker: " + e.getMessage() + lastLine(log),
          "check the variables that begin with PYTORCH_, and that the C library is glibc 2.28 or"
              + " newer");
    }
  }

  private static String lastLine(Path log) {
    try {
      List<String> lines = Files.readAllLines(log).stream().filter(l -> !l.isBlank()).toList();
      if (lines.isEmpty()) {
        return "";
      }
      String last = lines.getLast().strip();
      return "; it said: "
          + (last.length() > TOLD_LINE_CHARS ? last.substring(0, TOLD_LINE_CHARS) : last);
    } catch (IOException e) {
      return "";
    }
  }
}
