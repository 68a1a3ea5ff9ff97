package org.skerry.node.ensemble.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.transfer.BlobId;

/**
 * An ensemble in a folder, looked through but not yet taken.
 *
 * @param blobs its files, the bytes of each as {@code id} says
 * @param remarks what somebody who takes it should hear
 */
record Incoming(PulledEnsemble ensemble, List<Blob> blobs, List<String> remarks) {
  Incoming {
    blobs = List.copyOf(blobs);
    remarks = List.copyOf(remarks);
  }

  /**
   * A file to be kept.
   *
   * @param relative its name in the folder
   */
  record Blob(String relative, Path file, BlobId id) {}

  /** Reads {@code folder}, as far as it can be trusted. */
  static Incoming read(SourceFolder folder) throws IOException {
    return folder.has(Layout.DOCUMENTS) ? SignedFolder.read(folder) : UnsignedFolder.read(folder);
  }
}
