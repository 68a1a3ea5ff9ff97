package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.task.ShardIndex;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.fetch.Progress;

/**
 * What an index names, on this computer.
 *
 * @param shards tars by partition in ascending order
 * @param texts what is read of their captions; empty where nothing is
 */
record UnitData(List<List<String>> shards, List<String> texts) {
  UnitData {
    shards = shards.stream().map(List::copyOf).toList();
    texts = List.copyOf(texts);
  }

  /**
   * Brings what {@code index} names onto this computer.
   *
   * @param likely peers that probably have it
   * @param hold keeps it here, from before it comes
   */
  static UnitData fetch(Blobs blobs, Cid index, Collection<PeerId> likely, Blobs.Hold hold)
      throws IOException, NodeException {
    return fetch(blobs, index, likely, hold, new Fetched());
  }

  /**
   * As {@link #fetch(Blobs, Cid, Collection, Blobs.Hold)}.
   *
   * @param fetched hears of every byte that came
   */
  static UnitData fetch(
      Blobs blobs, Cid index, Collection<PeerId> likely, Blobs.Hold hold, Fetched fetched)
      throws IOException, NodeException {
    BlobId blob = new BlobId(index);
    hold.add(blob);
    Gathered gathered = new Gathered();
    ShardIndex read = decode(blobs.read(blob, ShardIndex.MAX_BYTES, likely), blob);
    for (ShardIndex.Shard shard : read.shards()) {
      shard.blobs().forEach(hold::add);
      gathered.add(
          shard.partition(), blobs.fetch(shard.blob(), likely, read.web(), fetched.ofNext()));
      if (shard.texts().isPresent()) {
        BlobId texts = shard.texts().get().blob();
        gathered.addTexts(blobs.fetch(texts, likely, read.web(), fetched.ofNext()));
      }
    }
    return gathered.data();
  }

  /** Counts the bytes of blobs that come one after the other; any thread may read. */
  static final class Fetched {
    private final AtomicLong bytes = new AtomicLong();

    long bytes() {
      return bytes.get();
    }

    /** Listens to one fetch. */
    Progress.Listener ofNext() {
      AtomicLong counted = new AtomicLong();
      return progress ->
          bytes.addAndGet(progress.completed() - counted.getAndSet(progress.completed()));
    }
  }

  /** Collects files as they come. */
  static final class Gathered {
    private final SortedMap<Integer, List<String>> tars = new TreeMap<>();
    private final List<String> texts = new ArrayList<>();

    void add(int partition, Path tar) {
      tars.computeIfAbsent(partition, p -> new ArrayList<>()).add(tar.toString());
    }

    void addTexts(Path table) {
      texts.add(table.toString());
    }

    UnitData data() {
      return new UnitData(List.copyOf(tars.values()), texts);
    }
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
