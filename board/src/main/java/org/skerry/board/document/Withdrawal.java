package org.skerry.board.document;

import java.util.Optional;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/**
 * A publisher takes a task back, or an author a manifest: peers stop serving it. Only the task's
 * publisher can withdraw the task, only its author a manifest; anybody else's is without effect.
 *
 * @param unit the unit of {@code manifest}, or {@link #WHOLE_TASK}
 * @param manifest what is taken back; absent: the whole task
 * @param reason one line for people
 */
public record Withdrawal(
    Cid task,
    int unit,
    PeerId signer,
    long sequence,
    long issuedAtMs,
    Optional<Cid> manifest,
    String reason)
    implements UnitDocument {

  /** The unit of a withdrawal that is about the task; it stands on the boards of all its units. */
  public static final int WHOLE_TASK = -1;

  public static final int MAX_REASON_BYTES = 200;

  public Withdrawal {
    Bounds.document("task", task);
    if (manifest.isPresent()) {
      Bounds.range("unit", unit, 0, TaskCharter.MAX_UNITS - 1);
      Bounds.document("manifest", manifest.get());
    } else {
      Bounds.range("unit of a whole task", unit, WHOLE_TASK, WHOLE_TASK);
    }
    Bounds.count("sequence", sequence);
    Bounds.count("issuedAtMs", issuedAtMs);
    Bounds.line("reason", reason, MAX_REASON_BYTES);
  }

  @Override
  public Value toValue() {
    return FieldWriter.document("withdrawal", signer)
        .link("task", task)
        .integer("unit", unit)
        .integer("sequence", sequence)
        .integer("issuedAtMs", issuedAtMs)
        .link("manifest", manifest)
        .text("reason", reason)
        .end();
  }

  static Withdrawal fromValue(Value value) {
    FieldReader in = FieldReader.ofDocument("withdrawal", value);
    Withdrawal withdrawal =
        new Withdrawal(
            in.link("task"),
            in.smallInteger("unit"),
            in.peer("signer"),
            in.integer("sequence"),
            in.integer("issuedAtMs"),
            in.optionalLink("manifest"),
            in.text("reason"));
    in.end();
    return withdrawal;
  }
}
