package org.skerry.node.daemon;

import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.skerry.board.BoardException;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.merge.Board;
import org.skerry.board.trust.Acceptance;
import org.skerry.board.trust.JudgedManifest;
import org.skerry.board.trust.Judgement;
import org.skerry.board.trust.TaskJudgement;
import org.skerry.board.trust.UnitJudgement;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.transfer.BlobId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes weights that nobody needs any more: replaced by newer ones, refused, or withdrawn. What a
 * board still shows, the best accepted manifest and the newest accepted one of a unit stay, and so
 * does everything of a task whose boards cannot be read now. Used by one thread.
 */
final class Pruner {
  private static final Logger LOG = LoggerFactory.getLogger(Pruner.class);

  private final PeerStack stack;
  private final WeightsJournal journal;
  private final Supplier<List<Task>> tasks;
  private final InstantSource clock;
  private final long graceMs;

  /** Since when a blob is of no use. */
  private final Map<BlobId, Long> uselessSinceMs = new HashMap<>();

  /**
   * @param graceMs how long somebody who read a board earlier may still come for its weights
   */
  Pruner(
      PeerStack stack,
      WeightsJournal journal,
      Supplier<List<Task>> tasks,
      InstantSource clock,
      long graceMs) {
    this.stack = stack;
    this.journal = journal;
    this.tasks = tasks;
    this.clock = clock;
    this.graceMs = graceMs;
  }

  /** Deletes what has been of no use for long enough. */
  void prune() {
    Map<BlobId, Cid> noted = journal.all();
    uselessSinceMs.keySet().retainAll(noted.keySet());
    if (noted.isEmpty()) {
      return;
    }
    for (Task task : tasks.get()) {
      Set<BlobId> ofTask = new HashSet<>(noted.keySet());
      ofTask.removeIf(blob -> !task.id().equals(noted.get(blob)));
      if (ofTask.isEmpty()) {
        continue;
      }
      try {
        prune(ofTask, wanted(task));
      } catch (BoardException e) {
        LOG.info("nothing of {} is pruned: {}", task.name(), e.getMessage());
      }
    }
  }

  private void prune(Set<BlobId> blobs, Set<BlobId> wanted) {
    long now = clock.millis();
    for (BlobId blob : blobs) {
      if (wanted.contains(blob)) {
        uselessSinceMs.remove(blob);
      } else if (now - uselessSinceMs.computeIfAbsent(blob, b -> now) >= graceMs) {
        drop(blob);
      }
    }
  }

  private void drop(BlobId blob) {
    try {
      stack.blobs().drop(blob);
      journal.remove(blob);
      LOG.info("weights {} are of no use any more: deleted", blob);
    } catch (IOException e) {
      LOG.warn("weights {} could not be deleted: {}", blob, e.getMessage());
    }
  }

  private Set<BlobId> wanted(Task task) {
    List<Board> boards = stack.boards().boards(task);
    // Judged for this alone: the counts are kept by those who decide something.
    TaskJudgement judged = Acceptance.judge(task.charter(), boards, new RefusalCounts());
    Set<BlobId> wanted = new HashSet<>();
    for (Board board : boards) {
      UnitJudgement unit = judged.unit(board.unit());
      Set<Cid> shown = new HashSet<>();
      board.manifests().stream().map(SignedDocument::id).forEach(shown::add);
      unit.manifests().stream()
          .filter(m -> shown.contains(m.manifest().id()))
          .filter(m -> !(m.judgement() instanceof Judgement.Refused))
          .forEach(m -> add(m, wanted));
      unit.best().ifPresent(m -> add(m, wanted));
      unit.newestAccepted().ifPresent(m -> add(m, wanted));
    }
    return wanted;
  }

  private static void add(JudgedManifest judged, Set<BlobId> wanted) {
    WeightManifest manifest = judged.manifest().document();
    wanted.add(new BlobId(manifest.weights()));
    manifest.bfloat16().map(BlobId::new).ifPresent(wanted::add);
    manifest.resume().map(BlobId::new).ifPresent(wanted::add);
  }
}
