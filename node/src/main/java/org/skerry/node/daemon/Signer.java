package org.skerry.node.daemon;

import java.time.InstantSource;
import java.util.Optional;
import java.util.SortedMap;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.AttestationMethod;
import org.skerry.board.document.Catalog;
import org.skerry.board.document.Claim;
import org.skerry.board.document.Measurements;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.document.Withdrawal;
import org.skerry.board.record.Sequences;
import org.skerry.board.trust.Evaluation;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;

/** Signs what this node says, each time under the next sequence. Thread-safe. */
public final class Signer {
  private final PrivateKey key;
  private final PeerId self;
  private final Sequences sequences;
  private final InstantSource clock;

  Signer(PrivateKey key, Sequences sequences, InstantSource clock) {
    this.key = key;
    this.self = PeerId.of(key.publicKey());
    this.sequences = sequences;
    this.clock = clock;
  }

  public PeerId self() {
    return self;
  }

  /** Writes a claim under a sequence that is durable, at a time. */
  interface ClaimDraft {
    Claim at(long sequence, long nowMs);
  }

  /** The claim on {@code unit} that {@code draft} makes. */
  SignedDocument<Claim> claim(Task task, int unit, ClaimDraft draft) {
    return SignedDocument.seal(key, draft.at(next("claim", task, unit), clock.millis()));
  }

  /** What a manifest says besides who and when. */
  record Weights(
      long step,
      long samplesSeen,
      Optional<Cid> parent,
      Cid weights,
      Cid resume,
      double trainLoss,
      double validationLoss,
      String software,
      boolean last) {}

  SignedDocument<WeightManifest> manifest(Task task, int unit, Weights w) {
    return SignedDocument.seal(
        key,
        new WeightManifest(
            task.id(),
            unit,
            self,
            next("manifest", task, unit),
            clock.millis(),
            w.step(),
            w.samplesSeen(),
            w.parent(),
            w.weights(),
            Optional.of(w.resume()),
            w.trainLoss(),
            w.validationLoss(),
            w.software(),
            w.last()));
  }

  /** An attestation whose verdict is the one that {@code measured} comes to. */
  SignedDocument<Attestation> attestation(
      Task task, SignedDocument<WeightManifest> manifest, Measurements measured) {
    return SignedDocument.seal(
        key,
        new Attestation(
            self,
            next("attestation", task, manifest.document().unit()),
            clock.millis(),
            manifest,
            AttestationMethod.LOSS,
            measured,
            Evaluation.verdict(task.policy(), measured)));
  }

  SignedDocument<Catalog> catalog(SortedMap<String, Cid> tasks) {
    return SignedDocument.seal(
        key, new Catalog(self, sequences.next("catalog"), clock.millis(), tasks));
  }

  SignedDocument<Withdrawal> withdrawal(Task task, String reason) {
    return SignedDocument.seal(
        key,
        new Withdrawal(
            task.id(),
            Withdrawal.WHOLE_TASK,
            self,
            sequences.next("withdrawal/" + task.id()),
            clock.millis(),
            Optional.empty(),
            reason));
  }

  private long next(String kind, Task task, int unit) {
    return sequences.next(kind + "/" + task.id() + "/" + unit);
  }
}
