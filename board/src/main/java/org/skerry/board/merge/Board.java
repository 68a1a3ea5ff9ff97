package org.skerry.board.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.DagCbor;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.Claim;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.TaskCharter;
import org.skerry.board.document.UnitDocument;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.document.Withdrawal;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/**
 * What is known about one unit of a task: a state-based CRDT of bounded size. Immutable. Any peers
 * that saw the same documents, in any order and however often, hold the same bytes.
 *
 * <p>A board carries its task's charter, whose id is the task's: so it explains itself to a peer
 * that never heard of the task, and nobody needs to look anything up to merge it. Nothing here
 * expires: whether a claim is live is for its reader to say.
 */
public final class Board {
  /** The largest record; the quotas are chosen so that a full board fits. */
  public static final int MAX_BYTES = 64 * 1024;

  private final SignedDocument<TaskCharter> charter;
  private final int unit;
  private final BoardRules rules;
  private final Shelf<Claim> claims;
  private final Shelf<WeightManifest> manifests;
  private final Shelf<Attestation> attestations;
  private final Shelf<Withdrawal> withdrawals;

  Board(
      SignedDocument<TaskCharter> charter,
      int unit,
      BoardRules rules,
      Shelf<Claim> claims,
      Shelf<WeightManifest> manifests,
      Shelf<Attestation> attestations,
      Shelf<Withdrawal> withdrawals) {
    this.charter = charter;
    this.unit = unit;
    this.rules = rules;
    this.claims = claims;
    this.manifests = manifests;
    this.attestations = attestations;
    this.withdrawals = withdrawals;
  }

  /**
   * The board on which nothing stands yet.
   *
   * @throws BoardException when the task has no such unit
   */
  public static Board empty(SignedDocument<TaskCharter> charter, int unit) {
    BoardRules rules = new BoardRules(charter, unit);
    return new Board(
        charter,
        unit,
        rules,
        Shelf.empty(rules::claimKey, rules::claimQuota),
        Shelf.empty(rules::manifestKey, rules::manifestQuota),
        Shelf.empty(rules::attestationKey, rules::attestationQuota),
        Shelf.empty(rules::withdrawalKey, rules::withdrawalQuota));
  }

  /**
   * This board with one more document, which may lose its slot at once to those that rank before
   * it.
   *
   * @throws BoardException when the document belongs on another board
   */
  @SuppressWarnings("unchecked") // each case has looked at the document's type
  public Board with(SignedDocument<? extends UnitDocument> signed) {
    rules.requireAdmissible(signed);
    return switch (signed.document()) {
      case Claim ignored ->
          copy(claims.with((SignedDocument<Claim>) signed), manifests, attestations, withdrawals);
      case WeightManifest ignored ->
          copy(
              claims,
              manifests.with((SignedDocument<WeightManifest>) signed),
              attestations,
              withdrawals);
      case Attestation ignored ->
          copy(
              claims,
              manifests,
              attestations.with((SignedDocument<Attestation>) signed),
              withdrawals);
      case Withdrawal ignored ->
          copy(
              claims,
              manifests,
              attestations,
              withdrawals.with((SignedDocument<Withdrawal>) signed));
    };
  }

  /**
   * This board as it reads for who no longer believes {@code named}, an evaluator or the publisher:
   * without what they accepted, refused and took back. Not to be put where others read it.
   */
  public Board without(PeerId named) {
    return copy(
        claims,
        manifests,
        attestations.where(attestation -> !attestation.evaluator().equals(named)),
        withdrawals.where(withdrawal -> !withdrawal.signer().equals(named)));
  }

  /** The join of both boards, which must be of the same unit. */
  public Board merge(Board other) {
    requireSameUnit(other);
    SignedDocument<TaskCharter> larger =
        Arrays.compareUnsigned(charter.bytes(), other.charter.bytes()) >= 0
            ? charter
            : other.charter;
    return new Board(
        larger,
        unit,
        rules,
        claims.merge(other.claims),
        manifests.merge(other.manifests),
        attestations.merge(other.attestations),
        withdrawals.merge(other.withdrawals));
  }

  /** Where this board and {@code other} prove that somebody signed two things in one breath. */
  public List<Equivocation> equivocations(Board other) {
    requireSameUnit(other);
    List<Equivocation> out = new ArrayList<>();
    claims.forEachEquivocation(other.claims, (a, b) -> out.add(new Equivocation(a, b)));
    manifests.forEachEquivocation(other.manifests, (a, b) -> out.add(new Equivocation(a, b)));
    attestations.forEachEquivocation(other.attestations, (a, b) -> out.add(new Equivocation(a, b)));
    withdrawals.forEachEquivocation(other.withdrawals, (a, b) -> out.add(new Equivocation(a, b)));
    return out;
  }

  private void requireSameUnit(Board other) {
    if (!other.task().equals(task()) || other.unit != unit) {
      throw new BoardException(
          Refusal.WRONG_UNIT,
          "board " + other.task() + "/" + other.unit + " is not " + task() + "/" + unit);
    }
  }

  private Board copy(
      Shelf<Claim> claims,
      Shelf<WeightManifest> manifests,
      Shelf<Attestation> attestations,
      Shelf<Withdrawal> withdrawals) {
    return new Board(charter, unit, rules, claims, manifests, attestations, withdrawals);
  }

  /** Takes what a decoder read, each list in the order in which it was written. */
  Board withAllInOrder(
      List<SignedDocument<Claim>> claims,
      List<SignedDocument<WeightManifest>> manifests,
      List<SignedDocument<Attestation>> attestations,
      List<SignedDocument<Withdrawal>> withdrawals) {
    List.of(claims, manifests, attestations, withdrawals)
        .forEach(list -> list.forEach(rules::requireAdmissible));
    return copy(
        this.claims.withAllInOrder(claims),
        this.manifests.withAllInOrder(manifests),
        this.attestations.withAllInOrder(attestations),
        this.withdrawals.withAllInOrder(withdrawals));
  }

  /** The canonical bytes: equal boards have equal bytes. */
  public byte[] encoded() {
    return DagCbor.encode(BoardCodec.toValue(this));
  }

  public SignedDocument<TaskCharter> charter() {
    return charter;
  }

  public Cid task() {
    return charter.id();
  }

  public int unit() {
    return unit;
  }

  /** The last word of every peer that claimed: one document a peer. */
  public List<SignedDocument<Claim>> claims() {
    Map<PeerId, SignedDocument<Claim>> last = new LinkedHashMap<>();
    for (SignedDocument<Claim> claim : claims.documents()) {
      last.merge(claim.signer(), claim, Shelf::later);
    }
    return List.copyOf(last.values());
  }

  /** Every claim on the board, a peer's with and without standing. */
  List<SignedDocument<Claim>> allClaims() {
    return claims.documents();
  }

  /** The newest weights of every peer that published: by themselves or with a claim's standing. */
  public List<SignedDocument<WeightManifest>> manifests() {
    Map<PeerId, SignedDocument<WeightManifest>> last = new LinkedHashMap<>();
    for (SignedDocument<WeightManifest> manifest : manifests.documents()) {
      last.put(manifest.signer(), manifest);
    }
    for (SignedDocument<Claim> claim : claims.documents()) {
      claim.document().weights().ifPresent(w -> last.merge(w.signer(), w, Shelf::later));
    }
    return List.copyOf(last.values());
  }

  /** Every manifest that stands by itself. */
  List<SignedDocument<WeightManifest>> allManifests() {
    return manifests.documents();
  }

  public List<SignedDocument<Attestation>> attestations() {
    return attestations.documents();
  }

  public List<SignedDocument<Withdrawal>> withdrawals() {
    return withdrawals.documents();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Board that
        && unit == that.unit
        && Arrays.equals(encoded(), that.encoded());
  }

  @Override
  public int hashCode() {
    return 31 * unit + Arrays.hashCode(encoded());
  }

  @Override
  public String toString() {
    return "Board["
        + task()
        + "/"
        + unit
        + ": "
        + claims().size()
        + " claims, "
        + manifests().size()
        + " manifests, "
        + attestations().size()
        + " attestations, "
        + withdrawals().size()
        + " withdrawals]";
  }
}
