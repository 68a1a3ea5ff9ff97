package org.skerry.node.task;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Data sets are large: where the file system can, two folders share the bytes. */
final class SharedFiles {
  private SharedFiles() {}

  /** Makes {@code from} appear at {@code to}, as a link where that can be. */
  static void share(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
    } catch (IOException | UnsupportedOperationException e) { // Another file system, say.
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
