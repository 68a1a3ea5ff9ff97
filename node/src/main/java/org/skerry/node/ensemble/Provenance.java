package org.skerry.node.ensemble;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.skerry.board.BoardException;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Task;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.BoardCodec;
import org.skerry.board.trust.Acceptance;
import org.skerry.board.trust.TaskJudgement;
import org.skerry.transfer.BlobId;

/**
 * The signed documents that spoke for an ensemble when it was pulled: enough to judge its weights
 * again without a network.
 *
 * @param lineage the task and those that it extends
 * @param boards of all units of the task, each from its home, in the order of the units
 */
public record Provenance(Lineage lineage, List<Board> boards) {
  public Provenance {
    boards = List.copyOf(boards);
  }

  public Task task() {
    return lineage.task();
  }

  /** What may lie on this computer beside the weights: sheets of partitions, names of classes. */
  public List<BlobId> extras() {
    return Stream.concat(
            task().manifest().classNames().stream(),
            task().units().stream().flatMap(unit -> unit.contactSheetBlob().stream()))
        .map(BlobId::new)
        .toList();
  }

  /** What the task's policy makes of every manifest, from these documents alone. */
  public TaskJudgement judge() {
    return judge(new RefusalCounts());
  }

  /** As {@link #judge()}, counting what is refused. */
  TaskJudgement judge(RefusalCounts counts) {
    return Acceptance.judge(lineage, boards, counts);
  }

  /** The exact bytes that were signed, as base64. */
  public Encoded encoded() {
    return new Encoded(
        base64(task().encoded()),
        boards.stream().map(board -> base64(board.encoded())).toList(),
        lineage.ancestors().isEmpty()
            ? null
            : lineage.ancestors().stream().map(older -> base64(older.encoded())).toList());
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /**
   * The same as JSON has it.
   *
   * @param task the record of charter and manifest
   * @param boards in the order of the units
   * @param ancestors the records of the tasks that it extends, the newest first; null or empty when
   *     there are none
   */
  public record Encoded(String task, List<String> boards, @Nullable List<String> ancestors) {
    public Encoded {
      boards = List.copyOf(boards);
      ancestors = ancestors == null ? null : List.copyOf(ancestors);
    }

    /**
     * Reads the documents and verifies every signature.
     *
     * @throws IOException when a byte is not what was signed; the message says where
     */
    public Provenance verified() throws IOException {
      String where = "the task";
      try {
        List<Task> versions = new ArrayList<>(List.of(read(task)));
        for (String older : ancestors == null ? List.<String>of() : ancestors) {
          where = "a task that it extends";
          versions.add(read(older));
        }
        Lineage lineage = new Lineage(versions);
        List<Board> read = new ArrayList<>();
        for (int unit = 0; unit < boards.size(); unit++) {
          where = "the board of " + lineage.task().unit(unit).title();
          byte[] bytes = Base64.getDecoder().decode(boards.get(unit));
          read.add(BoardCodec.decode(lineage.home(unit).id(), unit, bytes, EnvelopeReader.ANEW));
        }
        return new Provenance(lineage, read);
      } catch (BoardException | IllegalArgumentException e) {
        throw new IOException(where + " is damaged (" + e.getMessage() + ")", e);
      }
    }

    private static Task read(String record) {
      return Task.decode(Base64.getDecoder().decode(record));
    }
  }
}
