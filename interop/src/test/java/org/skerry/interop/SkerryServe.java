package org.skerry.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code skerry serve} in a process of its own, with the ensemble that comes with it. */
final class SkerryServe implements AutoCloseable {
  static final String TOKEN = "correct-horse";

  private final Process process;
  private final String address;

  private SkerryServe(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  static SkerryServe start(Path home) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Dskerry.installation=" + Path.of("..").toRealPath());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("org.skerry.node.cli.Main");
    command.addAll(
        List.of("serve", "starter", "--port", "0", "--token", TOKEN, "--threads", "1", "--home"));
    command.add(home.toString());
    Process process =
        new ProcessBuilder(command).redirectError(home.resolve("serve.err").toFile()).start();
    BufferedReader out = process.inputReader();
    // The logging of tests may have something to say before.
    String address = out.readLine();
    while (address != null && !address.startsWith("http://")) {
      address = out.readLine();
    }
    if (address == null) {
      throw new IOException("skerry serve ended: " + Files.readString(home.resolve("serve.err")));
    }
    return new SkerryServe(process, address);
  }

  String address() {
    return address;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
