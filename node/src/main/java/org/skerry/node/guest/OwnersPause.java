package org.skerry.node.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.node.home.AtomicFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pause that the owner asked for. It outlives the daemon: who paused yesterday is not surprised
 * by a computer that trains again after a restart. Thread-safe.
 */
public final class OwnersPause implements Condition {
  private static final Logger LOG = LoggerFactory.getLogger(OwnersPause.class);
  private static final String FOR_EVER = "until resumed";

  private final Path file;
  private volatile @Nullable Instant until;

  private OwnersPause(Path file, @Nullable Instant until) {
    this.file = file;
    this.until = until;
  }

  /**
   * @param file that remembers it: the time at which it ends, or that it has no end
   */
  public static OwnersPause open(Path file) {
    try {
      String text = Files.readString(file, StandardCharsets.UTF_8).strip();
      return new OwnersPause(file, text.equals(FOR_EVER) ? Instant.MAX : Instant.parse(text));
    } catch (NoSuchFileException e) {
      return new OwnersPause(file, null);
    } catch (IOException | DateTimeParseException e) {
      LOG.warn("{} cannot be read, so nothing is paused: {}", file, e.getMessage());
      return new OwnersPause(file, null);
    }
  }

  /**
   * @param end when it ends by itself, if ever
   */
  public void begin(Optional<Instant> end) throws IOException {
    until = end.orElse(Instant.MAX);
    AtomicFile.write(
        file, end.map(Instant::toString).orElse(FOR_EVER).getBytes(StandardCharsets.UTF_8));
  }

  /** Ends it. */
  public void end() throws IOException {
    until = null;
    Files.deleteIfExists(file);
  }

  @Override
  public String name() {
    return "pause";
  }

  @Override
  public String wish() {
    return "";
  }

  @Override
  public Answer ask(Instant now) {
    Instant end = until;
    if (end == null || !now.isBefore(end)) {
      return Answer.holds("not paused by you");
    }
    return end.equals(Instant.MAX)
        ? against("paused by you, until `skerry node resume`")
        : against("paused by you", Optional.of(end));
  }
}
