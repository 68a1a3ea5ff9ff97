package org.skerry.node.control;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Talks to the daemon of one home. */
public final class ControlClient implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(3);
  private static final Duration ANSWER_LIMIT = Duration.ofMinutes(2);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_LIMIT)
          .build();
  private final SkerryHome home;
  private final ControlFile daemon;

  private ControlClient(SkerryHome home, ControlFile daemon) {
    this.home = home;
    this.daemon = daemon;
  }

  /** The client for the daemon of {@code home}. */
  public static ControlClient open(SkerryHome home) throws NodeException {
    Path file = home.control();
    if (!Files.exists(file)) {
      throw noDaemon(home);
    }
    try {
      ControlFile daemon = ControlFile.read(file);
      if (ProcessHandle.of(daemon.process()).isEmpty()) {
        throw noDaemon(home); // it was killed and left its file behind
      }
      return new ControlClient(home, daemon);
    } catch (IOException e) {
      throw new NodeException(
          Reason.FAILED,
          "cannot read " + file + " (" + DiskTrouble.describe(e) + ")",
          "run this as the user who started the daemon, or restart the daemon",
          e);
    }
  }

  private static NodeException noDaemon(SkerryHome home) {
    return new NodeException(
        Reason.NO_DAEMON,
        "no skerry daemon runs on " + home.root(),
        "start one with `skerry node run`, or name its home with --home");
  }

  public NodeStatus status() throws NodeException {
    return JSON.treeToValue(get("status"), NodeStatus.class);
  }

  public List<PeerStatus> peers() throws NodeException {
    return Arrays.asList(JSON.treeToValue(get("peers"), PeerStatus[].class));
  }

  public List<TaskStatus> tasks() throws NodeException {
    return Arrays.asList(JSON.treeToValue(get("tasks"), TaskStatus[].class));
  }

  public NodeStatus pause(Optional<Duration> time) throws NodeException {
    return JSON.treeToValue(post("pause", seconds(time)), NodeStatus.class);
  }

  public NodeStatus resume() throws NodeException {
    return JSON.treeToValue(post("resume", Map.of()), NodeStatus.class);
  }

  public NodeStatus finish(Optional<Duration> time) throws NodeException {
    return JSON.treeToValue(post("finish", seconds(time)), NodeStatus.class);
  }

  private static Map<String, Object> seconds(Optional<Duration> time) {
    return time.<Map<String, Object>>map(t -> Map.of("seconds", t.toSeconds())).orElse(Map.of());
  }

  public TaskStatus publish(Path folder) throws NodeException {
    return JSON.treeToValue(
        post("publish", Map.of("folder", folder.toAbsolutePath().toString())), TaskStatus.class);
  }

  public void withdraw(String task) throws NodeException {
    post("withdraw", Map.of("task", task));
  }

  public void announceKeys() throws NodeException {
    post("keys", Map.of());
  }

  public void stop() throws NodeException {
    post("stop", Map.of());
  }

  private JsonNode get(String call) throws NodeException {
    return send(request(call).GET().build());
  }

  private JsonNode post(String call, Map<String, ?> body) throws NodeException {
    return send(
        request(call)
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
            .build());
  }

  private HttpRequest.Builder request(String call) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + daemon.port() + "/v1/" + call))
        .timeout(ANSWER_LIMIT)
        .header("Authorization", "Bearer " + daemon.token());
  }

  private JsonNode send(HttpRequest request) throws NodeException {
    try {
      HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      JsonNode body = JSON.readTree(response.body());
      if (response.statusCode() != 200) {
        throw refusal(body);
      }
      return body;
    } catch (ConnectException e) {
      throw noDaemon(home);
    } catch (IOException | JacksonException e) {
      throw new NodeException(
          Reason.FAILED,
          "the daemon on " + home.root() + " did not answer",
          "read " + home.logs().resolve("daemon.log"),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeException(Reason.FAILED, "interrupted", "run the command again", e);
    }
  }

  private static NodeException refusal(JsonNode body) {
    String[] words = body.path("error").asString("the daemon refused").split("; ", 2);
    Reason reason;
    try {
      reason = Reason.valueOf(body.path("reason").asString("FAILED"));
    } catch (IllegalArgumentException e) {
      reason = Reason.FAILED; // a newer daemon's reason
    }
    return new NodeException(reason, words[0], words.length > 1 ? words[1] : "read its log");
  }

  @Override
  public void close() {
    http.close();
  }
}
