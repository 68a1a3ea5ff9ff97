package org.skerry.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One of the benchmarks' scripts in Debian's Python: a line in, a line of JSON out. */
final class PythonProcess implements AutoCloseable {
  private static final String PYTHON = "/usr/bin/python3";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final LineProcess process;

  /**
   * Starts {@code script}, a resource beside this class.
   *
   * @param folder where it is written to
   */
  PythonProcess(String script, String argument, Map<String, String> environment, Path folder)
      throws IOException {
    Path file = folder.resolve(script);
    try (InputStream in = PythonProcess.class.getResourceAsStream(script)) {
      Files.write(file, Objects.requireNonNull(in).readAllBytes());
    }
    ProcessBuilder builder = new ProcessBuilder(PYTHON, file.toString(), argument);
    builder.environment().putAll(environment);
    process = new LineProcess("the Python process", builder);
  }

  /** What {@code code} prints, where it runs to its end. */
  static Optional<String> output(String code) throws IOException, InterruptedException {
    if (!Files.isExecutable(Path.of(PYTHON))) {
      return Optional.empty();
    }
    Process process =
        new ProcessBuilder(PYTHON, "-c", code)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    return process.waitFor() == 0 ? Optional.of(text) : Optional.empty();
  }

  /** Installs Debian's packages; needs the rights to. */
  static void install(List<String> packages) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("apt-get", "install", "-y", "-q", "--no-install-recommends"));
    command.addAll(packages);
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException("apt-get could not install " + packages + ": it ended with " + code);
    }
  }

  /** Says {@code order} and waits for the answer. */
  JsonNode ask(String order) throws IOException {
    return JSON.readTree(process.ask(order));
  }

  /** The next answer. */
  JsonNode answer() throws IOException {
    return JSON.readTree(process.answer());
  }

  /** The processor time that it has used, in seconds. */
  double cpuSeconds() {
    return process.cpuSeconds();
  }

  @Override
  public void close() {
    process.close();
  }
}
