package org.skerry.node.daemon;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.skerry.board.BoardException;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Measurements;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.merge.Board;
import org.skerry.board.trust.Acceptance;
import org.skerry.board.trust.Evaluation;
import org.skerry.board.trust.Judgement;
import org.skerry.board.trust.TaskJudgement;
import org.skerry.board.trust.UnitJudgement;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;
import org.skerry.node.task.Networks;
import org.skerry.node.task.Units;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the manifests of the tasks that name this node as an evaluator, and signs what came out.
 * {@link #run} has a virtual thread of its own.
 */
final class EvaluatorLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(EvaluatorLoop.class);
  private static final long ROUND_MS = 2_000;
  private static final long REST_MS = 20_000;
  private static final int MAX_SPOKEN = 65_536;
  private static final long BLOB_HEADROOM_BYTES = 1 << 20;

  private final PeerStack stack;
  private final Supplier<List<Task>> tasks;
  private final Meter meter;
  private final InstantSource clock;
  private final EventSink events;
  private final Pulse pulse = new Pulse();
  private volatile boolean paused;

  private final WeightsInbox inbox;

  /** Manifests that could not be measured, and when to try again. */
  private final Map<Cid, Long> restUntilMs = new HashMap<>();

  /** What was measured here, though its attestation may have been pushed off the board since. */
  private final Set<Cid> spoken =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Cid, Boolean> eldest) {
              return size() > MAX_SPOKEN;
            }
          });

  EvaluatorLoop(
      PeerStack stack,
      Supplier<List<Task>> tasks,
      Meter meter,
      InstantSource clock,
      EventSink events) {
    this.stack = stack;
    this.tasks = tasks;
    this.meter = meter;
    this.clock = clock;
    this.events = events;
    this.inbox = new WeightsInbox(stack, clock, pulse::wake);
  }

  @Override
  public void run() {
    try {
      while (!pulse.isStopped()) {
        for (Task task : paused ? List.<Task>of() : tasks.get()) {
          if (stack.signer().evaluatorOf(task).isPresent()) {
            roundSafely(task);
          }
        }
        pulse.sleep(ROUND_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      inbox.close();
      meter.close();
    }
  }

  /** Whether to measure nothing until further notice. */
  void pause(boolean nowPaused) {
    paused = nowPaused;
    meter.pause(nowPaused);
    pulse.wake();
  }

  void stop() {
    pulse.stop();
    meter.close();
  }

  private void roundSafely(Task task) throws InterruptedException {
    try {
      round(task);
    } catch (BoardException e) {
      LOG.info("boards of {}: {}", task.name(), e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("the evaluator's round failed; the next one follows", e);
    }
  }

  private void round(Task task) throws InterruptedException {
    Lineage lineage = stack.boards().lineage(task);
    List<Board> boards = stack.boards().boards(lineage);
    TaskJudgement judgement = Acceptance.judge(lineage, boards, stack.refusals());
    if (judgement.withdrawn() || judgement.isFinished(task)) {
      return; // of a finished one, held-out shards are public by now: losses on them prove nothing
    }
    List<Meter.Order> orders = new ArrayList<>();
    for (Board board : boards) {
      Unit unit = task.unit(board.unit());
      if (!lineage.isHome(unit.index()) || Units.misfit(task.manifest(), unit).isPresent()) {
        continue;
      }
      long maxBytes = maxBlobBytes(task, unit);
      List<SignedDocument<WeightManifest>> waiting =
          Stream.concat(
                  board.manifests().stream(),
                  judgement.unit(unit.index()).isFinished()
                      ? Stream.empty()
                      : inherited(task, unit))
              .filter(isUnspoken(board))
              .filter(m -> inbox.has(task, m, maxBytes))
              .toList();
      if (!waiting.isEmpty()) {
        orders.add(new Meter.Order(unit, waiting));
      }
    }
    if (orders.isEmpty()) {
      return;
    }
    Map<Cid, Meter.Reading> measured = meter.measure(task, orders);
    for (Meter.Order order : orders) {
      for (SignedDocument<WeightManifest> manifest : order.manifests()) {
        Meter.Reading reading = measured.get(manifest.id());
        if (reading == null) {
          restUntilMs.put(manifest.id(), clock.millis() + REST_MS);
        } else {
          attest(task, manifest, beside(lineage, reading, manifest, boards, judgement));
        }
      }
    }
  }

  /** Raw weights and two moments of each, which is the largest blob, and room for names. */
  private static long maxBlobBytes(Task task, Unit unit) {
    return BLOB_HEADROOM_BYTES
        + Networks.of(task.manifest(), unit).parameters().stream()
            .mapToLong(parameter -> 4 * Float.BYTES * parameter.size())
            .sum();
  }

  /**
   * Of a fork: what the evaluators of the forked tasks accepted of the same unit, and its author
   * did not take back. Whether their keys were revoked since is no matter, for it is measured here.
   */
  private Stream<SignedDocument<WeightManifest>> inherited(Task task, Unit unit) {
    Map<Cid, SignedDocument<WeightManifest>> found = new LinkedHashMap<>();
    for (Cid id : task.forkOf()) {
      try {
        Task origin = stack.boards().task(id);
        if (task.inherits(origin, unit.index())) {
          accepted(stack.boards().boardAsWritten(origin, unit.index()), origin)
              .forEach(manifest -> found.put(manifest.id(), manifest));
        }
      } catch (BoardException e) {
        LOG.info("forked task {} is not looked at: {}", id, e.getMessage());
      }
    }
    return found.values().stream();
  }

  private static Stream<SignedDocument<WeightManifest>> accepted(Board board, Task origin) {
    Set<Cid> takenBack =
        board.withdrawals().stream()
            .flatMap(said -> said.document().manifest().stream())
            .collect(Collectors.toSet());
    return board.attestations().stream()
        .map(SignedDocument::document)
        .filter(said -> said.verdict() == Verdict.ACCEPTED && said.task().equals(origin.id()))
        .filter(said -> origin.policy().evaluators().contains(said.evaluator()))
        .map(Attestation::manifest)
        .filter(manifest -> !takenBack.contains(manifest.id()));
  }

  /** Whether this node has not spoken of a manifest yet, and may do so now. */
  private Predicate<SignedDocument<WeightManifest>> isUnspoken(Board board) {
    Set<Cid> onBoard =
        board.attestations().stream()
            .filter(a -> stack.signer().isOwn(a.signer()))
            .map(a -> a.document().manifest().id())
            .collect(Collectors.toSet());
    long now = clock.millis();
    restUntilMs.values().removeIf(until -> until <= now);
    return manifest ->
        !onBoard.contains(manifest.id())
            && !spoken.contains(manifest.id())
            && !restUntilMs.containsKey(manifest.id());
  }

  /** Adds to what was measured what only the boards know: the best so far, and whose it is. */
  private Measurements beside(
      Lineage lineage,
      Meter.Reading reading,
      SignedDocument<WeightManifest> manifest,
      List<Board> boards,
      TaskJudgement judged) {
    Optional<Cid> sameTensors =
        reading.content().flatMap(c -> stack.originals().claim(lineage.oldest(), manifest, c));
    Measurements numbers = reading.numbers();
    return new Measurements(
        numbers.emaPublicLoss(),
        numbers.emaSecretLoss(),
        numbers.rawPublicLoss(),
        numbers.rawSecretLoss(),
        numbers.gaussianLoss(),
        numbers.initialLoss(),
        bestAccepted(judged.unit(manifest.document().unit())),
        numbers.resumeStateFinite(),
        sameTensors.or(() -> original(manifest, boards)));
  }

  private static double bestAccepted(UnitJudgement judgement) {
    return judgement
        .best()
        .map(best -> ((Judgement.Accepted) best.judgement()).secretLoss())
        .orElse(Double.NaN);
  }

  /** The manifest of another author or unit with the same blob that anybody measured before. */
  private static Optional<Cid> original(
      SignedDocument<WeightManifest> manifest, List<Board> boards) {
    WeightManifest mine = manifest.document();
    return boards.stream()
        .flatMap(board -> board.attestations().stream())
        .map(SignedDocument::document)
        .map(Attestation::manifest)
        .filter(other -> other.document().weights().equals(mine.weights()))
        .filter(other ->
            !other.signer().equals(manifest.signer()) || other.document().unit() != mine.unit())
        .map(SignedDocument::id)
        .findFirst();
  }

  private void attest(Task task, SignedDocument<WeightManifest> manifest, Measurements measured) {
    spoken.add(manifest.id());
    SignedDocument<Attestation> attestation = stack.signer().attestation(task, manifest, measured);
    try {
      stack.boards().post(task, attestation);
    } catch (BoardException e) {
      LOG.warn("attestation waits for the next write: {}", e.getMessage());
    }
    Unit unit = task.unit(manifest.document().unit());
    var fault = Evaluation.fault(task.policy(), measured);
    events.record(
        new Event.Attested(
            task.id().toString(),
            Units.nameOf(unit),
            manifest.id().toString(),
            manifest.signer().toString(),
            fault.isEmpty(),
            fault.map(Enum::name).orElse(""),
            measured.emaPublicLoss(),
            measured.emaSecretLoss(),
            measured.initialLoss(),
            measured.gaussianLoss()));
  }
}
