package org.skerry.node.estimate;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.skerry.node.home.AtomicFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The speeds that were found out, kept in a small file. Thread-safe. */
public final class SpeedBook {
  private static final Logger LOG = LoggerFactory.getLogger(SpeedBook.class);
  private static final int MOST = 200;
  private static final long MAX_FILE_BYTES = 1 << 20;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path file;

  @GuardedBy("this")
  private final TreeMap<String, Speed> speeds = new TreeMap<>();

  private SpeedBook(Path file) {
    this.file = file;
  }

  /** Opens a book; one that cannot be read starts afresh, for everything in it can be measured. */
  public static SpeedBook open(Path file) {
    SpeedBook book = new SpeedBook(file);
    try {
      if (Files.exists(file) && Files.size(file) <= MAX_FILE_BYTES) {
        book.load(JSON.readValue(Files.readAllBytes(file), new TypeReference<>() {}));
      }
    } catch (IOException | JacksonException e) {
      LOG.warn("{} cannot be read and starts afresh: {}", file, e.getMessage());
    }
    return book;
  }

  private synchronized void load(Map<String, @Nullable Speed> kept) {
    kept.forEach((key, speed) -> {
      if (speed != null) {
        speeds.put(key, speed);
      }
    });
  }

  /** Everything that is known, by what it is about. */
  public synchronized Map<String, Speed> all() {
    return Map.copyOf(speeds);
  }

  public synchronized Optional<Speed> find(String key) {
    return Optional.ofNullable(speeds.get(key));
  }

  /** Takes a speed in; the oldest leave when there are too many. */
  public synchronized void put(String key, Speed speed) {
    speeds.put(key, speed);
    while (speeds.size() > MOST) {
      speeds.entrySet().stream()
          .min(Comparator.comparingLong(entry -> entry.getValue().atMs()))
          .ifPresent(oldest -> speeds.remove(oldest.getKey()));
    }
    try {
      AtomicFile.write(file, JSON.writeValueAsBytes(speeds));
    } catch (IOException e) {
      LOG.warn("{} cannot be written: {}", file, e.getMessage());
    }
  }
}
