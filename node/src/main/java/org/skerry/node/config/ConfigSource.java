package org.skerry.node.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.node.NodeException;

/**
 * Where a configuration comes from.
 *
 * @param file {@code config.toml}, which need not be there
 * @param environment whose {@code SKERRY_*} win over the file
 */
public record ConfigSource(Path file, Map<String, String> environment) {
  public ConfigSource {
    environment = Map.copyOf(environment);
  }

  /** The configuration of now, which has no mistakes. */
  public NodeConfig load() throws NodeException {
    return ConfigLoader.load(file, environment);
  }

  /** The configuration of now, and what is wrong with it. */
  public ConfigLoader.Loaded check() throws NodeException {
    return ConfigLoader.check(file, environment);
  }

  /**
   * Something that is another whenever {@code file}, or the network file it named, was written.
   *
   * @param networkFile the network file of the configuration that holds
   */
  public Object stamp(Optional<Path> networkFile) {
    List<Object> stamp = new ArrayList<>();
    stamp.add(stamp(file));
    networkFile.ifPresent(path -> stamp.add(stamp(path)));
    return stamp;
  }

  private static Object stamp(Path path) {
    try {
      FileTime time = Files.getLastModifiedTime(path);
      return time + " " + Files.size(path);
    } catch (IOException e) {
      return "none";
    }
  }
}
