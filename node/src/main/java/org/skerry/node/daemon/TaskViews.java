package org.skerry.node.daemon;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.skerry.board.RefusalCounts;
import org.skerry.board.claim.Lease;
import org.skerry.board.claim.LeaseBook;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.board.document.Claim;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Task;
import org.skerry.board.document.TaskManifest;
import org.skerry.board.document.Unit;
import org.skerry.board.merge.Board;
import org.skerry.board.record.BoardClient;
import org.skerry.board.trust.Acceptance;
import org.skerry.board.trust.JudgedManifest;
import org.skerry.board.trust.Judgement;
import org.skerry.board.trust.TaskJudgement;
import org.skerry.board.trust.UnitJudgement;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.control.TaskStatus;
import org.skerry.node.estimate.UnitPlan;
import org.skerry.node.task.Units;

/**
 * Reads tasks' boards and puts them into words for people; remembers when it saw each claim. Safe
 * for any thread.
 */
final class TaskViews {
  private static final int MAX_TASKS = 256;

  private final BoardClient client;
  private final RefusalCounts counts;
  private final Map<Cid, LeaseBook> leases =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Cid, LeaseBook> eldest) {
              return size() > MAX_TASKS;
            }
          });

  TaskViews(BoardClient client, RefusalCounts counts) {
    this.client = client;
    this.counts = counts;
  }

  /** The task as its boards tell it now. */
  TaskStatus of(Task task, long nowMs) {
    Lineage lineage = client.lineage(task);
    List<Board> boards = client.boards(lineage);
    TaskJudgement judged = Acceptance.judge(lineage, boards, counts);
    List<TaskStatus.UnitStatus> units = new ArrayList<>();
    for (Board board : boards) {
      List<TaskStatus.LeaseStatus> claims =
          leases.computeIfAbsent(task.id(), id -> new LeaseBook()).observe(board, nowMs).stream()
              .map(lease -> lease(lease, nowMs))
              .toList();
      units.add(unit(task, task.unit(board.unit()), claims, judged.unit(board.unit())));
    }
    return new TaskStatus(
        task.id().toString(), task.name(), task.publisher().toString(), terms(task), units);
  }

  private static TaskStatus.Terms terms(Task task) {
    TaskManifest manifest = task.manifest();
    AcceptancePolicy policy = task.policy();
    return new TaskStatus.Terms(
        manifest.description(),
        manifest.licence(),
        model(manifest.expertModel()),
        manifest.textEncoder().isPresent()
            ? "texts"
            : manifest.expertModel().classes() > 0 ? "classes" : "nothing",
        manifest.latentCodec().map(codec -> codec.family().wireName()).orElse(""),
        manifest.expertRecipe().steps(),
        manifest.expertRecipe().batchSize(),
        task.redundancy(),
        task.leaseMs(),
        policy.evaluators().stream().map(PeerId::toString).toList(),
        policy.required(),
        manifest.parent().map(Cid::toString).orElse(""),
        task.forkOf().stream().map(Cid::toString).toList());
  }

  private static String model(ModelSpec model) {
    return "%s %dx%dx%d, width %d, depth %d"
        .formatted(
            model.family().wireName(),
            model.imageSize(),
            model.imageSize(),
            model.channels(),
            model.hidden(),
            model.depth());
  }

  private static TaskStatus.UnitStatus unit(
      Task task, Unit unit, List<TaskStatus.LeaseStatus> claims, UnitJudgement judgement) {
    Optional<JudgedManifest> best = judgement.best();
    Optional<UnitPlan> plan = plan(task, unit);
    return new TaskStatus.UnitStatus(
        Units.nameOf(unit),
        unit.samples(),
        plan.map(p -> p.memory().parameters()).orElse(0L),
        plan.map(UnitPlan::weightsBytes).orElse(0L),
        plan.map(UnitPlan::resumeBytes).orElse(0L),
        plan.map(UnitPlan::chunks).orElse(0L),
        plan.map(p -> p.memory().bytes(p.batch())).orElse(0L),
        plan.map(p -> p.memory().bytes(1)).orElse(0L),
        task.manifest().recipeOf(unit).steps(),
        claims.stream()
            .filter(TaskStatus.LeaseStatus::isLive)
            .map(TaskStatus.LeaseStatus::peer)
            .toList(),
        claims,
        judgement.manifests().size(),
        (int) judgement.manifests().stream().filter(JudgedManifest::isAccepted).count(),
        best.map(b -> b.manifest().id().toString()).orElse(""),
        best.map(b -> b.manifest().document().step()).orElse(0L),
        best.map(b -> ((Judgement.Accepted) b.judgement()).secretLoss()).orElse(0.0),
        judgement.isFinished());
  }

  private static TaskStatus.LeaseStatus lease(Lease lease, long nowMs) {
    Claim claim = lease.claim();
    return new TaskStatus.LeaseStatus(
        claim.peer().toString(),
        lease.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
        claim.step(),
        claim.fetchedBytes(),
        claim.samplesPerSecond(),
        claim.device(),
        lease.isLive() ? Math.max(0, lease.endsAtMs() - nowMs) : 0);
  }

  private static Optional<UnitPlan> plan(Task task, Unit unit) {
    try {
      return Optional.of(UnitPlan.of(task.manifest(), unit));
    } catch (IllegalArgumentException | ArithmeticException e) {
      return Optional.empty(); // a network of a later version
    }
  }
}
