package org.skerry.node.device;

import java.io.IOException;
import java.nio.file.Path;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.ProcessLock;

/**
 * Keeps a GPU to one daemon of this user, and so to one worker: two would share its memory, which
 * neither reckons with.
 */
public final class GpuLock {
  private GpuLock() {}

  /** The folder that all daemons of this user look in, whatever their homes are. */
  public static Path usualFolder() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  /**
   * Takes a GPU.
   *
   * @param device as {@code cuda:0}
   * @throws NodeException when another daemon has it
   */
  public static ProcessLock acquire(String device, Path folder) throws NodeException {
    Path file =
        folder.resolve(
            "skerry-%s-%s.lock"
                .formatted(System.getProperty("user.name"), device.replace(':', '-')));
    try {
      return ProcessLock.tryAcquire(file)
          .orElseThrow(() ->
              new NodeException(
                  Reason.HOME_LOCKED,
                  "another skerry daemon (process %s) trains on %s"
                      .formatted(ProcessLock.owner(file), device),
                  "give this one another GPU with device under [volunteer], or \"cpu\""));
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(file, e);
    }
  }
}
