package org.skerry.node.daemon;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.skerry.board.document.WeightManifest;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.safetensors.SafetensorsException;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.transfer.BlobId;

/**
 * Weights rounded to bfloat16, for who wants half the bytes. Their author names them, and whoever
 * has the weights makes the same bytes: so an evaluator need not believe it, nor fetch them.
 *
 * @param folder for files on their way into the store
 */
record RoundedWeights(PeerStack stack, Path folder) {
  /**
   * Rounds a file of weights, and serves what comes out.
   *
   * @throws SafetensorsException when the file is no safetensors
   */
  BlobId add(Path weights, Cid task) throws IOException {
    Path rounded = Files.createTempFile(Files.createDirectories(folder), "bfloat16-", ".part");
    try {
      try (Arena arena = Arena.ofConfined()) {
        Safetensors.map(weights, arena).writeBfloat16(rounded);
      }
      BlobId blob = stack.blobs().add(rounded);
      stack.noteWeights(blob, task);
      return blob;
    } finally {
      Files.deleteIfExists(rounded);
    }
  }

  /** Whether the rounded weights that {@code manifest} names are its weights, which are here. */
  boolean areAsNamed(WeightManifest manifest) throws IOException {
    if (manifest.bfloat16().isEmpty()) {
      return true;
    }
    Path weights = stack.blobs().store().path(new BlobId(manifest.weights()));
    try {
      return add(weights, manifest.task()).cid().equals(manifest.bfloat16().get());
    } catch (SafetensorsException e) {
      return false;
    }
  }
}
