package org.skerry.node.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Battery, heat and programs, over files laid out as Linux lays them out. */
class MachineConditionsTest {
  private static final Instant NOW = Instant.parse("2026-11-02T12:00:00Z");

  @TempDir Path root;

  private void device(String name, Map<String, String> attributes) throws IOException {
    Files.createDirectories(root.resolve(name));
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      Files.writeString(
          root.resolve(name).resolve(attribute.getKey()), attribute.getValue() + "\n");
    }
  }

  @Test
  void aLaptopOnItsBatteryHasSomethingAgainstIt() throws Exception {
    PowerSupply power = new PowerSupply(root);
    assertThat(power.ask(NOW).hindrance()).isEmpty();
    device("AC", Map.of("type", "Mains", "online", "0"));
    device("BAT0", Map.of("type", "Battery", "status", "Discharging", "capacity", "63"));
    assertThat(power.ask(NOW).hindrance())
        .hasValueSatisfying(why -> assertThat(why.reason()).isEqualTo("on battery (63 % left)"));
    device("AC", Map.of("online", "1"));
    assertThat(power.ask(NOW).hindrance()).isEmpty();
  }

  @Test
  void theBatteryOfAMouseDoesNotCount() throws Exception {
    device("hid", Map.of("type", "Battery", "status", "Discharging", "scope", "Device"));
    assertThat(new PowerSupply(root).ask(NOW).hindrance()).isEmpty();
    assertThat(new PowerSupply(root.resolve("none")).ask(NOW).hindrance()).isEmpty();
  }

  @Test
  void heatEndsOnlySomeDegreesBelow() throws Exception {
    Temperatures heat = new Temperatures(root, 85);
    assertThat(heat.ask(NOW).hindrance()).isEmpty();
    device("thermal_zone0", Map.of("temp", "40000"));
    device("thermal_zone1", Map.of("temp", "86000"));
    device("thermal_zone2", Map.of("temp", "asleep"));
    assertThat(heat.ask(NOW).hindrance())
        .hasValueSatisfying(
            why -> assertThat(why.reason()).isEqualTo("at 86 °C; it goes on at 80 °C"));
    device("thermal_zone1", Map.of("temp", "82000"));
    assertThat(heat.ask(NOW).hindrance()).isPresent();
    device("thermal_zone1", Map.of("temp", "79000"));
    assertThat(heat.ask(NOW).hindrance()).isEmpty();
    device("thermal_zone1", Map.of("temp", "82000"));
    assertThat(heat.ask(NOW).hindrance()).isEmpty();
  }

  @Test
  void aProgramIsKnownByTheNameOfItsFile() throws Exception {
    String java =
        Path.of(ProcessHandle.current().info().command().orElseThrow()).getFileName() + "";
    assertThat(
            new RunningPrograms(List.of("no-such-game", java.toUpperCase())).ask(NOW).hindrance())
        .hasValueSatisfying(why -> assertThat(why.reason()).isEqualTo(java + " is running"));
    assertThat(new RunningPrograms(List.of("no-such-game.exe")).ask(NOW).hindrance()).isEmpty();
    assertThat(new RunningPrograms(List.of()).ask(NOW).hindrance()).isEmpty();
  }
}
