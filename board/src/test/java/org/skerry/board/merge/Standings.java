package org.skerry.board.merge;

import java.util.Optional;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.Claim;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Verdict;
import org.skerry.libp2p.crypto.PrivateKey;

/** Claims that carry an evaluator's word about their author's weights. */
public final class Standings {
  private Standings() {}

  /** That {@code evaluator} accepted weights of {@code author} at {@code acceptedAtMs}. */
  public static SignedDocument<Attestation> accepted(
      PrivateKey author, Task task, int unit, PrivateKey evaluator, long acceptedAtMs) {
    return SignedDocument.seal(
        evaluator,
        Samples.attestation(
            evaluator,
            acceptedAtMs,
            SignedDocument.seal(
                author,
                Samples.weights(author, task.id(), unit, acceptedAtMs, "of " + acceptedAtMs)),
            Samples.good(0.4),
            Verdict.ACCEPTED));
  }

  /** A claim whose author's weights {@code evaluator} accepted at {@code acceptedAtMs}. */
  public static SignedDocument<Claim> claim(
      PrivateKey author,
      Task task,
      int unit,
      long sequence,
      PrivateKey evaluator,
      long acceptedAtMs) {
    return with(
        author, task, unit, sequence, accepted(author, task, unit, evaluator, acceptedAtMs));
  }

  /** A claim of {@code author} that carries whatever {@code standing} says. */
  public static SignedDocument<Claim> with(
      PrivateKey author, Task task, int unit, long sequence, SignedDocument<Attestation> standing) {
    Claim plain = Samples.claim(author, task.id(), unit, sequence);
    return SignedDocument.seal(
        author,
        new Claim(
            plain.task(),
            plain.unit(),
            plain.peer(),
            plain.sequence(),
            plain.claimedAtMs(),
            plain.issuedAtMs(),
            plain.leaseMs(),
            plain.device(),
            plain.samplesPerSecond(),
            plain.step(),
            0,
            Optional.empty(),
            Optional.of(standing),
            Optional.of(
                SignedDocument.seal(
                    author,
                    Samples.weights(author, task.id(), unit, sequence, "at " + sequence)))));
  }
}
