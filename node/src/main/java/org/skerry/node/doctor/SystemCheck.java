package org.skerry.node.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.skerry.node.home.SkerryHome;

/** The platform, its Java and its clock. */
final class SystemCheck {
  private static final int LEAST_JAVA = 25;

  /** This code was written after it. */
  private static final Instant PAST = Instant.parse("2026-01-01T00:00:00Z");

  /** Claims of peers whose clocks differ by more are not believed. */
  private static final Duration TOLERATED = Duration.ofMinutes(10);

  private SystemCheck() {}

  static Finding platform(String system, String processor) {
    String what = system + " on " + processor;
    return system.equals("Linux") && processor.equals("amd64")
        ? Finding.ok("platform", what)
        : Finding.problem(
            "platform", what + ", which no native library here is for", "use Linux on x86-64");
  }

  static Finding java(Runtime.Version version, String folder) {
    String what = "Java " + version + " in " + folder;
    return version.feature() >= LEAST_JAVA
        ? Finding.ok("java", what)
        : Finding.problem(
            "java",
            what + " is older than " + LEAST_JAVA,
            "install a JDK " + LEAST_JAVA + ", or set JAVA_HOME to the folder of one");
  }

  /**
   * Whether the clock can be right.
   *
   * @param newestTrace when something here was last written, by the same clock
   */
  static Finding clock(Instant now, Optional<Instant> newestTrace) {
    String what = "it is " + now.truncatedTo(ChronoUnit.SECONDS);
    String remedy = "let the system set it from the network: timedatectl set-ntp true";
    if (now.isBefore(PAST)) {
      return Finding.problem("clock", what + " by the clock, which is long past", remedy);
    }
    if (newestTrace.isPresent() && newestTrace.get().isAfter(now.plus(TOLERATED))) {
      return Finding.warning(
          "clock",
          what
              + " by the clock, but files in the home folder were written at "
              + newestTrace.get().truncatedTo(ChronoUnit.SECONDS),
          remedy);
    }
    return Finding.ok("clock", what);
  }

  static Optional<Instant> newestTrace(SkerryHome home) {
    return List.of(home.identityKey(), home.events(), home.control(), home.speeds()).stream()
        .flatMap(file -> written(file).stream())
        .max(Instant::compareTo);
  }

  private static Optional<Instant> written(Path file) {
    try {
      return Optional.of(Files.getLastModifiedTime(file).toInstant());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
