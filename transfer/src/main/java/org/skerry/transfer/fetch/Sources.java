package org.skerry.transfer.fetch;

import java.io.IOException;
import java.util.List;
import org.skerry.libp2p.PeerId;
import org.skerry.transfer.BlobId;

/** Finds peers that have a blob; asked again and again while it is being fetched. */
@FunctionalInterface
public interface Sources {
  /**
   * Peers that may have it, whose addresses the host knows by the time this returns. May block;
   * runs on a virtual thread. A failure counts as having found nobody.
   */
  List<PeerId> find(BlobId blob) throws IOException;
}
