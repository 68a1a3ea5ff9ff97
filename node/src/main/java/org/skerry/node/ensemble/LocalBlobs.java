package org.skerry.node.ensemble;

import java.io.IOException;
import java.nio.file.Path;
import org.skerry.transfer.BlobId;

/** Where whole and verified blobs lie on this computer. */
@FunctionalInterface
public interface LocalBlobs {
  /** The file of a blob; fails when it is not here. */
  Path path(BlobId id) throws IOException;
}
