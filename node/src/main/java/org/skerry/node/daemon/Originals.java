package org.skerry.node.daemon;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.WeightManifest;
import org.skerry.dht.storage.Durability;
import org.skerry.dht.storage.KeyValueStore;
import org.skerry.libp2p.multiformats.Cid;

/**
 * Remembers whose tensors an evaluator measured first, by their content: a blob id names bytes, and
 * the same tensors have as many spellings as one likes. It outlives the attestations, which later
 * ones push off the boards. Used by one thread.
 */
record Originals(KeyValueStore store) {
  static final String COLUMN_FAMILY = "originals";

  /**
   * The manifest of another author or another unit whose tensors these are; when there is none,
   * they are this manifest's from now on.
   *
   * @param content names the tensors, however they are spelled
   */
  Optional<Cid> claim(Task task, SignedDocument<WeightManifest> manifest, String content) {
    byte[] key = key(task, content);
    String owner = manifest.signer() + " " + manifest.document().unit();
    Optional<String> known = store.get(key).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    if (known.isEmpty()) {
      byte[] value = (manifest.id() + " " + owner).getBytes(StandardCharsets.UTF_8);
      store.put(key, value, Durability.PROCESS_CRASH);
      return Optional.empty();
    }
    int space = known.get().indexOf(' ');
    return known.get().substring(space + 1).equals(owner)
        ? Optional.empty()
        : Optional.of(Cid.parse(known.get().substring(0, space)));
  }

  private static byte[] key(Task task, String content) {
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    key.writeBytes(task.id().bytes());
    key.writeBytes(content.getBytes(StandardCharsets.UTF_8));
    return key.toByteArray();
  }
}
