package org.skerry.node.daemon;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private final Map<PeerId, PrivateKey> former = new LinkedHashMap<>();
  private final Sequences sequences;
  private final InstantSource clock;

  /**
   * @param former keys that this node had before, under which it is still named
   */
  Signer(PrivateKey key, List<PrivateKey> former, Sequences sequences, InstantSource clock) {
    this.key = key;
    this.self = PeerId.of(key.publicKey());
    former.forEach(old -> this.former.put(PeerId.of(old.publicKey()), old));
    this.sequences = sequences;
    this.clock = clock;
  }

  public PeerId self() {
    return self;
  }

  /** Whether {@code peer} is this node, now or before. */
  boolean isOwn(PeerId peer) {
    return peer.equals(self) || former.containsKey(peer);
  }

  /** Under which name {@code task} has this node as an evaluator, if at all. */
  Optional<PeerId> evaluatorOf(Task task) {
    return task.policy().evaluators().stream().filter(this::isOwn).findFirst();
  }

  /** The key of {@code own}; the present one for anybody else. */
  private PrivateKey keyOf(PeerId own) {
    return former.getOrDefault(own, key);
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
      Optional<Cid> bfloat16,
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
            w.bfloat16(),
            Optional.of(w.resume()),
            w.trainLoss(),
            w.validationLoss(),
            w.software(),
            w.last()));
  }

  /**
   * An attestation whose verdict is the one that {@code measured} comes to, under the name that the
   * task has for this node.
   */
  SignedDocument<Attestation> attestation(
      Task task, SignedDocument<WeightManifest> manifest, Measurements measured) {
    PeerId evaluator = evaluatorOf(task).orElse(self);
    return SignedDocument.seal(
        keyOf(evaluator),
        new Attestation(
            evaluator,
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

  /** Signed by the key that signed the task, if this node has it. */
  SignedDocument<Withdrawal> withdrawal(Task task, String reason) {
    PeerId publisher = isOwn(task.publisher()) ? task.publisher() : self;
    return SignedDocument.seal(
        keyOf(publisher),
        new Withdrawal(
            task.id(),
            Withdrawal.WHOLE_TASK,
            publisher,
            sequences.next("withdrawal/" + task.id()),
            clock.millis(),
            Optional.empty(),
            reason));
  }

  private long next(String kind, Task task, int unit) {
    return sequences.next(kind + "/" + task.id() + "/" + unit);
  }
}
