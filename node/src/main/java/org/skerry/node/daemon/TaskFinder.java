package org.skerry.node.daemon;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.board.BoardException;
import org.skerry.board.document.Catalog;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.record.BoardClient;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the tasks of the publishers whom this node's owner allowed, and of the keys that succeeded
 * theirs. Thread-safe.
 */
public final class TaskFinder {
  private static final Logger LOG = LoggerFactory.getLogger(TaskFinder.class);

  private final BoardClient boards;
  private volatile List<PeerId> publishers;

  public TaskFinder(BoardClient boards, Collection<PeerId> publishers) {
    this.boards = boards;
    this.publishers = List.copyOf(publishers);
  }

  public List<PeerId> publishers() {
    return publishers;
  }

  /** From now on the owner allows these. */
  void allow(Collection<PeerId> newPublishers) {
    publishers = List.copyOf(newPublishers);
  }

  /**
   * The tasks in the catalogs of all allowed publishers that can be read now, each before those
   * that it extends.
   */
  public List<Task> tasks() {
    Map<Cid, Task> found = new LinkedHashMap<>();
    for (PeerId publisher : publishers) {
      Optional<SignedDocument<Catalog>> catalog = catalog(publisher);
      if (catalog.isPresent()) {
        for (Cid id : catalog.get().document().tasks().values()) {
          versions(catalog.get(), id).forEach(version -> found.put(version.id(), version));
        }
      }
    }
    return new ArrayList<>(found.values());
  }

  private Optional<SignedDocument<Catalog>> catalog(PeerId publisher) {
    try {
      return boards.currentCatalog(publisher);
    } catch (BoardException e) {
      LOG.info("no catalog of {}: {}", publisher.shortText(), e.getMessage());
      return Optional.empty();
    }
  }

  private List<Task> versions(SignedDocument<Catalog> catalog, Cid id) {
    try {
      return boards.lineage(boards.offered(catalog, id)).versions();
    } catch (BoardException e) {
      LOG.info("task {} is not to be had: {}", id, e.getMessage());
      return List.of();
    }
  }
}
