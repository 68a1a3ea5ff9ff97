package org.skerry.node.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.skerry.node.ensemble.LoadedEnsemble;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.generate.Resources;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;

/**
 * The ensemble that was asked for last stays in memory, for whoever asks for it again. Another one,
 * or the same after its note has changed, takes its place. One thread at a time.
 */
final class WarmEnsemble {
  private @Nullable LoadedEnsemble loaded;
  private String key = "";

  /** Hears of an ensemble that had to be loaded. */
  @FunctionalInterface
  interface Loading {
    void loaded(int networks);
  }

  /**
   * The ensemble of a note, which stays this object's.
   *
   * @param blobs folder with the weights, which are hashed when they are loaded
   * @param resources what experts may take
   * @throws IOException when the note or the weights are missing or damaged
   */
  LoadedEnsemble of(Path note, Path blobs, Resources resources, Loading loading)
      throws IOException {
    PulledEnsemble pulled = PulledEnsemble.read(note);
    String wanted = key(note, blobs) + " " + resources;
    LoadedEnsemble present = loaded;
    if (present != null && key.equals(wanted)) {
      return present;
    }
    // There may not be room for two.
    close();
    LoadedEnsemble fresh =
        LoadedEnsemble.open(
            pulled,
            blob -> whole(blobs, blob),
            resources.memoryBytes(),
            resources.deviceMemoryBytes());
    loaded = fresh;
    key = wanted;
    loading.loaded(pulled.members().size());
    return fresh;
  }

  private void close() {
    if (loaded != null) {
      loaded.close();
      loaded = null;
    }
  }

  /** The disk may have changed since the blob was verified. */
  private static Path whole(Path blobs, BlobId blob) throws IOException {
    Path file = blobs.resolve(blob.toString());
    if (!Files.isRegularFile(file) || !MerkleTree.of(file).head().id().equals(blob)) {
      throw new IOException("weights " + file + " are missing or damaged");
    }
    return file;
  }

  private static String key(Path note, Path blobs) throws IOException {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] folder = blobs.toString().getBytes(StandardCharsets.UTF_8);
      sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(folder.length).flip());
      sha256.update(folder);
      return HexFormat.of().formatHex(sha256.digest(Files.readAllBytes(note)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
