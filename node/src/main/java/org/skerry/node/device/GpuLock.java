package org.skerry.node.device;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.DiskTrouble;

/**
 * Keeps a GPU to one daemon of this user, and so to one worker: two would share its memory, which
 * neither reckons with. The operating system drops the lock when the process ends.
 */
public final class GpuLock implements AutoCloseable {
  private final FileChannel channel;

  private GpuLock(FileChannel channel) {
    this.channel = channel;
  }

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
  public static GpuLock acquire(String device, Path folder) throws NodeException {
    Path file =
        folder.resolve(
            "skerry-%s-%s.lock"
                .formatted(System.getProperty("user.name"), device.replace(':', '-')));
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locks(channel)) {
        channel.close();
        throw new NodeException(
            Reason.HOME_LOCKED,
            "another skerry daemon trains on " + device,
            "give this one another GPU with device under [volunteer], or \"cpu\"");
      }
      return new GpuLock(channel);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(file, e);
    }
  }

  private static boolean locks(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
