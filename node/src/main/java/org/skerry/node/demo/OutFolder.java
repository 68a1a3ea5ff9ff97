package org.skerry.node.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.DiskTrouble;
import org.skerry.trainer.DurableFiles;

/** The folder a demo writes to: it replaces its own earlier run, and nothing else. */
public final class OutFolder {
  private static final String MARK = ".skerry-demo";

  private OutFolder() {}

  /** Empties {@code folder} when it is a demo's, and makes it when it is missing. */
  public static void prepare(Path folder) throws NodeException {
    try {
      if (Files.exists(folder) && !isEmpty(folder)) {
        if (!Files.exists(folder.resolve(MARK))) {
          throw new NodeException(
              Reason.USAGE,
              folder + " holds files that are not of a demo",
              "name another folder with --out");
        }
        DurableFiles.deleteTree(folder);
      }
      Files.createDirectories(folder.resolve("nodes"));
      Files.write(folder.resolve(MARK), new byte[0]);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(folder, e);
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }
}
