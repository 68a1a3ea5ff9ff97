package org.skerry.board.merge;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.Claim;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.TaskCharter;
import org.skerry.board.document.UnitDocument;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.document.Withdrawal;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/**
 * Which documents may stand on the board of one unit, where, and how many: functions of the
 * document and of the task's charter alone, so that every peer of the network decides the same.
 */
final class BoardRules {
  /** Slots that every board shares out among the evaluators its task names. */
  private static final int EVALUATOR_SLOTS = 16;

  private static final int RESERVED = 0;
  private static final int OPEN = 1;

  /** Claims of peers whose weights on this unit a named evaluator accepted. */
  private static final int STANDING = 2;

  private final Cid task;
  private final int unit;
  private final TaskCharter charter;

  BoardRules(SignedDocument<TaskCharter> charter, int unit) {
    this.task = charter.id();
    this.unit = unit;
    this.charter = charter.document();
    if (unit < 0 || unit >= this.charter.units()) {
      throw new BoardException(
          Refusal.WRONG_UNIT,
          "task " + task + " has units 0.." + (this.charter.units() - 1) + ", not " + unit);
    }
  }

  /** Refuses what belongs on no board of this unit. */
  void requireAdmissible(SignedDocument<? extends UnitDocument> signed) {
    UnitDocument document = signed.document();
    if (!document.task().equals(task) && !isOfForked(document)) {
      throw new BoardException(
          Refusal.WRONG_TASK, "a document of task " + document.task() + " on a board of " + task);
    }
    if (document.unit() != unit && document.unit() != Withdrawal.WHOLE_TASK) {
      throw new BoardException(
          Refusal.WRONG_UNIT, "a document of unit " + document.unit() + " on the board of " + unit);
    }
    switch (document) {
      case Claim claim -> {
        requireLease(claim);
        if (claim.standing().isPresent()) {
          requireStanding(claim, claim.standing().get().document());
        } else if (signed.sizeBytes() > Claim.MAX_PLAIN_BYTES) {
          throw new BoardException(
              Refusal.TOO_LARGE, "a claim without standing of " + signed.sizeBytes() + " bytes");
        }
      }
      case Withdrawal withdrawal -> requireMayWithdraw(withdrawal);
      case WeightManifest ignored -> {}
      case Attestation ignored -> {}
    }
  }

  /** A fork's own evaluators may accept, on its boards, weights of the task that it forks. */
  private boolean isOfForked(UnitDocument document) {
    return document instanceof Attestation said
        && charter.forkOf().contains(said.task())
        && charter.policy().evaluators().contains(said.evaluator());
  }

  private void requireLease(Claim claim) {
    if (claim.leaseMs() > charter.leaseMs()) {
      throw new BoardException(
          Refusal.LEASE_TOO_LONG,
          "a lease of " + claim.leaseMs() + " ms; the task allows " + charter.leaseMs());
    }
  }

  private void requireStanding(Claim claim, Attestation said) {
    if (isNamed(claim.peer())
        || !charter.policy().evaluators().contains(said.evaluator())
        || said.verdict() != Verdict.ACCEPTED
        || !said.task().equals(task)
        || said.unit() != unit
        || !said.manifest().signer().equals(claim.peer())
        || claim.weights().filter(weights -> !isOfClaim(claim, weights.document())).isPresent()) {
      throw new BoardException(
          Refusal.NO_STANDING,
          "a claim of "
              + claim.peer()
              + " carries no acceptance of its own weights on unit "
              + unit
              + " by an evaluator that the task names");
    }
  }

  private static boolean isOfClaim(Claim claim, WeightManifest weights) {
    return weights.peer().equals(claim.peer())
        && weights.task().equals(claim.task())
        && weights.unit() == claim.unit();
  }

  private void requireMayWithdraw(Withdrawal withdrawal) {
    if (withdrawal.manifest().isEmpty() && !withdrawal.signer().equals(charter.publisher())) {
      throw new BoardException(
          Refusal.NOT_THE_PUBLISHER, withdrawal.signer() + " cannot withdraw the task");
    }
  }

  /** Of those with standing, the peers stay whose last acceptance is the newest. */
  EntryKey claimKey(Claim claim) {
    return claim
        .standing()
        .map(said ->
            EntryKey.owned(
                STANDING, newestFirst(said.document().issuedAtMs()), claim.peer().bytes()))
        .orElseGet(() -> peerKey(claim.peer()));
  }

  private static byte[] newestFirst(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(Long.MAX_VALUE - number).array();
  }

  EntryKey manifestKey(WeightManifest manifest) {
    return peerKey(manifest.peer());
  }

  private EntryKey peerKey(PeerId peer) {
    return EntryKey.of(
        isNamed(peer) ? RESERVED : OPEN, join(Rendezvous.rank(task, unit, peer), peer.bytes()));
  }

  int claimQuota(int group) {
    return switch (group) {
      case RESERVED -> namedPeers();
      case STANDING -> 3;
      default -> 9;
    };
  }

  int manifestQuota(int group) {
    return group == RESERVED ? namedPeers() : 8;
  }

  /**
   * Each named evaluator has groups of its own, one for manifests it accepted and one for those it
   * refused, so that neither another evaluator nor a flood of bad manifests takes its slots. In a
   * group the manifests with the highest sequence stay.
   */
  EntryKey attestationKey(Attestation attestation) {
    SignedDocument<WeightManifest> manifest = attestation.manifest();
    byte[] about = join(manifest.id().bytes(), attestation.evaluator().bytes());
    int evaluator = charter.policy().evaluators().indexOf(attestation.evaluator());
    if (evaluator < 0) {
      byte[] rank = Rendezvous.rank(manifest.id(), unit, attestation.evaluator());
      return EntryKey.of(openAttestations(), join(rank, about));
    }
    int group = 2 * evaluator + (attestation.verdict() == Verdict.ACCEPTED ? 0 : 1);
    return EntryKey.of(group, join(newestFirst(manifest.document().sequence()), about));
  }

  private int openAttestations() {
    return 2 * charter.policy().evaluators().size();
  }

  int attestationQuota(int group) {
    if (group == openAttestations()) {
      return 4;
    }
    int share = EVALUATOR_SLOTS / charter.policy().evaluators().size();
    int refused = Math.max(1, share / 4);
    return group % 2 == 0 ? share - refused : refused;
  }

  /** The publisher's come first, and of those the one that takes the whole task back. */
  EntryKey withdrawalKey(Withdrawal withdrawal) {
    boolean publisher = withdrawal.signer().equals(charter.publisher());
    Cid subject = withdrawal.manifest().orElse(task);
    byte[] about = join(subject.bytes(), withdrawal.signer().bytes());
    if (publisher && withdrawal.manifest().isEmpty()) {
      return EntryKey.of(RESERVED, join(new byte[] {0}, about));
    }
    byte[] rank = Rendezvous.rank(subject, unit, withdrawal.signer());
    return publisher
        ? EntryKey.of(RESERVED, join(new byte[] {1}, rank, about))
        : EntryKey.of(OPEN, join(rank, about));
  }

  int withdrawalQuota(int group) {
    return group == RESERVED ? 2 : 3;
  }

  private boolean isNamed(PeerId peer) {
    return charter.publisher().equals(peer) || charter.policy().evaluators().contains(peer);
  }

  private int namedPeers() {
    return charter.policy().evaluators().size()
        + (charter.policy().evaluators().contains(charter.publisher()) ? 0 : 1);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
