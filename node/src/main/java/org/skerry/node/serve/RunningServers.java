package org.skerry.node.serve;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The servers of one home: each leaves a note while it runs. Notes of servers that were killed are
 * swept away whenever somebody looks.
 */
public final class RunningServers {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);

  private final Path folder;

  public RunningServers(SkerryHome home) {
    this.folder = home.servers();
  }

  /**
   * A running server.
   *
   * @param models that it serves; those of its command line while it does not answer
   * @param running requests; null while it does not answer
   * @param queued requests; null while it does not answer
   */
  public record Row(
      long pid,
      String address,
      List<String> models,
      @Nullable Integer running,
      @Nullable Integer queued) {
    public Row {
      models = List.copyOf(models);
    }
  }

  /**
   * Notes that {@code server} runs in this process, until the result is closed.
   *
   * @param models named on its command line
   */
  public Noted note(PictureServer server, List<String> models) throws NodeException {
    notes(ignored -> {}); // leaves no stale ones behind
    ServerNote note = ServerNote.ofThisProcess(server.address(), models, server.ownSecret());
    try {
      Path file = note.write(folder);
      return () -> {
        try {
          Files.deleteIfExists(file);
        } catch (IOException e) {
          throw DiskTrouble.cannotWrite(file, e);
        }
      };
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(folder, e);
    }
  }

  /** Closing it takes the note away. */
  @FunctionalInterface
  public interface Noted extends AutoCloseable {
    @Override
    void close() throws NodeException;
  }

  /**
   * All that run, by process id.
   *
   * @param damaged hears of notes that cannot be read
   */
  public List<Row> rows(Consumer<String> damaged) throws NodeException {
    List<Row> out = new ArrayList<>();
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER_LIMIT).build()) {
      for (ServerNote note : notes(damaged)) {
        out.add(row(client, note));
      }
    }
    return out;
  }

  private List<ServerNote> notes(Consumer<String> damaged) throws NodeException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<ServerNote> out = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".json")).toList()) {
        try {
          ServerNote note = ServerNote.read(file);
          if (note.process().isPresent()) {
            out.add(note);
          } else {
            Files.deleteIfExists(file);
          }
        } catch (IOException e) {
          damaged.accept(String.valueOf(e.getMessage()));
        }
      }
    } catch (IOException e) {
      throw DiskTrouble.cannotRead(folder, e);
    }
    out.sort(java.util.Comparator.comparingLong(ServerNote::pid));
    return out;
  }

  private static Row row(HttpClient client, ServerNote note) {
    return status(client, note)
        .map(status ->
            new Row(
                note.pid(),
                note.address(),
                status.path("models").valueStream().map(JsonNode::asString).toList(),
                status.path("running").asInt(),
                status.path("queued").asInt()))
        .orElseGet(() -> new Row(note.pid(), note.address(), note.models(), null, null));
  }

  /** Empty when it does not answer, or with nonsense. */
  private static Optional<JsonNode> status(HttpClient client, ServerNote note) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(note.address() + "/api/v1/status"))
            .timeout(ANSWER_LIMIT)
            .header("Authorization", "Bearer " + note.secret())
            .build();
    try {
      HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      return answer.statusCode() == 200
          ? Optional.of(JsonMapper.shared().readTree(answer.body()))
          : Optional.empty();
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /**
   * Tells a server to stop, and waits until it has.
   *
   * @param which its process id or address; empty when there is only one
   * @return its address
   */
  public String stop(Optional<String> which, Duration patience)
      throws NodeException, InterruptedException {
    ServerNote note = one(which);
    ProcessHandle process = note.process().orElseThrow(() -> none());
    process.destroy();
    try {
      process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return note.address();
    } catch (TimeoutException | ExecutionException e) {
      throw new NodeException(
          Reason.FAILED,
          "process " + note.pid() + " did not end within " + patience.toSeconds() + " s",
          "end it with `kill -9 " + note.pid() + "`",
          e);
    }
  }

  private ServerNote one(Optional<String> which) throws NodeException {
    List<ServerNote> all = notes(ignored -> {});
    if (all.isEmpty()) {
      throw none();
    }
    List<ServerNote> meant =
        all.stream().filter(note -> which.isEmpty() || isMeant(note, which.get())).toList();
    if (meant.size() == 1) {
      return meant.getFirst();
    }
    List<Long> pids = all.stream().map(ServerNote::pid).toList();
    throw new NodeException(
        Reason.NOT_FOUND,
        which.isEmpty() ? all.size() + " servers run" : "no server is '" + which.get() + "'",
        "name one by its process id: " + pids);
  }

  private static boolean isMeant(ServerNote note, String which) {
    return which.equals(Long.toString(note.pid()))
        || note.address().equals(which)
        || note.address().equals("http://" + which);
  }

  private NodeException none() {
    return new NodeException(
        Reason.NO_DAEMON,
        "no `skerry serve` runs on " + folder.toAbsolutePath().getParent(),
        "name its home with --home, or see `skerry ps`");
  }
}
