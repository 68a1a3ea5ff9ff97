package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.task.SmallRecipe;
import org.skerry.node.task.TaskFactory;
import org.skerry.node.task.TaskFolder;
import org.skerry.node.task.TaskPlan;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.partition.TaskBuilder;
import org.skerry.trainer.partition.TaskLayout;
import org.skerry.trainer.partition.TaskSpec;
import org.skerry.transfer.WebSeed;

/**
 * A real task that is learned in seconds: 8 × 8 pictures and a U-Net of width 8, with the publisher
 * as its evaluator.
 */
record TinyTask(
    int partitions, int redundancy, long leaseMs, long steps, long checkpointMs, long manifestMs) {
  private static final int SIZE = 8;
  private static final int PICTURES_OF_EACH = 120;
  private static final long SEED = 1;

  /** Two partitions, claims that settle soon, weights only at the recipe's end. */
  static TinyTask of(long steps) {
    return new TinyTask(2, 1, 30_000, steps, 600_000, 600_000);
  }

  TinyTask withPartitions(int count) {
    return new TinyTask(count, redundancy, leaseMs, steps, checkpointMs, manifestMs);
  }

  TinyTask withLeaseMs(long ms) {
    return new TinyTask(partitions, redundancy, ms, steps, checkpointMs, manifestMs);
  }

  TinyTask withIntervalsMs(long checkpoint, long manifest) {
    return new TinyTask(partitions, redundancy, leaseMs, steps, checkpoint, manifest);
  }

  /** Writes the task below {@code folder}. */
  TaskFolder create(Path folder, PrivateKey publisher) throws IOException {
    return create(folder, publisher, List.of());
  }

  /** As above, with shards that will lie on web servers, too. */
  TaskFolder create(Path folder, PrivateKey publisher, List<WebSeed> web) throws IOException {
    TaskSpec spec = new TaskSpec(partitions, 200, 0.2, 512, SEED);
    TaskLayout layout =
        new TaskBuilder(spec)
            .build(
                BuiltInPictures.generate(partitions * PICTURES_OF_EACH, SIZE, SEED),
                folder.resolve("layout"));
    Path target = folder.resolve("tiny.task");
    TaskFactory.create(
        plan(publisher).withWeb(web), layout, target, publisher, System.currentTimeMillis());
    return new TaskFolder(target);
  }

  private TaskPlan plan(PrivateKey publisher) {
    SmallRecipe recipe =
        new SmallRecipe(
            SIZE, 8, 16, steps, steps, checkpointMs, manifestMs, SEED, Optional.empty());
    return new TaskPlan(
        "tiny",
        "small pictures",
        "CC0-1.0",
        recipe.expertModel(),
        recipe.routerModel(),
        recipe.expert(),
        recipe.router(),
        redundancy,
        leaseMs,
        new AcceptancePolicy(List.of(PeerId.of(publisher.publicKey())), 1, 0.01, 0.05));
  }

  /** {@code task} with another index of every unit, published under the same name. */
  static Task withIndex(Task task, TestPeer publisher, Cid index) {
    List<Unit> units =
        task.units().stream()
            .map(u ->
                new Unit(
                    u.index(),
                    u.kind(),
                    u.partition(),
                    u.samples(),
                    index,
                    u.validationBlob(),
                    u.secretHash(),
                    u.contactSheetBlob(),
                    u.title()))
            .toList();
    Task changed =
        Task.seal(
            publisher.key(),
            task.createdAtMs(),
            task.redundancy(),
            task.leaseMs(),
            task.policy(),
            task.manifest().forked(task.name(), units));
    PeerStack stack = publisher.stack();
    stack.boards().publishTask(changed);
    stack
        .boards()
        .publishCatalog(stack.signer().catalog(new TreeMap<>(Map.of(task.name(), changed.id()))));
    return changed;
  }
}
