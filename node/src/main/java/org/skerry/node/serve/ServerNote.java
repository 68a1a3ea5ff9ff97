package org.skerry.node.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.skerry.node.home.AtomicFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A running server, as it lies in its home for {@code skerry ps} and {@code skerry stop}. The file
 * is 0600, for it has a secret.
 *
 * @param startedMs of the process, in milliseconds since 1970: its id may be another's one day
 * @param models named on its command line; empty for all
 * @param secret with which its status can be read
 */
record ServerNote(long pid, long startedMs, String address, List<String> models, String secret) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** What two processes' clocks may make of one start. */
  private static final Duration TOLERANCE = Duration.ofSeconds(3);

  ServerNote {
    models = List.copyOf(models);
  }

  /** A note on this very process. */
  static ServerNote ofThisProcess(String address, List<String> models, String secret) {
    ProcessHandle self = ProcessHandle.current();
    return new ServerNote(self.pid(), startedMs(self), address, models, secret);
  }

  private static long startedMs(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  /** The process, unless it is over. */
  Optional<ProcessHandle> process() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(found -> Math.abs(startedMs(found) - startedMs) <= TOLERANCE.toMillis());
  }

  Path write(Path folder) throws IOException {
    Path file = folder.resolve(pid + ".json");
    AtomicFile.writeSecret(file, JSON.writeValueAsBytes(this));
    return file;
  }

  static ServerNote read(Path file) throws IOException {
    try {
      return JSON.readValue(Files.readAllBytes(file), ServerNote.class);
    } catch (JacksonException e) {
      throw new IOException(file + " is damaged; delete it", e);
    }
  }

  @Override
  public String toString() {
    return "ServerNote[pid=" + pid + ", address=" + address + "]";
  }
}
