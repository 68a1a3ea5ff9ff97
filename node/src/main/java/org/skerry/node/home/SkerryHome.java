package org.skerry.node.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;

/** The layout of {@code $SKERRY_HOME}. */
public record SkerryHome(Path root) {
  public SkerryHome {
    root = root.toAbsolutePath().normalize();
  }

  /**
   * The home named on the command line, else {@code SKERRY_HOME}, else {@code
   * $XDG_DATA_HOME/skerry}, else {@code ~/.local/share/skerry}.
   */
  public static SkerryHome find(Optional<Path> named, Map<String, String> environment) {
    if (named.isPresent()) {
      return new SkerryHome(named.get());
    }
    String home = environment.getOrDefault("SKERRY_HOME", "");
    if (!home.isBlank()) {
      return new SkerryHome(Path.of(home));
    }
    String xdg = environment.getOrDefault("XDG_DATA_HOME", "");
    Path data =
        xdg.isBlank()
            ? Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")))
                .resolve(".local/share")
            : Path.of(xdg);
    return new SkerryHome(data.resolve("skerry"));
  }

  public Path identityKey() {
    return root.resolve("identity.key");
  }

  public Path config() {
    return root.resolve("config.toml");
  }

  public Path database() {
    return root.resolve("db");
  }

  public Path blobs() {
    return root.resolve("blobs");
  }

  public Path work() {
    return root.resolve("work");
  }

  /** How fast this computer trains, as it was measured. */
  public Path speeds() {
    return root.resolve("speeds.json");
  }

  /** That the owner paused, and until when. */
  public Path pause() {
    return root.resolve("pause");
  }

  /** Signed task files this node published. */
  public Path tasks() {
    return root.resolve("tasks");
  }

  /** Secrets of published tasks (the evaluators' validation shards). */
  public Path secrets() {
    return root.resolve("secrets");
  }

  /** The note about a pulled ensemble. */
  public Path model(String name) {
    return models().resolve(name + ".json");
  }

  /** The notes about all pulled ensembles. */
  public Path models() {
    return root.resolve("models");
  }

  /** Blobs that were fetched by commands, apart from those that the daemon serves. */
  public Path fetched() {
    return root.resolve("fetched");
  }

  /** The newest sequence of every catalog that a command has seen: nobody rolls one back. */
  public Path seen() {
    return root.resolve("seen.json");
  }

  /** What is believed of publishers' keys: who was followed once is not forgotten. */
  public Path believedKeys() {
    return root.resolve("keys").resolve("believed");
  }

  /** The keys this node had before the one it has now (0600). */
  public Path formerKeys() {
    return root.resolve("keys").resolve("former");
  }

  /** What passed of blobs today and in this month. */
  public Path traffic() {
    return root.resolve("traffic");
  }

  public Path logs() {
    return root.resolve("logs");
  }

  public Path events() {
    return logs().resolve("events.jsonl");
  }

  public Path lock() {
    return root.resolve("daemon.lock");
  }

  /** Where the running daemon wrote its control port and token (0600). */
  public Path control() {
    return root.resolve("control.json");
  }

  /** A note about each running {@code skerry serve} (0600). */
  public Path servers() {
    return root.resolve("servers");
  }

  /** Creates the folders that every command may need, readable by the owner only. */
  public void create() throws NodeException {
    try {
      if (!Files.isDirectory(root)) {
        Files.createDirectories(
            root,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Files.createDirectories(logs());
    } catch (IOException e) {
      throw new NodeException(
          Reason.DISK,
          "cannot create the home folder " + root + " (" + DiskTrouble.describe(e) + ")",
          "choose another with --home or SKERRY_HOME",
          e);
    }
  }
}
