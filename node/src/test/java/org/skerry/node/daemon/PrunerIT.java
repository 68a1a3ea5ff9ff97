package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.document.Measurements;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.WeightManifest;
import org.skerry.node.task.TaskFolder;
import org.skerry.transfer.BlobId;

@Timeout(120)
class PrunerIT {
  private static final int SELF = 1;
  private static final long GRACE_MS = 1000;

  @TempDir Path folder;
  private final AtomicLong nowMs = new AtomicLong(1_000_000);
  private Neighbourhood peers = new Neighbourhood(Path.of(""));
  private PeerStack stack;
  private Task task;
  private Pruner pruner;

  @BeforeEach
  void start() throws Exception {
    peers = new Neighbourhood(folder);
    stack = peers.stack(SELF);
    peers.stack(9);
    task = new TaskFolder(peers.task(SELF, SELF)).task();
    stack.boards().publishTask(task);
    pruner = pruner(List.of(task));
  }

  @AfterEach
  void close() {
    peers.close();
  }

  private Pruner pruner(List<Task> known) {
    return new Pruner(
        stack,
        stack.weights().orElseThrow(),
        () -> known,
        () -> Instant.ofEpochMilli(nowMs.get()),
        GRACE_MS);
  }

  /** Publishes weights that are one byte. */
  private SignedDocument<WeightManifest> publish(int step) throws Exception {
    BlobId weights = stack.blobs().store().add(new byte[] {(byte) step});
    BlobId resume = stack.blobs().store().add(new byte[] {(byte) step, 1});
    BlobId rounded = stack.blobs().store().add(new byte[] {(byte) step, 2});
    stack.noteWeights(weights, task.id());
    stack.noteWeights(rounded, task.id());
    stack.noteWeights(resume, task.id());
    SignedDocument<WeightManifest> manifest =
        stack
            .signer()
            .manifest(
                task,
                0,
                new Signer.Weights(
                    step,
                    step,
                    Optional.empty(),
                    weights.cid(),
                    Optional.of(rounded.cid()),
                    resume.cid(),
                    0.3,
                    0.3,
                    "test",
                    false));
    stack.boards().post(task, manifest);
    return manifest;
  }

  private void attest(SignedDocument<WeightManifest> manifest, double loss) {
    Measurements measured =
        new Measurements(loss, loss, loss, loss, 1, 1, Double.NaN, true, Optional.empty());
    stack.boards().post(task, stack.signer().attestation(task, manifest, measured));
  }

  private boolean has(SignedDocument<WeightManifest> manifest) {
    boolean weights = stack.blobs().store().has(new BlobId(manifest.document().weights()));
    assertThat(manifest.document().bfloat16().stream())
        .allMatch(blob -> stack.blobs().store().has(new BlobId(blob)) == weights);
    assertThat(manifest.document().resume().stream())
        .allMatch(blob -> stack.blobs().store().has(new BlobId(blob)) == weights);
    return weights;
  }

  private void pruneTwice() {
    pruner.prune();
    nowMs.addAndGet(GRACE_MS);
    pruner.prune();
  }

  @Test
  void weightsThatBetterOnesReplacedGoAfterTheGrace() throws Exception {
    SignedDocument<WeightManifest> old = publish(10);
    attest(old, 0.5);
    SignedDocument<WeightManifest> better = publish(20);
    attest(better, 0.4);

    pruner.prune();
    assertThat(has(old)).as("somebody may still come for it").isTrue();
    nowMs.addAndGet(GRACE_MS);
    pruner.prune();

    assertThat(has(old)).isFalse();
    assertThat(has(better)).isTrue();
  }

  @Test
  void theBestAcceptedStaysWhileTheNextIsMeasured() throws Exception {
    SignedDocument<WeightManifest> best = publish(10);
    attest(best, 0.4);
    SignedDocument<WeightManifest> pending = publish(20);

    pruneTwice();

    assertThat(has(best)).isTrue();
    assertThat(has(pending)).isTrue();
  }

  @Test
  void refusedWeightsGo() throws Exception {
    SignedDocument<WeightManifest> noise = publish(10);
    attest(noise, 3);

    pruneTwice();

    assertThat(has(noise)).isFalse();
  }

  @Test
  void otherBlobsAndTasksOutOfReachAreLeftAlone() throws Exception {
    BlobId shard = stack.blobs().store().add(new byte[] {1, 2, 3});
    SignedDocument<WeightManifest> old = publish(10);
    publish(20);
    pruner = pruner(List.of());

    pruneTwice();

    assertThat(stack.blobs().store().has(shard)).isTrue();
    assertThat(has(old)).isTrue();
  }

  @Test
  void pinnedBlobsStay() throws Exception {
    SignedDocument<WeightManifest> old = publish(10);
    BlobId weights = new BlobId(old.document().weights());
    stack.blobs().store().pin(weights);
    publish(20);

    pruneTwice();

    assertThat(stack.blobs().store().has(weights)).isTrue();
  }
}
