package org.skerry.node.daemon;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.NodeException;
import org.skerry.node.task.Units;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches a unit's data for a computer that trains nothing now, one unit at a time, in the
 * background: from then on it serves the data, and can take the unit over without waiting for it.
 * What does not come is left alone until the node starts again. The volunteer's loop begins and
 * ends it; what it keeps may be asked from any thread.
 */
final class Keeping {
  private static final Logger LOG = LoggerFactory.getLogger(Keeping.class);

  private record Place(Cid task, int unit) {}

  private final Blobs blobs;
  private final Set<Place> done = new HashSet<>();
  private Optional<Thread> fetching = Optional.empty();
  private volatile String words = "";

  Keeping(Blobs blobs) {
    this.blobs = blobs;
  }

  /**
   * Fetches what {@code unit} is trained on, unless that was tried or something else is fetched.
   */
  void begin(Task task, Unit unit) {
    if (fetching.filter(Thread::isAlive).isPresent()
        || !done.add(new Place(task.id(), unit.index()))) {
      return;
    }
    String what = Units.nameOf(unit) + " of " + task.name();
    fetching =
        Optional.of(
            Thread.ofVirtual()
                .name("keep-" + Units.nameOf(unit))
                .start(() -> fetch(task, unit, what)));
  }

  private void fetch(Task task, Unit unit, String what) {
    try (Blobs.Hold hold = blobs.hold()) {
      words = "fetching the data of " + what + " to serve it";
      UnitData.fetch(blobs, unit.indexBlob(), List.of(task.publisher()), hold);
      UnitData.fetch(blobs, unit.validationBlob(), List.of(task.publisher()), hold);
      words = "serving the data of " + what;
    } catch (IOException | NodeException e) {
      words = "";
      LOG.info("the data of {} is not kept: {}", what, e.getMessage());
    }
  }

  /** What is kept, in words; empty when nothing is. */
  String words() {
    return words;
  }

  /** Stops fetching, and may begin again with the same unit. */
  void cancel() {
    fetching
        .filter(Thread::isAlive)
        .ifPresent(thread -> {
          thread.interrupt();
          done.clear();
        });
    fetching = Optional.empty();
  }
}
