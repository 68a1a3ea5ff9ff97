package org.skerry.node.home;

import java.io.IOException;
import java.nio.file.Path;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;

/** Holds a home for one daemon. */
public final class HomeLock {
  private HomeLock() {}

  /**
   * Takes {@code home}.
   *
   * @throws NodeException when another daemon has it
   */
  public static ProcessLock acquire(SkerryHome home) throws NodeException {
    Path file = home.lock();
    try {
      return ProcessLock.tryAcquire(file)
          .orElseThrow(() ->
              new NodeException(
                  Reason.HOME_LOCKED,
                  "another skerry daemon (process %s) uses %s"
                      .formatted(ProcessLock.owner(file), home.root()),
                  "stop that one, or give this one a home of its own with --home"));
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(file, e);
    }
  }
}
