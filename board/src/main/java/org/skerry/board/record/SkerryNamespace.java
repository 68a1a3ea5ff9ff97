package org.skerry.board.record;

import java.util.Optional;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.Task;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.VerificationBudget;
import org.skerry.board.merge.VerifiedEnvelopes;
import org.skerry.dht.record.RecordNamespace;
import org.skerry.dht.record.Rejection;

/**
 * The rules of the keys below {@code /skerry}: see {@link RecordKey}. Safe for any thread. A node
 * makes one for its own lookups and may make others that share memory and counters with it, each
 * with the verification budget of one peer ({@link #within}).
 */
public final class SkerryNamespace implements RecordNamespace {
  /** The first segment of the keys. */
  public static final String NAME = "skerry";

  private final VerifiedEnvelopes verified;
  private final EnvelopeReader reader;
  private final RefusalCounts counts;
  private final EquivocationLog equivocations;

  public SkerryNamespace(
      VerifiedEnvelopes verified, RefusalCounts counts, EquivocationLog equivocations) {
    this(verified, verified.unlimited(), counts, equivocations);
  }

  private SkerryNamespace(
      VerifiedEnvelopes verified,
      EnvelopeReader reader,
      RefusalCounts counts,
      EquivocationLog equivocations) {
    this.verified = verified;
    this.reader = reader;
    this.counts = counts;
    this.equivocations = equivocations;
  }

  /** The same rules, where every signature that is not remembered costs one of {@code budget}. */
  public SkerryNamespace within(VerificationBudget budget) {
    return new SkerryNamespace(verified, verified.within(budget), counts, equivocations);
  }

  @Override
  public Optional<Rejection> validate(byte[] key, byte[] value) {
    try {
      SkerryRecords.validate(RecordKey.parse(key), value, reader);
      return Optional.empty();
    } catch (BoardException e) {
      counts.count(e.refusal());
      return Optional.of(new Rejection(reason(e.refusal()), String.valueOf(e.getMessage())));
    }
  }

  private static Rejection.Reason reason(Refusal refusal) {
    return switch (refusal) {
      case TOO_LARGE -> Rejection.Reason.TOO_LARGE;
      case BUDGET_EXHAUSTED -> Rejection.Reason.RATE_LIMITED;
      default -> Rejection.Reason.INVALID_RECORD;
    };
  }

  @Override
  public byte[] merge(byte[] key, byte[] current, byte[] incoming) {
    // Both were validated, so what is no longer remembered may be checked again without a budget.
    return SkerryRecords.merge(
        RecordKey.parse(key), current, incoming, verified.unlimited(), equivocations);
  }

  @Override
  public int maxValueBytes() {
    return Math.max(Board.MAX_BYTES, Task.MAX_BYTES);
  }
}
