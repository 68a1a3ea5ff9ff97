package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.task.ShardIndex;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.fetch.Progress;

/** Brings the images that an index names onto this computer. */
final class UnitData {
  private UnitData() {}

  /**
   * The tars of {@code index}, fetched, by partition in ascending order.
   *
   * @param likely peers that probably have them
   */
  static List<List<String>> fetch(Blobs blobs, Cid index, Collection<PeerId> likely)
      throws IOException, NodeException {
    BlobId blob = new BlobId(index);
    byte[] bytes = blobs.read(blob, ShardIndex.MAX_BYTES, likely);
    SortedMap<Integer, List<String>> tars = new TreeMap<>();
    for (ShardIndex.Shard shard : decode(bytes, blob).shards()) {
      Path tar = blobs.fetch(shard.blob(), likely, Progress.Listener.NONE);
      tars.computeIfAbsent(shard.partition(), p -> new ArrayList<>()).add(tar.toString());
    }
    return List.copyOf(tars.values());
  }

  static ShardIndex decode(byte[] bytes, BlobId blob) throws NodeException {
    try {
      return ShardIndex.decode(bytes);
    } catch (IllegalArgumentException e) {
      throw new NodeException(
          Reason.DATA_INVALID,
          "blob " + blob + " is no index of shards (" + e.getMessage() + ")",
          "leave this task alone and tell its publisher",
          e);
    }
  }
}
