package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.skerry.libp2p.multiformats.Cid;

/**
 * The work folder of one unit. Each place that training started from has a folder of its own below
 * it, named by the manifest or {@code fresh}, and the trainer keeps its checkpoints there.
 */
record UnitFolder(Path root) {
  private static final String FRESH = "fresh";
  private static final Pattern CHECKPOINT = Pattern.compile("step-(\\d{12})");

  /** A line of training: where it started, and how far its newest checkpoint is. */
  record Line(Optional<Cid> parent, long step) {}

  Path folderOf(Optional<Cid> parent) {
    return root.resolve(parent.map(Cid::toString).orElse(FRESH));
  }

  /** The line with the newest checkpoint of an earlier life of this node. */
  Optional<Line> furthest() throws IOException {
    Optional<Line> best = Optional.empty();
    if (!Files.isDirectory(root)) {
      return best;
    }
    try (Stream<Path> lines = Files.list(root)) {
      for (Path line : lines.toList()) {
        long step = newestCheckpoint(line.resolve("checkpoints"));
        if (step > best.map(Line::step).orElse(0L)) {
          best = parent(line.getFileName().toString()).map(p -> new Line(p, step));
        }
      }
    }
    return best;
  }

  private static long newestCheckpoint(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> checkpoints = Files.list(folder)) {
      return checkpoints
          .map(path -> CHECKPOINT.matcher(path.getFileName().toString()))
          .filter(Matcher::matches)
          .mapToLong(matcher -> Long.parseLong(matcher.group(1)))
          .max()
          .orElse(0);
    }
  }

  private static Optional<Optional<Cid>> parent(String name) {
    if (name.equals(FRESH)) {
      return Optional.of(Optional.empty());
    }
    try {
      return Optional.of(Optional.of(Cid.parse(name)));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // not a folder of ours
    }
  }
}
