package org.skerry.transfer.serve;

import java.util.LinkedHashMap;
import java.util.Map;
import org.skerry.transfer.BlobId;

/**
 * How much of which blob went out from here. While less than two copies did, this node may be one
 * of few that have it. Thread-safe.
 */
final class CopiesGiven {
  private static final int MAX_BLOBS = 4096;
  private static final int COPIES = 2;

  private final Map<BlobId, Long> bytes =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<BlobId, Long> eldest) {
          return size() > MAX_BLOBS;
        }
      };

  synchronized void gave(BlobId blob, int size) {
    bytes.merge(blob, (long) size, Long::sum);
  }

  synchronized boolean isScarce(BlobId blob, long sizeBytes) {
    return bytes.getOrDefault(blob, 0L) < COPIES * sizeBytes;
  }
}
