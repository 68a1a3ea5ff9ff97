package org.skerry.node.key;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.board.document.KeyRecord;
import org.skerry.node.NodeException;

/** A revocation that was signed beforehand, and is kept until it is needed. */
public record RevocationFile(KeyRecord statements) {
  private static final String STATEMENT = "statement";

  public void write(Path file) throws NodeException {
    KeptText.write(
        file,
        List.of(
            "A revocation of the skerry publisher " + statements.key() + ".",
            "Whoever publishes it ends that key for good; it gives nobody any other power.",
            "When the key is stolen: skerry keys publish FILE"),
        Map.of(STATEMENT, statements.encoded()));
  }

  public static RevocationFile read(Path file) throws NodeException {
    KeyRecord statements = KeptText.statements(file, KeptText.read(file), STATEMENT);
    if (statements.revocations().isEmpty()) {
      throw KeptText.damaged(file, "it revokes nothing", Optional.empty());
    }
    return new RevocationFile(statements);
  }
}
