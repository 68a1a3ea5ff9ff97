package org.skerry.node.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.SkerryHome;

/** One {@code skerry} process of a run, with a home of its own. */
final class NodeProcess implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(20);
  private static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xmx256m",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dorg.skerry.node.demo=child");

  private final String name;
  private final SkerryHome home;
  private final Process process;

  private NodeProcess(String name, SkerryHome home, Process process) {
    this.name = name;
    this.home = home;
    this.process = process;
  }

  /** Starts {@code skerry arguments…} with {@code home}; what it prints goes to its log folder. */
  static NodeProcess start(String name, SkerryHome home, List<String> arguments)
      throws NodeException, IOException {
    home.create();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_OPTIONS);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("org.skerry.node.cli.Main");
    command.addAll(arguments);
    command.add("--home");
    command.add(home.root().toString());
    File output = home.logs().resolve("terminal.log").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output));
    Map<String, String> environment = builder.environment();
    // What the user's own nodes are told is not meant for these.
    environment.keySet().removeIf(variable -> variable.startsWith("SKERRY_"));
    environment.put("NO_COLOR", "1");
    // The demo has measured this machine itself.
    environment.put("SKERRY_VOLUNTEER_MEASURE", "false");
    // Who starts a demo on the train wants to see it.
    environment.put("SKERRY_LIMITS_ON_BATTERY", "true");
    environment.put("SKERRY_LIMITS_ON_METERED", "true");
    return new NodeProcess(name, home, builder.start());
  }

  String name() {
    return name;
  }

  SkerryHome home() {
    return home;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL: no goodbye, no checkpoint. */
  void kill() {
    process.destroyForcibly();
  }

  /** Waits for the process to end by itself with success. */
  void join(Duration limit) throws NodeException, InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new NodeException(Reason.FAILED, name + " did not end in time", "read " + home.logs());
    }
    if (process.exitValue() != 0) {
      throw new NodeException(
          Reason.FAILED,
          name + " ended with status " + process.exitValue(),
          "read " + home.logs().resolve("terminal.log"));
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
