package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.document.Measurements;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.document.WeightManifest;
import org.skerry.libp2p.PeerId;
import org.skerry.node.key.KeyWords;
import org.skerry.node.task.TaskFolder;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.fetch.Progress;

@Timeout(120)
class HeldOutShardsIT {
  private static final int PUBLISHER = 1;
  private static final int EVALUATOR = 2;
  private static final int STRANGER = 3;
  private static final Duration SOON = Duration.ofSeconds(3);

  @TempDir Path folder;
  private Neighbourhood peers = new Neighbourhood(Path.of(""));
  private PeerStack publisher;
  private PublishedTasks published;
  private Task task;

  @BeforeEach
  void publish() throws Exception {
    peers = new Neighbourhood(folder);
    publisher = peers.stack(PUBLISHER);
    Secrets secrets = secrets(publisher, PUBLISHER);
    published =
        new PublishedTasks(publisher, peers.home(PUBLISHER).resolve("tasks"), secrets, event -> {});
    secrets.serve(published::all);
    Path made = peers.task(PUBLISHER, PUBLISHER, EVALUATOR);
    peers.stack(9); // somebody must hold the records
    task = published.publish(new TaskFolder(made));
  }

  @AfterEach
  void close() {
    peers.close();
  }

  private Secrets secrets(PeerStack stack, int of) throws Exception {
    return peers.closing(Secrets.open(stack, peers.home(of).resolve("secrets")));
  }

  @Test
  void namedEvaluatorsAreGivenThem() throws Exception {
    Secrets secrets = secrets(peers.stack(EVALUATOR), EVALUATOR);

    for (Unit unit : task.units()) {
      List<List<String>> tars = secrets.of(task, unit).orElseThrow().shards();
      assertThat(tars).hasSize(unit.partition() == Unit.ALL_PARTITIONS ? 2 : 1);
    }
    assertThat(publisher.ledger().refusals()).isEmpty();
  }

  @Test
  void nobodyElseIsAndTheyAreNoOrdinaryBlobs() throws Exception {
    PeerStack stranger = peers.stack(STRANGER);
    BlobId index = new BlobId(task.unit(0).secretHash());

    assertThat(secrets(stranger, STRANGER).of(task, task.unit(0))).isEmpty();
    assertThat(publisher.blobs().store().has(index)).isFalse();
    assertThatThrownBy(() ->
            stranger
                .blobs()
                .fetch(
                    index,
                    List.of(publisher.host().peerId()),
                    Progress.Listener.NONE,
                    SOON,
                    Long.MAX_VALUE))
        .isInstanceOf(TransferException.class);
  }

  @Test
  void whoSucceedsANamedEvaluatorIsGivenThemAndWhoWasRevokedIsNot() throws Exception {
    KeyWords words = new KeyWords(InstantSource.system());
    PeerId named = Neighbourhood.peer(EVALUATOR);
    publisher
        .keys()
        .learn(words.succession(Neighbourhood.key(EVALUATOR), named, Neighbourhood.key(STRANGER)));
    assertThat(secrets(peers.stack(STRANGER), STRANGER).of(task, task.unit(0))).isPresent();
    publisher
        .keys()
        .learn(words.revocation(Neighbourhood.key(EVALUATOR), named, Optional.empty(), "stolen"));
    assertThat(secrets(peers.stack(EVALUATOR), EVALUATOR).of(task, task.unit(0))).isEmpty();
  }

  @Test
  void everybodyCanHaveThemOnceTheTaskIsOver() throws Exception {
    published.revealFinished();
    assertThat(publisher.blobs().store().has(new BlobId(task.unit(0).secretHash()))).isFalse();

    task.units().forEach(this::finish);
    published.revealFinished();

    PeerStack stranger = peers.stack(STRANGER);
    for (Unit unit : task.units()) {
      Path index =
          stranger
              .blobs()
              .fetch(
                  new BlobId(unit.secretHash()),
                  List.of(publisher.host().peerId()),
                  Progress.Listener.NONE,
                  Duration.ofSeconds(20),
                  Long.MAX_VALUE);
      assertThat(index).isRegularFile();
      try (Blobs.Hold hold = stranger.blobs().hold()) {
        assertThat(UnitData.fetch(stranger.blobs(), unit.secretHash(), List.of(), hold).shards())
            .isNotEmpty();
      }
    }
  }

  /** Accepted weights that end the unit's recipe. */
  private void finish(Unit unit) {
    SignedDocument<WeightManifest> manifest =
        publisher
            .signer()
            .manifest(
                task,
                unit.index(),
                new Signer.Weights(
                    4,
                    32,
                    Optional.empty(),
                    MerkleTree.of(new byte[] {(byte) unit.index()}).head().id().cid(),
                    Optional.empty(),
                    MerkleTree.of(new byte[] {9, (byte) unit.index()}).head().id().cid(),
                    0.3,
                    0.3,
                    "test",
                    true));
    publisher.boards().post(task, manifest);
    publisher
        .boards()
        .post(
            task,
            publisher
                .signer()
                .attestation(
                    task,
                    manifest,
                    new Measurements(
                        0.3, 0.3, 0.3, 0.3, 1, 1, Double.NaN, true, Optional.empty())));
  }
}
