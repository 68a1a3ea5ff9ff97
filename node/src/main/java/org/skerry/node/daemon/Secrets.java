package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.board.document.Unit;
import org.skerry.node.NodeException;
import org.skerry.node.task.ShardIndex;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;

/**
 * The held-out shards that only evaluators see before a task's end: files named by their blob id,
 * outside the blob store, so that nothing can serve them.
 */
record Secrets(Path folder) {
  /** Takes in a file whose name says what it is, once that is verified. */
  void add(Path file) throws IOException {
    BlobId id = MerkleTree.of(file).head().id();
    Files.createDirectories(folder);
    Path temporary = folder.resolve("." + id + ".tmp");
    Files.copy(file, temporary, StandardCopyOption.REPLACE_EXISTING);
    Files.move(temporary, folder.resolve(id.toString()), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The secret tars of {@code unit} by partition; empty when this node was not given them. */
  Optional<List<List<String>>> of(Unit unit) throws IOException, NodeException {
    BlobId id = new BlobId(unit.secretHash());
    Path index = folder.resolve(id.toString());
    if (!Files.exists(index)) {
      return Optional.empty();
    }
    SortedMap<Integer, List<String>> tars = new TreeMap<>();
    for (ShardIndex.Shard shard : UnitData.decode(Files.readAllBytes(index), id).shards()) {
      Path tar = folder.resolve(shard.blob().toString());
      if (!Files.exists(tar)) {
        return Optional.empty();
      }
      tars.computeIfAbsent(shard.partition(), p -> new ArrayList<>()).add(tar.toString());
    }
    return Optional.of(List.copyOf(tars.values()));
  }
}
