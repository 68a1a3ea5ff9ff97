package org.skerry.node.guest;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.skerry.node.config.ByteSize;
import org.skerry.transfer.store.FreeSpace;

/** Training fills the disk with checkpoints: it stops before the owner's own programs cannot. */
record FreeDisk(Path folder, FreeSpace space, long leastBytes) implements Condition {
  @Override
  public String name() {
    return "limits.min-free-disk";
  }

  @Override
  public String wish() {
    return ByteSize.format(leastBytes);
  }

  @Override
  public Answer ask(Instant now) {
    try {
      long free = space.usableBytes(folder);
      String seen = ByteSize.format(free) + " free on the disk of " + folder;
      return free < leastBytes
          ? against("only " + seen + " (limits.min-free-disk is " + wish() + ")")
          : Answer.holds(seen);
    } catch (IOException e) {
      return Answer.holds("unknown: " + e.getMessage());
    }
  }
}
