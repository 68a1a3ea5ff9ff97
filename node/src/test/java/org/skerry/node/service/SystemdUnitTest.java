package org.skerry.node.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

class SystemdUnitTest {
  @TempDir Path folder;

  private static SystemdUnit unit(String home, Optional<String> user) {
    return new SystemdUnit(
        Path.of("/bin/true"),
        Path.of(home),
        Map.of("PYTORCH_LIBRARY_PATH", "/opt/my torch/100%"),
        user,
        List.of("render"));
  }

  @Test
  void ofAUserRunsAsHeDoes() {
    assertThat(unit("/home/ada/.local/share/skerry", Optional.empty()).text())
        .contains(
            "ExecStart=\"/bin/true\" --home \"/home/ada/.local/share/skerry\" node run\n",
            "Environment=\"PYTORCH_LIBRARY_PATH=/opt/my torch/100%%\"\n",
            "WantedBy=default.target\n",
            "KillMode=mixed\n")
        .doesNotContain("User=", "SupplementaryGroups=");
  }

  @Test
  void ofTheSystemWritesItsHomeOnlyAndKeepsTheGpu() {
    assertThat(unit("/var/lib/skerry", Optional.of("skerry")).text())
        .contains(
            "User=skerry\n",
            "SupplementaryGroups=render\n",
            "ProtectSystem=strict\n",
            "ReadWritePaths=\"/var/lib/skerry\"\n",
            "WantedBy=multi-user.target\n")
        .doesNotContain("PrivateDevices", "DevicePolicy");
  }

  @Test
  void namesAreTakenAsTheyAre() {
    assertThat(unit("/srv/a \"b\" $HOME 5%\\", Optional.of("skerry")).text())
        .contains(
            "--home \"/srv/a \\\"b\\\" $$HOME 5%%\\\\\" node run",
            "ReadWritePaths=\"/srv/a \\\"b\\\" $HOME 5%%\\\\\"");
    assertThatThrownBy(() -> unit("/srv/a\nExecStartPre=/bin/evil", Optional.empty()).text())
        .isInstanceOf(IllegalArgumentException.class);
  }

  static boolean systemdIsHere() {
    return Files.isExecutable(Path.of("/usr/bin/systemd-analyze"));
  }

  @Test
  @EnabledIf("systemdIsHere")
  void systemdFindsNoFaultWithIt() throws Exception {
    for (Optional<String> user : List.of(Optional.<String>empty(), Optional.of("daemon"))) {
      Path file = folder.resolve(SystemdUnit.NAME);
      Files.writeString(file, unit("/var/lib/skerry", user).text());
      Process process =
          new ProcessBuilder("systemd-analyze", "verify", "--man=no", file.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes());
      assertThat(process.waitFor()).as(said).isZero();
      assertThat(said.lines().filter(line -> line.contains(SystemdUnit.NAME))).as(said).isEmpty();
    }
  }
}
