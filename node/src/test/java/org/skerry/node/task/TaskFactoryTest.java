package org.skerry.node.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.board.document.ModelFamily;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Optimizer;
import org.skerry.board.document.Precision;
import org.skerry.board.document.Recipe;
import org.skerry.board.document.Task;
import org.skerry.board.document.TimeSampling;
import org.skerry.board.document.Unit;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.UNetConfig;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.partition.TaskBuilder;
import org.skerry.trainer.partition.TaskLayout;
import org.skerry.trainer.partition.TaskSpec;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.WebSeed;

class TaskFactoryTest {
  private static final WebSeed SEED = WebSeed.parse("https://bucket.example/shapes/");
  private static final int K = 2;
  private final PrivateKey key = PrivateKey.ofSeed(new byte[32]);

  @TempDir Path temp;

  private Task create() throws IOException {
    TaskSpec spec = new TaskSpec(K, 50, 0.06, 512, 7);
    TaskLayout layout =
        new TaskBuilder(spec).build(BuiltInPictures.generate(300, 16, 7), temp.resolve("layout"));
    return TaskFactory.create(plan(), layout, temp.resolve("task"), key, 1_000);
  }

  private TaskPlan plan() {
    Recipe recipe =
        new Recipe(
            Optimizer.ADAMW,
            2e-3,
            0.9,
            0.99,
            1e-8,
            0,
            30,
            0.4,
            32,
            300,
            0.99,
            1,
            0,
            Precision.FLOAT32,
            1,
            TimeSampling.LOGIT_NORMAL,
            60_000,
            60_000,
            Optional.empty(),
            Optional.empty());
    return new TaskPlan(
            "shapes",
            "two kinds of pictures",
            "CC0-1.0",
            new ModelSpec(ModelFamily.UNET, 16, 3, 32, 3, 0, 0, 0),
            new ModelSpec(ModelFamily.UNET, 16, 3, 24, 3, 0, 0, 0),
            recipe,
            recipe,
            1,
            20_000,
            new AcceptancePolicy(List.of(PeerId.of(key.publicKey())), 1, 0.01, 0.05))
        .withWeb(List.of(SEED));
  }

  @Test
  void everyFileOfTheTaskIsNamedByItsContent() throws IOException {
    create();
    TaskFolder folder = new TaskFolder(temp.resolve("task"));
    for (BlobId id : folder.blobIds()) {
      assertThat(MerkleTree.of(folder.blobs().resolve(id.toString())).head().id()).isEqualTo(id);
    }
    for (BlobId id : folder.secretIds()) {
      assertThat(MerkleTree.of(folder.secret().resolve(id.toString())).head().id()).isEqualTo(id);
    }
  }

  @Test
  void unitsNameTheirShardsAndTheRouterNamesAll() throws IOException {
    Task task = create();
    TaskFolder folder = new TaskFolder(temp.resolve("task"));
    assertThat(folder.task()).isEqualTo(task);
    int images = 0;
    for (int k = 0; k < K; k++) {
      Unit unit = task.manifest().expertUnit(k);
      ShardIndex index = index(folder.blobs(), unit);
      assertThat(index.images()).isEqualTo((int) unit.samples());
      assertThat(index.shards()).allMatch(s -> s.partition() == unit.partition());
      assertThat(index.shards())
          .allMatch(s -> Files.isRegularFile(folder.blobs().resolve(s.blob().toString())));
      images += index.images();
    }
    Unit router = task.manifest().routerUnit().orElseThrow();
    assertThat(index(folder.blobs(), router).images()).isEqualTo(images);
    assertThat(Networks.of(task.manifest(), router))
        .isEqualTo(UNetClassifierConfig.small(3, 16, K));
    assertThat(Networks.of(task.manifest(), task.unit(0))).isEqualTo(UNetConfig.small(3, 16));
  }

  @Test
  void secretShardsAreNotAmongWhatIsServed() throws IOException {
    create();
    TaskFolder folder = new TaskFolder(temp.resolve("task"));
    assertThat(folder.secretIds()).hasSize(K + K + 1).doesNotContainAnyElementsOf(folder.blobIds());
  }

  @Test
  void allIndexesButTheHeldOutOnesNameTheWebSeeds() throws IOException {
    Task task = create();
    TaskFolder folder = new TaskFolder(temp.resolve("task"));
    for (Unit unit : task.units()) {
      assertThat(index(folder.blobs(), unit).web()).containsExactly(SEED);
      assertThat(read(folder.blobs(), unit.validationBlob()).web()).containsExactly(SEED);
      assertThat(read(folder.secret(), unit.secretHash()).web()).isEmpty();
    }
  }

  @Test
  void whatIsToBeUploadedHasTheLeavesOfEveryShardAndNothingHeldOut() throws IOException {
    create();
    TaskFolder folder = new TaskFolder(temp.resolve("task"));
    Path web = temp.resolve("web");
    Set<BlobId> blobs = WebFolder.write(folder, web);
    assertThat(blobs).isNotEmpty().doesNotContainAnyElementsOf(folder.secretIds());
    for (BlobId blob : blobs) {
      Path leaves = web.resolve(blob + WebSeed.LEAVES_SUFFIX);
      assertThat(MerkleTree.ofLeaves(Files.readAllBytes(leaves)).head().id()).isEqualTo(blob);
      assertThat(MerkleTree.of(web.resolve(blob.toString())).head().id()).isEqualTo(blob);
    }
    try (Stream<Path> files = Files.list(web)) {
      assertThat(files).hasSize(2 * blobs.size());
    }
    assertThat(WebFolder.write(folder, web)).isEqualTo(blobs);
  }

  @Test
  void aFolderWithoutTaskSaysWhatToName() {
    assertThatThrownBy(() -> new TaskFolder(temp).task())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("skerry task create");
  }

  private static ShardIndex index(Path blobs, Unit unit) throws IOException {
    return read(blobs, unit.indexBlob());
  }

  private static ShardIndex read(Path blobs, Cid index) throws IOException {
    return ShardIndex.decode(Files.readAllBytes(blobs.resolve(new BlobId(index).toString())));
  }
}
