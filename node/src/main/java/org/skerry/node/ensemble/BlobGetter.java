package org.skerry.node.ensemble;

import java.io.IOException;
import java.nio.file.Path;
import org.skerry.transfer.BlobId;

/** Brings a blob onto this computer, verified; at once when it is here. */
@FunctionalInterface
public interface BlobGetter {
  /** Blocks until the blob is whole, and says where it is. */
  Path fetch(BlobId id, String title) throws IOException;

  /** As above, for what can be done without: gives up soon, and on more than so many bytes. */
  default Path fetchSmall(BlobId id, String title, long maxBytes) throws IOException {
    return fetch(id, title);
  }
}
