package org.skerry.node.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.skerry.node.device.Devices;
import org.skerry.node.device.MachineMemory;
import org.skerry.node.doctor.Finding.Level;

class ChecksTest {
  private static final long GIB = 1L << 30;
  private static final Instant NOW = Instant.parse("2027-03-04T05:06:07.5Z");

  @Test
  void onlyLinuxOnX86IsSupported() {
    assertThat(SystemCheck.platform("Linux", "amd64").level()).isEqualTo(Level.OK);
    assertThat(SystemCheck.platform("Linux", "aarch64").level()).isEqualTo(Level.PROBLEM);
    assertThat(SystemCheck.platform("Mac OS X", "amd64").what()).contains("Mac OS X");
  }

  @Test
  void anOldJavaIsAProblem() {
    Finding old = SystemCheck.java(Runtime.Version.parse("21.0.1"), "/opt/java");
    assertThat(old.level()).isEqualTo(Level.PROBLEM);
    assertThat(old.what()).contains("21.0.1", "/opt/java");
    assertThat(old.remedy().getFirst()).contains("JAVA_HOME");
    assertThat(SystemCheck.java(Runtime.Version.parse("26"), "/opt/java").level())
        .isEqualTo(Level.OK);
  }

  @Test
  void aClockThatCannotBeRightIsTold() {
    assertThat(SystemCheck.clock(NOW, Optional.empty()).what()).contains("2027-03-04T05:06:07Z");
    assertThat(SystemCheck.clock(Instant.EPOCH, Optional.empty()).level()).isEqualTo(Level.PROBLEM);
    Optional<Instant> slightlyLater = Optional.of(NOW.plus(Duration.ofMinutes(9)));
    assertThat(SystemCheck.clock(NOW, slightlyLater).level()).isEqualTo(Level.OK);
    Finding back = SystemCheck.clock(NOW, Optional.of(NOW.plus(Duration.ofHours(1))));
    assertThat(back.level()).isEqualTo(Level.WARNING);
    assertThat(back.what()).contains("2027-03-04T06:06:07Z");
  }

  @Test
  void aMemoryLimitIsHeldAgainstWhatThereIsAndWhatIsFree() {
    MachineMemory memory = new MachineMemory(16 * GIB, 16 * GIB, 4 * GIB);
    assertThat(MemoryCheck.memory(memory, 3 * GIB).level()).isEqualTo(Level.OK);
    assertThat(MemoryCheck.memory(memory, 8 * GIB).level()).isEqualTo(Level.WARNING);
    Finding beyond = MemoryCheck.memory(memory, 17 * GIB);
    assertThat(beyond.level()).isEqualTo(Level.PROBLEM);
    assertThat(beyond.what()).contains("16.0 GiB", "limits.memory = 17.0 GiB");
    Finding contained = MemoryCheck.memory(new MachineMemory(16 * GIB, 2 * GIB, GIB), 3 * GIB);
    assertThat(contained.level()).isEqualTo(Level.PROBLEM);
    assertThat(contained.what()).contains("2.0 GiB of 16.0 GiB", "container");
  }

  @Test
  void aCapThatNobodyKeepsIsAWarning() {
    assertThat(MemoryCheck.cap(true).level()).isEqualTo(Level.OK);
    assertThat(MemoryCheck.cap(false).remedy()).containsExactly("install util-linux");
  }

  @Test
  void aDiskLimitCountsWhatIsLentAlready() {
    assertThat(HomeCheck.disk(21 * GIB, 0, 20 * GIB).level()).isEqualTo(Level.OK);
    assertThat(HomeCheck.disk(10 * GIB, 0, 20 * GIB).level()).isEqualTo(Level.WARNING);
    assertThat(HomeCheck.disk(10 * GIB, 15 * GIB, 20 * GIB).level()).isEqualTo(Level.OK);
    assertThat(HomeCheck.disk(GIB / 2, 20 * GIB, 20 * GIB).level()).isEqualTo(Level.PROBLEM);
  }

  @Test
  void aGpuThatIsNotUsedIsToldWithTwoLinesOnHowToUseIt() {
    Devices devices = new Devices(List.of("NVIDIA H100"), false);
    Finding gpu = only("gpu", DeviceCheck.findings(devices, "auto", Map.of()));
    assertThat(gpu.level()).isEqualTo(Level.WARNING);
    assertThat(gpu.what()).contains("NVIDIA H100", "unproven");
    assertThat(gpu.remedy()).hasSize(2);
    Finding left = only("gpu", DeviceCheck.findings(devices, "cpu", Map.of()));
    assertThat(left.level()).isEqualTo(Level.OK);
    Finding wanted = only("device", DeviceCheck.findings(devices, "cuda:0", Map.of()));
    assertThat(wanted.level()).isEqualTo(Level.PROBLEM);
    assertThat(wanted.remedy()).hasSize(2);
  }

  @Test
  void aGpuThatIsUsedIsSaidToBeUnproven() {
    List<Finding> findings =
        DeviceCheck.findings(new Devices(List.of("NVIDIA H100"), true), "auto", Map.of());
    assertThat(only("gpu", findings).what()).contains("unproven");
    assertThat(only("device", findings).what()).contains("cuda:0");
  }

  @Test
  void variablesThatLeadNowhereAreAProblemThoughTheyWouldBeIgnored() {
    Finding trouble =
        only(
            "libtorch",
            DeviceCheck.findings(
                new Devices(List.of(), false), "auto", Map.of("PYTORCH_LIBRARY_PATH", "/nowhere")));
    assertThat(trouble.level()).isEqualTo(Level.PROBLEM);
    assertThat(trouble.what()).contains("/nowhere");
  }

  private static Finding only(String check, List<Finding> findings) {
    List<Finding> found = findings.stream().filter(f -> f.check().equals(check)).toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }
}
