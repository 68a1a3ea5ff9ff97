package org.skerry.node.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A command in a process of its own, which a test may kill. */
public final class CommandProcess implements AutoCloseable {
  private final Process process;

  private CommandProcess(Process process) {
    this.process = process;
  }

  /** Starts it on a home of the test's own; what it says goes to {@code log}. */
  public static CommandProcess start(Path home, Path log, String... arguments) throws IOException {
    return start(List.of(), home, log, arguments);
  }

  /** As above, by a program that runs others, such as {@code unshare}. */
  public static CommandProcess start(List<String> prefix, Path home, Path log, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            ProcessHandle.current().info().command().orElse("java"),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dskerry.installation=" + Path.of("..").toAbsolutePath().normalize(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "--home",
            home.toString()));
    command.addAll(List.of(arguments));
    File output = log.toFile();
    return new CommandProcess(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.to(output))
            .start());
  }

  /** Looks every millisecond until {@code seen}, or until the command has ended. */
  public void await(BooleanSupplier seen) throws InterruptedException {
    while (process.isAlive() && !seen.getAsBoolean()) {
      process.waitFor(1, TimeUnit.MILLISECONDS);
    }
  }

  /** SIGKILL after {@code delay}, unless it has ended by then. */
  public void killAfter(Duration delay) throws InterruptedException {
    process.waitFor(delay);
    process.destroyForcibly();
    process.waitFor();
  }

  /** The exit status: 137 after SIGKILL. */
  public int status() throws InterruptedException {
    return process.waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
