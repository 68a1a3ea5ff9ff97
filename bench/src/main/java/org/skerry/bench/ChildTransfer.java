package org.skerry.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;

/** Streams over Noise in a process of its own, whose ciphers are the JDK's. */
final class ChildTransfer implements Transfer {
  static final String VARIANT_PREFIX = "skerry-tcp-noise-jce-yamux-";

  private final int streams;
  private final LineProcess process;

  ChildTransfer(int streams) throws IOException {
    this.streams = streams;
    List<String> command =
        List.of(
            ProcessHandle.current().info().command().orElse("java"),
            "--enable-native-access=ALL-UNNAMED",
            "-Dlibp2p.libcrypto=off",
            "-cp",
            System.getProperty("java.class.path"),
            ChildTransfer.class.getName(),
            Wire.NOISE.name(),
            Integer.toString(streams));
    process = new LineProcess("the child process", new ProcessBuilder(command));
  }

  /** The process: reads how many bytes to move, and says when they are there. */
  public static void main(String[] arguments) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    try (SkerryTransfer transfer =
        new SkerryTransfer(Wire.valueOf(arguments[0]), Integer.parseInt(arguments[1]))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        transfer.move(Long.parseLong(line));
        System.out.println("moved");
      }
    }
  }

  @Override
  public String variant() {
    return VARIANT_PREFIX + streams;
  }

  @Override
  public void move(long bytes) throws IOException {
    String answer = process.ask(Long.toString(bytes));
    if (!"moved".equals(answer)) {
      throw new IOException("the child process said " + answer);
    }
  }

  @Override
  public double cpuSeconds() {
    return process.cpuSeconds();
  }

  @Override
  public void close() {
    process.close();
  }
}
