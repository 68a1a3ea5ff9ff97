package org.skerry.node.traffic;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.function.UnaryOperator;
import org.skerry.node.home.AtomicFile;
import org.skerry.transfer.limit.Quota;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What passed in one direction, in a file that the daemon and commands of one home share. A file
 * that cannot be read or written costs the owner his count, not the transfer: what passes from then
 * on is counted in memory.
 */
final class TrafficFile implements Quota.Books {
  private static final Logger LOG = LoggerFactory.getLogger(TrafficFile.class);
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path file;
  private Quota.Used known = Quota.Used.NOTHING;

  /** The file's words. */
  private record Line(String day, long bytesOfDay, long bytesOfMonth) {}

  TrafficFile(Path file) {
    this.file = file;
  }

  @Override
  public synchronized Quota.Used update(UnaryOperator<Quota.Used> change) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Path lock = file.resolveSibling(file.getFileName() + ".lock");
      try (FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.lock(); // Ends with the channel.
        Quota.Used before = read();
        known = change.apply(before);
        if (!known.equals(before)) {
          AtomicFile.write(
              file,
              JSON.writeValueAsBytes(
                  new Line(known.day().toString(), known.inDay(), known.inMonth())));
        }
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be kept: {}", file, e.getMessage());
      known = change.apply(known);
    }
    return known;
  }

  private Quota.Used read() throws IOException {
    try {
      Line line = JSON.readValue(Files.readAllBytes(file), Line.class);
      return new Quota.Used(
          LocalDate.parse(line.day()),
          Math.max(0, line.bytesOfDay()),
          Math.max(0, line.bytesOfMonth()));
    } catch (NoSuchFileException e) {
      return Quota.Used.NOTHING;
    } catch (JacksonException | java.time.DateTimeException e) {
      LOG.warn("{} is damaged, and counting begins anew: {}", file, e.getMessage());
      return known;
    }
  }
}
