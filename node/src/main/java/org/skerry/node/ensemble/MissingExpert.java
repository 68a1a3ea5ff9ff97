package org.skerry.node.ensemble;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitKind;
import org.skerry.transfer.BlobId;

/**
 * A partition of which an ensemble has no expert: it makes nothing of what is in there.
 *
 * @param title what the task calls the unit
 * @param contactSheet a picture of what is in the partition, where the task has one
 */
public record MissingExpert(int partition, String title, Optional<BlobId> contactSheet) {
  /** Those of {@code ensemble}; partitions are called by number when its documents are damaged. */
  public static List<MissingExpert> of(PulledEnsemble ensemble) {
    List<Integer> missing = ensemble.missing();
    if (missing.isEmpty()) {
      return List.of();
    }
    Optional<Task> task = ensemble.proofIfPresent().flatMap(MissingExpert::task);
    List<MissingExpert> out = new ArrayList<>();
    for (int partition : missing) {
      out.add(
          task.flatMap(known -> unit(known, partition))
              .map(unit ->
                  new MissingExpert(
                      partition, unit.title(), unit.contactSheetBlob().map(BlobId::new)))
              .orElse(
                  new MissingExpert(
                      partition, "expert of partition " + partition, Optional.empty())));
    }
    return out;
  }

  private static Optional<Task> task(Provenance.Encoded proof) {
    try {
      return Optional.of(proof.verified().task());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<Unit> unit(Task task, int partition) {
    return task.units().stream()
        .filter(unit -> unit.kind() == UnitKind.EXPERT && unit.partition() == partition)
        .findFirst();
  }
}
