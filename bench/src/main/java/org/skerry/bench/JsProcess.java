package org.skerry.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The js-libp2p peer of the interop tests, driven by a line of JSON at a time. */
final class JsProcess implements AutoCloseable {
  /** Set by {@code bench/run}. */
  private static final Path FOLDER =
      Path.of(System.getProperty("skerry.bench.root", ".."), "interop", "js");

  private static final JsonMapper JSON = JsonMapper.shared();

  private final Process process;
  private final BufferedWriter orders;
  private final BufferedReader answers;
  private final JsonNode ready;

  JsProcess(Map<String, ?> options) throws IOException {
    process =
        new ProcessBuilder("node", "peer.mjs", JSON.writeValueAsString(options))
            .directory(FOLDER.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    orders = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), UTF_8));
    answers = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    ready = answer().get("ready");
  }

  /** Whether its packages are installed ({@code npm ci} in {@code interop/js}). */
  static boolean isInstalled() {
    return Files.isDirectory(FOLDER.resolve("node_modules"));
  }

  String address() {
    return ready.get("addresses").get(0).asString();
  }

  /** Runs a command and waits for its result. */
  JsonNode ask(String command, Map<String, ?> arguments) throws IOException {
    Map<String, Object> line = new LinkedHashMap<>(arguments);
    line.put("id", 1);
    line.put("command", command);
    orders.write(JSON.writeValueAsString(line) + "\n");
    orders.flush();
    JsonNode answer = answer();
    if (answer.has("error")) {
      throw new IOException("js: " + command + ": " + answer.get("error").asString());
    }
    return answer.get("result");
  }

  private JsonNode answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the js peer ended; its last words are above");
    }
    return JSON.readTree(line);
  }

  /** The processor time that it has used, in seconds. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
