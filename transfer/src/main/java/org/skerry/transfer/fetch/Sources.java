package org.skerry.transfer.fetch;

import java.io.IOException;
import java.util.List;
import org.skerry.libp2p.PeerId;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.WebSeed;

/** Finds who has a blob. */
@FunctionalInterface
public interface Sources {
  /**
   * Peers that may have it, whose addresses the host knows by the time this returns; asked again
   * and again while the blob is being fetched. May block; runs on a virtual thread. A failure
   * counts as having found nobody.
   */
  List<PeerId> find(BlobId blob) throws IOException;

  /** Web seeds that may have it. */
  default List<WebSeed> web() {
    return List.of();
  }

  /** These, and web seeds. */
  default Sources with(List<WebSeed> seeds) {
    Sources peers = this;
    return new Sources() {
      @Override
      public List<PeerId> find(BlobId blob) throws IOException {
        return peers.find(blob);
      }

      @Override
      public List<WebSeed> web() {
        return seeds;
      }
    };
  }
}
