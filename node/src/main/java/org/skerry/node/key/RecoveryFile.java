package org.skerry.node.key;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.skerry.board.document.KeyRecord;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;

/**
 * A recovery key, with the statement that names it: all that is needed when everything else is
 * gone.
 *
 * @param named what the publisher's key said of it
 */
public record RecoveryFile(PrivateKey key, KeyRecord named) {
  private static final String KEY = "key";
  private static final String STATEMENT = "statement";

  public PeerId peer() {
    return PeerId.of(key.publicKey());
  }

  public void write(Path file) throws NodeException {
    Map<String, byte[]> parts = new TreeMap<>();
    parts.put(KEY, key.encoded());
    parts.put(STATEMENT, named.encoded());
    KeptText.write(
        file,
        List.of(
            "The recovery key of the skerry publisher " + named.key() + ".",
            "Whoever has this decides who succeeds that publisher. Keep it off computers.",
            "When the publisher's key is lost or stolen: skerry keys recover FILE"),
        parts);
  }

  public static RecoveryFile read(Path file) throws NodeException {
    Map<String, byte[]> parts = KeptText.read(file);
    KeyRecord named = KeptText.statements(file, parts, STATEMENT);
    byte[] encoded = parts.get(KEY);
    if (encoded == null) {
      throw KeptText.damaged(file, "it has no line \"key: …\"", Optional.empty());
    }
    RecoveryFile read;
    try {
      read = new RecoveryFile(PrivateKey.decode(encoded), named);
    } catch (IllegalArgumentException e) {
      throw KeptText.damaged(file, "it holds no key", Optional.of(e));
    }
    if (named.recoveries().stream().noneMatch(n -> n.document().recovery().equals(read.peer()))) {
      throw KeptText.damaged(file, "its statement names another key", Optional.empty());
    }
    return read;
  }
}
