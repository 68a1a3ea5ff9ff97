package org.skerry.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** iperf3 over loopback: what the kernel moves between two processes that do nothing else. */
final class IperfTransfer implements Transfer {
  private static final String PROGRAM = "iperf3";
  private static final String LOOPBACK = "127.0.0.1";
  private static final int START_TRIES = 100;

  private final int streams;
  private final int port;
  private final Process server;
  private double cpuSeconds;

  IperfTransfer(int streams) throws IOException, InterruptedException {
    this.streams = streams;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
      port = free.getLocalPort();
    }
    server =
        new ProcessBuilder(PROGRAM, "-s", "-B", LOOPBACK, "-p", Integer.toString(port))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD) // its last words, when it is ended
            .start();
    for (int i = 0; !accepts(); i++) {
      if (i == START_TRIES || !server.isAlive()) {
        throw new IOException("iperf3 does not listen");
      }
      Thread.sleep(20);
    }
  }

  static boolean isInstalled() throws InterruptedException {
    try {
      return new ProcessBuilder(PROGRAM, "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** As the server sees it: a connection of a byte would be an error in its log. */
  private boolean accepts() throws IOException, InterruptedException {
    return new ProcessBuilder(PROGRAM, "-c", LOOPBACK, "-p", Integer.toString(port), "-n", "1K")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  static String variant(int streams) {
    return PROGRAM + "-" + streams;
  }

  @Override
  public String variant() {
    return variant(streams);
  }

  @Override
  public void move(long bytes) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            PROGRAM,
            "-c",
            LOOPBACK,
            "-p",
            Integer.toString(port),
            "-n",
            Long.toString(bytes),
            "-P",
            Integer.toString(streams),
            "-J");
    Process client =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String report = new String(client.getInputStream().readAllBytes(), UTF_8);
    if (client.waitFor() != 0) {
      throw new IOException("iperf3: " + report);
    }
    JsonNode end = JsonMapper.shared().readTree(report).get("end");
    JsonNode share = end.get("cpu_utilization_percent");
    double percent = share.get("host_total").asDouble() + share.get("remote_total").asDouble();
    cpuSeconds += percent / 100 * end.get("sum_sent").get("seconds").asDouble();
  }

  /** As iperf3 itself counts it, for both ends. */
  @Override
  public double cpuSeconds() {
    return cpuSeconds;
  }

  @Override
  public void close() {
    server.destroy();
  }
}
