package org.skerry.node.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.skerry.node.NodeException;
import org.skerry.node.device.Devices;

/** What could be trained on, and what will be. */
final class DeviceCheck {
  private DeviceCheck() {}

  static List<Finding> findings(Devices devices, String wanted, Map<String, String> environment) {
    List<Finding> out = new ArrayList<>();
    Devices.variableTrouble(environment)
        .ifPresent(trouble ->
            out.add(
                Finding.problem(
                    "libtorch",
                    trouble,
                    "correct the variable, or unset all that begin with PYTORCH_ for the libtorch"
                        + " that comes with Skerry")));
    try {
      String chosen = devices.choose(wanted);
      out.add(gpu(devices, wanted, chosen));
      out.add(
          Finding.ok(
              "device",
              "training uses %s (volunteer.device = \"%s\")"
                  .formatted(Devices.isGpu(chosen) ? chosen : "the processor", wanted)));
    } catch (NodeException e) {
      out.add(Finding.of("device", e));
    }
    return out;
  }

  private static Finding gpu(Devices devices, String wanted, String chosen) {
    if (devices.gpus().isEmpty()) {
      return Finding.ok(
          "gpu", "no NVIDIA GPU is visible; training on them is unproven, others are not used");
    }
    String names = String.join(", ", devices.gpus());
    if (Devices.isGpu(chosen)) {
      return Finding.warning(
          "gpu",
          names + ": training on GPUs is unproven, nobody has measured it yet",
          "compare the first losses with those on the processor, and tell what you found");
    }
    return wanted.equals(Devices.AUTO)
        ? Finding.warning(
            "gpu",
            names
                + " is not used: Skerry comes with a libtorch for processors only (and training"
                + " on GPUs is unproven)",
            Devices.INSTALL.split("\n"))
        : Finding.ok(
            "gpu",
            names + " is left alone, as volunteer.device says (training on GPUs is unproven)");
  }
}
