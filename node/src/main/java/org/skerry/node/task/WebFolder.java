package org.skerry.node.task;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.skerry.board.document.Unit;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.WebSeed;

/** What a researcher uploads so that a task's shards come from a web server, too. */
public final class WebFolder {
  private WebFolder() {}

  /**
   * Writes the shards of {@code task} and their texts into {@code target}, each with its leaves
   * beside it; of the held-out shards nothing. What is there already stays, so that one folder can
   * serve several versions.
   *
   * @return the blobs
   * @throws IllegalArgumentException when an index of the task is none
   */
  public static Set<BlobId> write(TaskFolder task, Path target) throws IOException {
    Set<BlobId> blobs = new LinkedHashSet<>();
    for (Unit unit : task.task().units()) {
      for (Cid index : List.of(unit.indexBlob(), unit.validationBlob())) {
        Path file = task.blobs().resolve(new BlobId(index).toString());
        ShardIndex.decode(Files.readAllBytes(file)).shards().forEach(s -> blobs.addAll(s.blobs()));
      }
    }
    Files.createDirectories(target);
    for (BlobId blob : blobs) {
      Path from = task.blobs().resolve(blob.toString());
      Path to = target.resolve(blob.toString());
      if (!Files.exists(to)) {
        SharedFiles.share(from, to);
      }
      Files.write(target.resolve(blob + WebSeed.LEAVES_SUFFIX), MerkleTree.of(from).leaves());
    }
    return blobs;
  }
}
