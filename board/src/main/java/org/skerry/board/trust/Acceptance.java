package org.skerry.board.trust;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.TaskCharter;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.document.Withdrawal;
import org.skerry.board.merge.Board;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/**
 * Judges every manifest on the boards of a task. All boards are judged together, because weights
 * can be copied from one unit to another. Of a task that extends others, every board is judged by
 * the charter of its home.
 *
 * <p>For each manifest the newest word of each named evaluator counts, unless it contradicts its
 * own numbers. Accepted by {@code m} of the {@code n} named: a candidate. Refused by so many that
 * {@code m} can no longer be reached: refused, for the fault of the first evaluator that refuses.
 * Anything else is pending. A candidate is still refused when somebody took it back, when its
 * weights were attested earlier for another author or unit, or when its loss is not within epsilon
 * of the unit's best.
 */
public final class Acceptance {
  private final AcceptancePolicy policy;
  private final PeerId publisher;
  private final RefusalCounts counts;
  private final SortedMap<Integer, Map<Cid, Evidence>> units = new TreeMap<>();

  /** Whose the weights blobs are that enough evaluators have measured. */
  private final Map<Cid, Origin> origins;

  private boolean taskWithdrawn;

  private Acceptance(TaskCharter charter, RefusalCounts counts, Map<Cid, Origin> origins) {
    this.policy = charter.policy();
    this.publisher = charter.publisher();
    this.counts = counts;
    this.origins = origins;
  }

  /**
   * Judges the manifests on {@code boards}, which must be of the task whose charter is given.
   *
   * @param counts where refused attestations and manifests are counted, each once
   * @return by unit, each unit's manifests from the oldest to the newest
   */
  public static TaskJudgement judge(
      SignedDocument<TaskCharter> charter, Collection<Board> boards, RefusalCounts counts) {
    for (Board board : boards) {
      requireOf(charter.id(), board);
    }
    return judge(List.of(charter), boards, counts);
  }

  /** As {@link #judge(SignedDocument, Collection, RefusalCounts)}, each board being its home's. */
  public static TaskJudgement judge(
      Lineage lineage, Collection<Board> boards, RefusalCounts counts) {
    for (Board board : boards) {
      requireOf(lineage.home(board.unit()).id(), board);
    }
    return judge(lineage.versions().stream().map(Task::charter).toList(), boards, counts);
  }

  private static void requireOf(Cid task, Board board) {
    if (!board.task().equals(task)) {
      throw new BoardException(
          Refusal.WRONG_TASK, "a board of task " + board.task() + ", not of " + task);
    }
  }

  private static TaskJudgement judge(
      List<SignedDocument<TaskCharter>> charters, Collection<Board> boards, RefusalCounts counts) {
    Map<Cid, Origin> origins = new HashMap<>();
    Map<Cid, Acceptance> homes = new HashMap<>();
    charters.forEach(
        charter -> homes.put(charter.id(), new Acceptance(charter.document(), counts, origins)));
    for (Board board : boards) {
      Objects.requireNonNull(homes.get(board.task())).read(board);
    }
    homes.values().forEach(Acceptance::findOrigins);
    SortedMap<Integer, UnitJudgement> out = new TreeMap<>();
    for (Acceptance home : homes.values()) {
      home.units.forEach((unit, manifests) -> out.put(unit, home.judge(manifests)));
    }
    boolean withdrawn = Objects.requireNonNull(homes.get(charters.getFirst().id())).taskWithdrawn;
    return new TaskJudgement(out, withdrawn);
  }

  private void read(Board board) {
    Map<Cid, Evidence> manifests = units.computeIfAbsent(board.unit(), unit -> new HashMap<>());
    for (SignedDocument<WeightManifest> manifest : board.manifests()) {
      manifests.computeIfAbsent(manifest.id(), id -> new Evidence(manifest));
    }
    for (SignedDocument<Attestation> attestation : board.attestations()) {
      SignedDocument<WeightManifest> manifest = attestation.document().manifest();
      Evidence evidence = manifests.computeIfAbsent(manifest.id(), id -> new Evidence(manifest));
      Optional<Refusal> refusal = Evaluation.refusal(policy, attestation.document());
      refusal.ifPresentOrElse(
          reason -> counts.countOnce(reason, attestation.id()), () -> evidence.hear(attestation));
    }
    for (SignedDocument<Withdrawal> withdrawal : board.withdrawals()) {
      read(withdrawal.document(), manifests);
    }
  }

  private void read(Withdrawal withdrawal, Map<Cid, Evidence> manifests) {
    if (withdrawal.manifest().isEmpty()) {
      taskWithdrawn |= withdrawal.signer().equals(publisher);
      return;
    }
    Evidence evidence = manifests.get(withdrawal.manifest().get());
    if (evidence != null && evidence.manifest.signer().equals(withdrawal.signer())) {
      evidence.withdrawn = true;
    }
  }

  private void findOrigins() {
    for (Map<Cid, Evidence> manifests : units.values()) {
      for (Evidence evidence : manifests.values()) {
        Cid weights = evidence.manifest.document().weights();
        evidence
            .origin(policy.required())
            .ifPresent(origin -> origins.merge(weights, origin, Origin::earlier));
      }
    }
  }

  private UnitJudgement judge(Map<Cid, Evidence> manifests) {
    Map<Evidence, Judgement> first = new HashMap<>();
    double best = Double.POSITIVE_INFINITY;
    for (Evidence evidence : manifests.values()) {
      Judgement judgement = judge(evidence);
      first.put(evidence, judgement);
      if (judgement instanceof Judgement.Accepted accepted) {
        best = Math.min(best, accepted.secretLoss());
      }
    }
    List<JudgedManifest> out = new ArrayList<>();
    for (Map.Entry<Evidence, Judgement> entry : first.entrySet()) {
      Evidence evidence = entry.getKey();
      Judgement judgement = beside(best, entry.getValue());
      if (judgement instanceof Judgement.Refused refused) {
        counts.countOnce(refused.reason(), evidence.manifest.id());
      }
      out.add(new JudgedManifest(evidence.manifest, evidence.words(), judgement));
    }
    out.sort(JudgedManifest.NEWEST_LAST);
    return new UnitJudgement(out);
  }

  private Judgement judge(Evidence evidence) {
    if (taskWithdrawn || evidence.withdrawn) {
      return new Judgement.Refused(Refusal.WITHDRAWN);
    }
    List<Attestation> accepting = evidence.saying(Verdict.ACCEPTED);
    List<Attestation> refusing = evidence.saying(Verdict.REFUSED);
    if (refusing.size() > policy.evaluators().size() - policy.required()) {
      return new Judgement.Refused(
          Evaluation.fault(policy, refusing.getFirst().measured()).orElseThrow());
    }
    Origin origin = origins.get(evidence.manifest.document().weights());
    if (origin != null && !origin.isOf(evidence.manifest.document())) {
      return new Judgement.Refused(Refusal.COPY);
    }
    if (accepting.size() < policy.required()) {
      return new Judgement.Pending(accepting.size(), policy.required());
    }
    long resumable =
        accepting.stream().filter(word -> Evaluation.isResumable(word.measured())).count();
    return new Judgement.Accepted(
        medianSecretLoss(accepting),
        evidence.manifest.document().resume().isPresent() && resumable >= policy.required());
  }

  private Judgement beside(double best, Judgement judgement) {
    return judgement instanceof Judgement.Accepted accepted
            && accepted.secretLoss() > (1 + policy.epsilon()) * best
        ? new Judgement.Refused(Refusal.WORSE_THAN_BEST)
        : judgement;
  }

  /** The lower median: no single evaluator of three moves it by lying. */
  private static double medianSecretLoss(List<Attestation> words) {
    return words.stream()
        .map(word -> word.measured().emaSecretLoss())
        .sorted()
        .toList()
        .get((words.size() - 1) / 2);
  }
}
