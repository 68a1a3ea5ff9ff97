package org.skerry.node.daemon;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.store.BlobStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes room by deleting data that others can give again, the longest unused first: neither what is
 * pinned (tasks that this node published), nor what is held (data that is being trained or measured
 * on), nor weights, of which {@link Pruner} knows which are of no use. Thread-safe.
 */
final class Evictor implements DiskQuota.Relief {
  private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);

  private final Blobs blobs;
  private final WeightsJournal weights;

  Evictor(Blobs blobs, WeightsJournal weights) {
    this.blobs = blobs;
    this.weights = weights;
  }

  private record Candidate(BlobId blob, long usedAtMs, long sizeBytes) {}

  @Override
  public synchronized boolean makeRoom(long bytes) throws IOException {
    long freed = 0;
    for (Candidate candidate : candidates()) {
      if (freed >= bytes) {
        break;
      }
      blobs.drop(candidate.blob());
      freed += candidate.sizeBytes();
      LOG.info("data {} made room, {} bytes", candidate.blob(), candidate.sizeBytes());
    }
    return freed > 0;
  }

  private List<Candidate> candidates() throws IOException {
    BlobStore store = blobs.store();
    Set<BlobId> noted = weights.all().keySet();
    List<Candidate> candidates = new ArrayList<>();
    for (BlobId blob : store.list()) {
      if (!store.pinned(blob) && !blobs.isHeld(blob) && !noted.contains(blob)) {
        candidates.add(new Candidate(blob, store.usedAtMs(blob), store.size(blob)));
      }
    }
    candidates.sort(Comparator.comparingLong(Candidate::usedAtMs));
    return candidates;
  }
}
