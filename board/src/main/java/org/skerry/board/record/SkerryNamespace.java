package org.skerry.board.record;

import java.util.Optional;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.Task;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.PeerBudgets;
import org.skerry.board.merge.VerifiedEnvelopes;
import org.skerry.dht.record.RecordNamespace;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.record.Sender;

/**
 * The rules of the keys below {@code /skerry}: see {@link RecordKey}. Safe for any thread. Every
 * signature on another peer's record that is not remembered costs one of that peer's budget, and of
 * its origin's.
 */
public final class SkerryNamespace implements RecordNamespace {
  /** The first segment of the keys. */
  public static final String NAME = "skerry";

  private final VerifiedEnvelopes verified;
  private final PeerBudgets budgets;
  private final RefusalCounts counts;
  private final EquivocationLog equivocations;

  public SkerryNamespace(
      VerifiedEnvelopes verified,
      PeerBudgets budgets,
      RefusalCounts counts,
      EquivocationLog equivocations) {
    this.verified = verified;
    this.budgets = budgets;
    this.counts = counts;
    this.equivocations = equivocations;
  }

  @Override
  public Optional<Rejection> validate(Sender from, byte[] key, byte[] value) {
    try {
      SkerryRecords.validate(RecordKey.parse(key), value, reader(from));
      return Optional.empty();
    } catch (BoardException e) {
      counts.count(e.refusal());
      return Optional.of(
          new Rejection(reason(e.refusal()), e.refusal().name(), String.valueOf(e.getMessage())));
    }
  }

  private EnvelopeReader reader(Sender from) {
    return switch (from) {
      case Sender.Self ignored -> verified.unlimited();
      case Sender.Remote remote -> verified.within(budgets.of(remote));
    };
  }

  private static Rejection.Reason reason(Refusal refusal) {
    return switch (refusal) {
      case TOO_LARGE -> Rejection.Reason.TOO_LARGE;
      case BUDGET_EXHAUSTED -> Rejection.Reason.OVER_BUDGET;
      case ORIGIN_BUDGET_EXHAUSTED -> Rejection.Reason.ORIGIN_LIMITED;
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
