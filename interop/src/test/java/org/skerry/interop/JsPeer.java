package org.skerry.interop;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A js-libp2p peer in a process of its own, driven by the lines that {@code js/peer.mjs} knows. */
final class JsPeer implements AutoCloseable {
  static final Path FOLDER = Path.of("js");

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(120);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The peer answered a command with an error. */
  static final class JsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JsException(String message) {
      super(message);
    }
  }

  private final Process process;
  private final File errors;
  private final BufferedWriter in;
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final CompletableFuture<JsonNode> ready = new CompletableFuture<>();
  private final AtomicInteger commands = new AtomicInteger();

  private JsPeer(Process process, File errors) {
    this.process = process;
    this.errors = errors;
    this.in = process.outputWriter();
    Thread.ofVirtual().name("js-peer-reader").start(this::readLines);
  }

  static JsPeer start(Map<String, ?> options) throws IOException {
    return start(FOLDER, options);
  }

  /**
   * @throws IllegalStateException when the packages of {@code folder} are not installed
   */
  static JsPeer start(Path folder, Map<String, ?> options) throws IOException {
    if (!Files.isDirectory(folder.resolve("node_modules"))) {
      throw new IllegalStateException(
          "js-libp2p is not installed: run 'npm ci' in interop/js, then start the tests again");
    }
    File errors = File.createTempFile("js-peer", ".log");
    errors.deleteOnExit();
    ProcessBuilder builder =
        new ProcessBuilder("node", "peer.mjs", JSON.writeValueAsString(options))
            .directory(folder.toFile())
            .redirectError(errors);
    JsPeer peer = new JsPeer(builder.start(), errors);
    try {
      peer.await(peer.ready, START_LIMIT, "start");
      return peer;
    } catch (RuntimeException e) {
      peer.close();
      throw e;
    }
  }

  PeerId peerId() {
    return PeerId.parse(ready.join().get("peer").asString());
  }

  /** Where it listens, with {@code /p2p/PEER} at the end. */
  Multiaddr address() {
    return Multiaddr.parse(ready.join().get("addresses").get(0).asString());
  }

  /** Runs a command and waits for its result. */
  JsonNode run(String command, Map<String, ?> arguments) {
    int id = commands.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    Map<String, Object> line = new HashMap<>(arguments);
    line.put("id", id);
    line.put("command", command);
    try {
      synchronized (in) {
        in.write(JSON.writeValueAsString(line));
        in.newLine();
        in.flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("js peer is gone: " + errorText(), e);
    }
    return await(answer, ANSWER_LIMIT, command);
  }

  private JsonNode await(CompletableFuture<JsonNode> answer, Duration limit, String what) {
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new JsException(what + ": no answer within " + limit.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw new JsException(
          what + ": " + (e.getCause() instanceof JsException js ? js.getMessage() : e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JsException(what + ": interrupted");
    }
  }

  private void readLines() {
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        answered(JSON.readTree(line));
      }
    } catch (IOException e) {
      // the process is gone, which the waiting commands learn below
    }
    JsException gone = new JsException("the js peer ended: " + errorText());
    ready.completeExceptionally(gone);
    waiting.values().forEach(answer -> answer.completeExceptionally(gone));
  }

  private void answered(JsonNode line) {
    if (line.has("ready")) {
      ready.complete(line.get("ready"));
      return;
    }
    CompletableFuture<JsonNode> answer = waiting.remove(line.get("id").asInt());
    if (answer != null && line.has("error")) {
      answer.completeExceptionally(new JsException(line.get("error").asString()));
    } else if (answer != null) {
      answer.complete(line.get("result"));
    }
  }

  private String errorText() {
    try {
      return Files.readString(errors.toPath());
    } catch (IOException e) {
      return "(its log cannot be read: " + e + ")";
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
