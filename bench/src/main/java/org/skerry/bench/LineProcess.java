package org.skerry.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.time.Duration;

/** A process that is told a line and answers with a line. Its errors go where this one's go. */
final class LineProcess implements AutoCloseable {
  private final String name;
  private final Process process;
  private final BufferedWriter orders;
  private final BufferedReader answers;

  /**
   * @param name for people
   */
  LineProcess(String name, ProcessBuilder command) throws IOException {
    this.name = name;
    process = command.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    orders = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), UTF_8));
    answers = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  /** Says {@code order} and waits for the answer. */
  String ask(String order) throws IOException {
    orders.write(order + "\n");
    orders.flush();
    return answer();
  }

  /** The next answer. */
  String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException(name + " ended; its last words are above");
    }
    return line;
  }

  long pid() {
    return process.pid();
  }

  /** The processor time that it has used, in seconds. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
