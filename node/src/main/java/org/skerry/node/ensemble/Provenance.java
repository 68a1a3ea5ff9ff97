package org.skerry.node.ensemble;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.skerry.board.BoardException;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.EnvelopeReader;
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
 * @param boards of all units of the task, in the order of the units
 */
public record Provenance(Task task, List<Board> boards) {
  public Provenance {
    boards = List.copyOf(boards);
  }

  /** What may lie on this computer beside the weights: sheets of partitions, names of classes. */
  public List<BlobId> extras() {
    return Stream.concat(
            task.manifest().classNames().stream(),
            task.units().stream().flatMap(unit -> unit.contactSheetBlob().stream()))
        .map(BlobId::new)
        .toList();
  }

  /** What the task's policy makes of every manifest, from these documents alone. */
  public TaskJudgement judge() {
    return judge(new RefusalCounts());
  }

  /** As {@link #judge()}, counting what is refused. */
  TaskJudgement judge(RefusalCounts counts) {
    return Acceptance.judge(task.charter(), boards, counts);
  }

  /** The exact bytes that were signed, as base64. */
  public Encoded encoded() {
    return new Encoded(
        base64(task.encoded()), boards.stream().map(board -> base64(board.encoded())).toList());
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /**
   * The same as JSON has it.
   *
   * @param task the record of charter and manifest
   * @param boards in the order of the units
   */
  public record Encoded(String task, List<String> boards) {
    public Encoded {
      boards = List.copyOf(boards);
    }

    /**
     * Reads the documents and verifies every signature.
     *
     * @throws IOException when a byte is not what was signed; the message says where
     */
    public Provenance verified() throws IOException {
      String where = "the task";
      try {
        Task opened = Task.decode(Base64.getDecoder().decode(task));
        List<Board> read = new ArrayList<>();
        for (int unit = 0; unit < boards.size(); unit++) {
          where = "the board of " + opened.unit(unit).title();
          byte[] bytes = Base64.getDecoder().decode(boards.get(unit));
          read.add(BoardCodec.decode(opened.id(), unit, bytes, EnvelopeReader.ANEW));
        }
        return new Provenance(opened, read);
      } catch (BoardException | IllegalArgumentException e) {
        throw new IOException(where + " is damaged (" + e.getMessage() + ")", e);
      }
    }
  }
}
