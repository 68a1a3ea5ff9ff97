package org.skerry.node.doctor;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.skerry.node.NodeException;
import org.skerry.node.config.ConfigLoader;
import org.skerry.node.config.Mistake;
import org.skerry.node.config.NodeConfig;
import org.skerry.node.device.Devices;
import org.skerry.node.device.MachineMemory;
import org.skerry.node.home.SkerryHome;
import org.skerry.trainer.worker.MemoryCap;

/** Makes all checks, in the order in which a person would. Changes nothing. */
public final class Doctor {
  private static final String AGAIN =
      "then run `skerry doctor` again: what depends on the configuration was not checked";

  private final SkerryHome home;
  private final Map<String, String> environment;

  public Doctor(SkerryHome home, Map<String, String> environment) {
    this.home = home;
    this.environment = Map.copyOf(environment);
  }

  /**
   * Checks everything; loading libtorch takes some seconds.
   *
   * @param listener told each finding at once
   * @return all of them
   */
  public List<Finding> examine(Consumer<Finding> listener) throws InterruptedException {
    List<Finding> all = new ArrayList<>();
    Consumer<Finding> tell =
        finding -> {
          all.add(finding);
          listener.accept(finding);
        };
    tell.accept(SystemCheck.platform(System.getProperty("os.name"), System.getProperty("os.arch")));
    tell.accept(SystemCheck.java(Runtime.version(), System.getProperty("java.home")));
    tell.accept(SystemCheck.clock(Instant.now(), SystemCheck.newestTrace(home)));
    Optional<NodeConfig> found = config(tell);
    HomeCheck.findings(home).forEach(tell);
    if (found.isPresent()) {
      NodeConfig config = found.get();
      tell.accept(HomeCheck.disk(home, config.diskBytes()));
      tell.accept(MemoryCheck.memory(MachineMemory.look(), config.memoryBytes()));
      tell.accept(MemoryCheck.cap(MemoryCap.isEnforced()));
      Devices devices = Devices.find(environment);
      DeviceCheck.findings(devices, config.device(), environment).forEach(tell);
      tell.accept(TorchCheck.load(devices, config));
      NetworkCheck.findings(home, config).forEach(tell);
    }
    return all;
  }

  /** With mistakes in it, nothing that depends on the configuration can be judged. */
  private Optional<NodeConfig> config(Consumer<Finding> tell) {
    String check = "configuration";
    try {
      ConfigLoader.Loaded loaded = ConfigLoader.check(home.config(), environment);
      for (Mistake mistake : loaded.mistakes()) {
        tell.accept(
            Finding.problem(
                check, mistake.where() + ": " + mistake.what(), mistake.remedy(), AGAIN));
      }
      if (!loaded.mistakes().isEmpty()) {
        return Optional.empty();
      }
      tell.accept(Finding.ok(check, HomeCheck.describe(home.config())));
      return Optional.of(loaded.config());
    } catch (NodeException e) {
      tell.accept(Finding.of(check, e));
      return Optional.empty();
    }
  }
}
