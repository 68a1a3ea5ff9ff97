package org.skerry.node.guest;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.OptionalDouble;

/**
 * How hot this computer's processors are, as Linux tells it (kernel documentation, {@code
 * driver-api/thermal/sysfs-api}). Too hot, nothing is computed until they have cooled down by some
 * degrees.
 */
final class Temperatures implements Condition {
  /** Or it would go on and off with each degree. */
  private static final double COOL_DOWN = 5;

  private final Path zones;
  private final double most;
  private boolean hot;

  /**
   * @param zones {@code /sys/class/thermal}
   * @param most degrees Celsius
   */
  Temperatures(Path zones, double most) {
    this.zones = zones;
    this.most = most;
  }

  @Override
  public String name() {
    return "limits.max-celsius";
  }

  @Override
  public String wish() {
    return "%.0f".formatted(most);
  }

  @Override
  public Answer ask(Instant now) {
    OptionalDouble hottest = hottest();
    if (hottest.isEmpty()) {
      return Answer.holds("no sensor can be read");
    }
    hot = hottest.getAsDouble() > (hot ? most - COOL_DOWN : most);
    String seen = "%.0f °C".formatted(hottest.getAsDouble());
    return hot
        ? against("at %s; it goes on at %.0f °C".formatted(seen, most - COOL_DOWN))
        : Answer.holds(seen);
  }

  /** In degrees Celsius; nothing where no sensor is known. */
  private OptionalDouble hottest() {
    OptionalDouble hottest = OptionalDouble.empty();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(zones, "thermal_zone*")) {
      for (Path zone : all) {
        OptionalDouble degrees = degrees(zone.resolve("temp"));
        if (degrees.isPresent() && degrees.getAsDouble() > hottest.orElse(-273)) {
          hottest = degrees;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return OptionalDouble.empty(); // this system has none
    }
    return hottest;
  }

  private static OptionalDouble degrees(Path sensor) {
    try {
      return OptionalDouble.of(Integer.parseInt(Files.readString(sensor).strip()) / 1000.0);
    } catch (IOException | NumberFormatException e) {
      return OptionalDouble.empty(); // a sensor that is asleep cannot be read
    }
  }
}
