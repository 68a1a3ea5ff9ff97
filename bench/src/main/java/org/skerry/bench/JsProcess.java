package org.skerry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private final LineProcess process;
  private final JsonNode ready;

  JsProcess(Map<String, ?> options) throws IOException {
    process =
        new LineProcess(
            "the js peer",
            new ProcessBuilder("node", "peer.mjs", JSON.writeValueAsString(options))
                .directory(FOLDER.toFile()));
    ready = JSON.readTree(process.answer()).get("ready");
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
    JsonNode answer = JSON.readTree(process.ask(JSON.writeValueAsString(line)));
    if (answer.has("error")) {
      throw new IOException("js: " + command + ": " + answer.get("error").asString());
    }
    return answer.get("result");
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
