package org.skerry.node.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;

/**
 * The keys that this node had before the one it has now: what names them by their old id, such as a
 * task's evaluator, is still answered under them.
 */
public record FormerKeys(Path folder) {
  private static final String SUFFIX = ".key";

  /** All of them; each must be readable by the owner only, as the identity is. */
  public List<PrivateKey> all() throws NodeException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<PrivateKey> out = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(SUFFIX)).sorted().toList()) {
        out.add(IdentityFile.load(file));
      }
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(folder, e);
    }
    return out;
  }

  /** The key of {@code peer}, when it is among them. */
  public Optional<PrivateKey> of(PeerId peer) throws NodeException {
    return all().stream().filter(key -> PeerId.of(key.publicKey()).equals(peer)).findFirst();
  }

  /** Keeps {@code key}, durably. */
  public void keep(PrivateKey key) throws NodeException {
    Path file = folder.resolve(PeerId.of(key.publicKey()) + SUFFIX);
    try {
      AtomicFile.writeSecret(file, key.encoded());
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(file, e);
    }
  }
}
