package org.skerry.trainer.worker.job;

import ai.djl.Device;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Devices by the names that configurations know them by: {@code cpu}, {@code cuda:0}. */
public final class TorchDevice {
  public static final String CPU = "cpu";

  private static final Pattern CUDA = Pattern.compile("cuda:(\\d{1,2})");

  private TorchDevice() {}

  /** Refuses what is neither {@code cpu} nor {@code cuda:N}. */
  static String requireName(String name) {
    if (!name.equals(CPU) && !CUDA.matcher(name).matches()) {
      throw new IllegalArgumentException("device '" + name + "' is neither cpu nor cuda:N");
    }
    return name;
  }

  static Device parse(String name) {
    Matcher cuda = CUDA.matcher(requireName(name));
    return cuda.matches() ? Device.gpu(Integer.parseInt(cuda.group(1))) : Device.cpu();
  }
}
