package org.skerry.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * iperf3 over loopback: what the kernel moves between two processes that do nothing else.
 *
 * <p>Each transfer has a server of its own: one that goes on to the next client refuses it as long
 * as it has not seen the last one off.
 */
final class IperfTransfer implements Transfer {
  private static final String PROGRAM = "iperf3";
  private static final String LOOPBACK = "127.0.0.1";

  private final int streams;
  private int port;
  private @Nullable LineProcess server;
  private double cpuSeconds;

  IperfTransfer(int streams) {
    this.streams = streams;
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

  static String variant(int streams) {
    return PROGRAM + "-" + streams;
  }

  @Override
  public String variant() {
    return variant(streams);
  }

  @Override
  public void prepare(long bytes) throws IOException {
    close();
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
      port = free.getLocalPort();
    }
    String at = Integer.toString(port);
    LineProcess started =
        new LineProcess(
            "the iperf3 server",
            new ProcessBuilder(
                PROGRAM, "--server", "--one-off", "--bind", LOOPBACK, "-p", at, "--forceflush"));
    server = started;
    while (!started.answer().startsWith("Server listening")) {
      // a line is drawn above it
    }
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
    client.waitFor();
    JsonNode json = JsonMapper.shared().readTree(report);
    if (json.has("error")) { // which it ends well with, where it writes JSON
      throw new IOException("iperf3: " + json.get("error").asString());
    }
    JsonNode end = json.get("end");
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
    if (server != null) {
      server.close();
    }
  }
}
