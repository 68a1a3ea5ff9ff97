package org.skerry.node.guest;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether this computer runs on its battery, as Linux tells it (kernel documentation, {@code
 * ABI/testing/sysfs-class-power}).
 */
final class PowerSupply implements Condition {
  private final Path supplies;

  /**
   * @param supplies {@code /sys/class/power_supply}
   */
  PowerSupply(Path supplies) {
    this.supplies = supplies;
  }

  @Override
  public String name() {
    return "limits.on-battery";
  }

  @Override
  public String wish() {
    return "false";
  }

  /** A discharging battery of the computer itself, not one of its mouse. */
  @Override
  public Answer ask(Instant now) {
    boolean onLine = false;
    Optional<String> battery = Optional.empty();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(supplies)) {
      for (Path supply : all) {
        switch (read(supply, "type")) {
          case "Battery" -> {
            boolean discharges = read(supply, "status").equals("Discharging");
            if (discharges && !read(supply, "scope").equals("Device")) {
              battery = Optional.of(read(supply, "capacity"));
            }
          }
          case "Mains", "USB" -> onLine |= read(supply, "online").equals("1");
          default -> {}
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return Answer.holds("no battery is known");
    }
    return onLine || battery.isEmpty()
        ? Answer.holds("not on battery")
        : against(
            "on battery" + (battery.get().isEmpty() ? "" : " (" + battery.get() + " % left)"));
  }

  private static String read(Path supply, String attribute) {
    try {
      return Files.readString(supply.resolve(attribute)).strip();
    } catch (IOException e) {
      return ""; // not every supply has every attribute
    }
  }
}
