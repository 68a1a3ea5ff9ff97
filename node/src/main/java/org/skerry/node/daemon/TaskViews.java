package org.skerry.node.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.merge.Board;
import org.skerry.board.record.BoardClient;
import org.skerry.board.trust.Acceptance;
import org.skerry.board.trust.JudgedManifest;
import org.skerry.board.trust.Judgement;
import org.skerry.board.trust.TaskJudgement;
import org.skerry.board.trust.UnitJudgement;
import org.skerry.node.control.TaskStatus;
import org.skerry.node.estimate.UnitPlan;
import org.skerry.node.task.Units;

/** Reads a task's boards and puts them into words for people. */
public final class TaskViews {
  private TaskViews() {}

  /** The task as its boards tell it now. */
  public static TaskStatus of(Task task, BoardClient client, RefusalCounts counts, long nowMs) {
    Lineage lineage = client.lineage(task);
    List<Board> boards = client.boards(lineage);
    TaskJudgement judged = Acceptance.judge(lineage, boards, counts);
    List<TaskStatus.UnitStatus> units = new ArrayList<>();
    for (Board board : boards) {
      units.add(unit(task, task.unit(board.unit()), board, judged.unit(board.unit()), nowMs));
    }
    return new TaskStatus(
        task.id().toString(),
        task.name(),
        task.publisher().toString(),
        task.manifest().description(),
        units);
  }

  private static TaskStatus.UnitStatus unit(
      Task task, Unit unit, Board board, UnitJudgement judgement, long nowMs) {
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
        board.claims().stream()
            .map(SignedDocument::document)
            .filter(claim -> claim.issuedAtMs() + claim.leaseMs() > nowMs)
            .map(claim -> claim.peer().toString())
            .toList(),
        judgement.manifests().size(),
        (int) judgement.manifests().stream().filter(JudgedManifest::isAccepted).count(),
        best.map(b -> b.manifest().id().toString()).orElse(""),
        best.map(b -> b.manifest().document().step()).orElse(0L),
        best.map(b -> ((Judgement.Accepted) b.judgement()).secretLoss()).orElse(0.0));
  }

  private static Optional<UnitPlan> plan(Task task, Unit unit) {
    try {
      return Optional.of(UnitPlan.of(task.manifest(), unit));
    } catch (IllegalArgumentException | ArithmeticException e) {
      return Optional.empty(); // a network of a later version
    }
  }
}
