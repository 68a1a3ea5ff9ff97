package org.skerry.node.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.skerry.libp2p.PeerId;
import org.skerry.node.NodeException;
import org.skerry.node.config.ByteSize;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;

/** The home folder, the key in it and the disk below it. */
final class HomeCheck {
  /** For checkpoints, logs and the database, which the limit does not count. */
  private static final long BESIDE_BLOBS = 1L << 30;

  private HomeCheck() {}

  static List<Finding> findings(SkerryHome home) {
    List<Finding> out = new ArrayList<>();
    out.add(folder(home.root()));
    if (Files.exists(home.identityKey())) {
      out.add(identity(home.identityKey()));
    }
    return out;
  }

  /** How a configuration file that has no mistakes is told of. */
  static String describe(Path config) {
    return Files.exists(config)
        ? config + " has no mistake"
        : "there is no " + config + ": the defaults hold";
  }

  private static Finding folder(Path root) {
    Path existing = existing(root);
    if (!Files.isDirectory(existing)) {
      return Finding.problem(
          "home", existing + " is no folder", "choose another with --home or SKERRY_HOME");
    }
    try {
      // Rights do not tell of a file system that is mounted read-only, nor of a full one.
      Files.delete(Files.createTempFile(existing, ".skerry", ".doctor"));
    } catch (IOException e) {
      return Finding.problem(
          "home",
          "nothing can be written in " + existing + " (" + DiskTrouble.describe(e) + ")",
          DiskTrouble.isFull(e)
              ? "free some space"
              : "correct its rights, or choose another with --home or SKERRY_HOME");
    }
    return Finding.ok(
        "home",
        existing.equals(root)
            ? root + " can be written"
            : root + " does not exist yet: the first command that needs it creates it");
  }

  private static Finding identity(Path key) {
    try {
      return Finding.ok("identity", "peer " + PeerId.of(IdentityFile.load(key).publicKey()));
    } catch (NodeException e) {
      return Finding.of("identity", e);
    }
  }

  /** Whether what the limit promises to others is there. */
  static Finding disk(SkerryHome home, long limitBytes) {
    try {
      long free = Files.getFileStore(existing(home.root())).getUsableSpace();
      return disk(free, sizeOf(home.blobs()), limitBytes);
    } catch (IOException e) {
      return Finding.problem(
          "disk",
          "the space below " + home.root() + " cannot be read (" + DiskTrouble.describe(e) + ")",
          "check the file system");
    }
  }

  static Finding disk(long freeBytes, long usedBytes, long limitBytes) {
    String what =
        "%s free; blobs take %s of limits.disk = %s"
            .formatted(
                ByteSize.format(freeBytes),
                ByteSize.format(usedBytes),
                ByteSize.format(limitBytes));
    if (freeBytes < BESIDE_BLOBS) {
      return Finding.problem(
          "disk", what, "free at least " + ByteSize.format(BESIDE_BLOBS) + " for checkpoints");
    }
    return freeBytes < limitBytes - usedBytes + BESIDE_BLOBS
        ? Finding.warning(
            "disk",
            what + ", which is more than there is",
            "free some space, or lower disk under [limits]")
        : Finding.ok("disk", what);
  }

  private static long sizeOf(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.mapToLong(HomeCheck::size).sum();
    } catch (java.io.UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static long size(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0; // the daemon has just deleted it
    }
  }

  private static Path existing(Path path) {
    Path at = path;
    while (!Files.exists(at) && at.getParent() != null) {
      at = at.getParent();
    }
    return at;
  }
}
