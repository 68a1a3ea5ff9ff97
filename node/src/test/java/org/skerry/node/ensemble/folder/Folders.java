package org.skerry.node.ensemble.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.skerry.diffusion.Model;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.transfer.MerkleTree;
import tools.jackson.databind.json.JsonMapper;

/** Folders of ensembles for tests. */
public final class Folders {
  /** The one that comes with the program. */
  public static final Path STARTER = Path.of("..", "starter").toAbsolutePath().normalize();

  private Folders() {}

  /** The installation that has the starter. */
  public static String installation() {
    return Path.of("..").toAbsolutePath().normalize().toString();
  }

  /** A copy of the starter, to be spoilt. */
  public static Path starterIn(Path target) throws IOException {
    try (Stream<Path> files = Files.walk(STARTER)) {
      for (Path file : files.toList()) {
        Path to = target.resolve(STARTER.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to);
        }
      }
    }
    return target;
  }

  /** What is in a folder, by relative path: the hashes of files. */
  public static SortedMap<String, String> content(Path folder) throws IOException {
    SortedMap<String, String> out = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] root = MerkleTree.of(file).head().id().cid().hash().digest();
        out.put(folder.relativize(file).toString(), HexFormat.of().formatHex(root));
      }
    }
    return out;
  }

  /** A part of random weights. */
  static void part(Path folder, Map<String, Object> config, Model model, String weights, long seed)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("config.json"), JsonMapper.shared().writeValueAsString(config));
    new Safetensors(Parameters.initialTensors(model, seed), Map.of())
        .write(folder.resolve(weights));
  }

  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
