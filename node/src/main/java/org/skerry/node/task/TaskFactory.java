package org.skerry.node.task;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.skerry.board.document.Clustering;
import org.skerry.board.document.CodecFamily;
import org.skerry.board.document.FlowPath;
import org.skerry.board.document.LatentCodec;
import org.skerry.board.document.Task;
import org.skerry.board.document.TaskManifest;
import org.skerry.board.document.TextEncoder;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitKind;
import org.skerry.diffusion.AutoencoderKlConfig;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.trainer.partition.PartitionLayout;
import org.skerry.trainer.partition.TaskLayout;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.WebSeed;

/**
 * Makes a signed task of partitioned data: every file gets its blob id, every unit its indexes, and
 * the publisher's key signs the whole.
 */
public final class TaskFactory {
  private final TaskFolder folder;

  private TaskFactory(TaskFolder folder) {
    this.folder = folder;
  }

  /** The indexes of one unit's data, before and after they became blobs. */
  private record Data(ShardIndex training, ShardIndex validation, ShardIndex secret) {
    static Data union(List<Data> all) {
      return new Data(
          ShardIndex.union(all.stream().map(Data::training).toList()),
          ShardIndex.union(all.stream().map(Data::validation).toList()),
          ShardIndex.union(all.stream().map(Data::secret).toList()));
    }
  }

  /**
   * Writes the task of {@code layout} into {@code target}, whose {@code task.cbor} appears last.
   *
   * @param layout files that the trainer's task builder wrote; they are copied
   */
  public static Task create(
      TaskPlan plan, TaskLayout layout, Path target, PrivateKey publisher, long nowMs)
      throws IOException {
    return new TaskFactory(TaskFolder.create(target)).create(plan, layout, publisher, nowMs);
  }

  /**
   * Writes the version of a task that has the partitions of {@code layout}, too, into {@code
   * target}: a folder that is whole without {@code parent}'s.
   *
   * @throws IllegalArgumentException when the task cannot be extended so
   */
  public static Task extend(
      TaskFolder parent, TaskLayout layout, Path target, PrivateKey publisher, long nowMs)
      throws IOException {
    return new TaskFactory(TaskFolder.create(target)).extend(parent, layout, publisher, nowMs);
  }

  private Task create(TaskPlan plan, TaskLayout layout, PrivateKey publisher, long nowMs)
      throws IOException {
    List<Unit> units = new ArrayList<>();
    units.add(router(units, addExperts(units, layout, plan.web())));
    return write(
        Task.seal(
            publisher,
            nowMs,
            plan.redundancy(),
            plan.leaseMs(),
            plan.policy(),
            manifest(plan, layout, units, codec(plan), text(plan), classNames(plan))));
  }

  private Task extend(TaskFolder parent, TaskLayout layout, PrivateKey publisher, long nowMs)
      throws IOException {
    Task older = parent.task();
    Unit oldRouter =
        older
            .manifest()
            .routerUnit()
            .filter(unit -> unit.index() == older.manifest().partitions())
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "task " + older.name() + " is not of experts and, behind them, a router"));
    linkAll(parent.blobs(), folder.blobs());
    linkAll(parent.secret(), folder.secret());
    List<Unit> units = new ArrayList<>(older.units().subList(0, oldRouter.index()));
    Data old = read(oldRouter);
    List<Data> data = new ArrayList<>(List.of(old));
    data.addAll(addExperts(units, layout, old.training().web()));
    units.add(router(units, data));
    List<Long> sizes = new ArrayList<>(older.manifest().clustering().sizes());
    layout.partitions().forEach(partition -> sizes.add((long) partition.trainingImages()));
    Task task =
        Task.seal(
            publisher,
            nowMs,
            older.redundancy(),
            older.leaseMs(),
            older.policy(),
            older.manifest().extended(older.id(), units, sizes));
    return write(task);
  }

  /** Appends a unit for each partition of {@code layout}. */
  private List<Data> addExperts(List<Unit> units, TaskLayout layout, List<WebSeed> web)
      throws IOException {
    List<Data> all = new ArrayList<>();
    for (PartitionLayout partition : layout.partitions()) {
      int index = units.size();
      Data data = data(partition, index, layout.spec().imagesPerShard(), web);
      all.add(data);
      Optional<BlobId> sheet = Optional.of(keep(partition.contactSheet(), folder.blobs()));
      units.add(unit(index, UnitKind.EXPERT, index, data, sheet, "expert of partition " + index));
    }
    return all;
  }

  private Unit router(List<Unit> experts, List<Data> data) throws IOException {
    return unit(
        experts.size(),
        UnitKind.ROUTER,
        Unit.ALL_PARTITIONS,
        Data.union(data),
        Optional.empty(),
        "router over all partitions");
  }

  private Data read(Unit unit) throws IOException {
    return new Data(
        read(folder.blobs(), unit.indexBlob()),
        read(folder.blobs(), unit.validationBlob()),
        read(folder.secret(), unit.secretHash()));
  }

  private static ShardIndex read(Path folder, Cid blob) throws IOException {
    return ShardIndex.decode(Files.readAllBytes(folder.resolve(new BlobId(blob).toString())));
  }

  private static void linkAll(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        SharedFiles.share(file, to.resolve(file.getFileName().toString()));
      }
    }
  }

  private Task write(Task task) throws IOException {
    Path temp = folder.folder().resolve("task.cbor.tmp");
    Files.write(temp, task.encoded());
    Files.move(temp, folder.record(), StandardCopyOption.ATOMIC_MOVE);
    return task;
  }

  private Optional<LatentCodec> codec(TaskPlan plan) throws IOException {
    if (plan.codec().isEmpty()) {
      return Optional.empty();
    }
    AutoencoderKlConfig config = plan.codec().get().config();
    return Optional.of(
        new LatentCodec(
            CodecFamily.AUTOENCODER_KL,
            keep(plan.codec().get().weights(), folder.blobs()).cid(),
            config.scale(),
            config.downsampling()));
  }

  private Optional<TextEncoder> text(TaskPlan plan) throws IOException {
    if (plan.text().isEmpty()) {
      return Optional.empty();
    }
    TextEncoding text = plan.text().get();
    SortedMap<String, Cid> tokenizer = new TreeMap<>();
    for (Map.Entry<String, Path> file : text.tokenizer().paths().entrySet()) {
      tokenizer.put(file.getKey(), keep(file.getValue(), folder.blobs()).cid());
    }
    return Optional.of(text.document(keep(text.weights(), folder.blobs()).cid(), tokenizer));
  }

  private Optional<Cid> classNames(TaskPlan plan) throws IOException {
    return plan.classNames().isEmpty()
        ? Optional.empty()
        : Optional.of(keep(plan.classNames().get().encoded(), folder.blobs()).cid());
  }

  private static TaskManifest manifest(
      TaskPlan plan,
      TaskLayout layout,
      List<Unit> units,
      Optional<LatentCodec> codec,
      Optional<TextEncoder> text,
      Optional<Cid> classNames) {
    List<Long> sizes = layout.partitions().stream().map(p -> (long) p.trainingImages()).toList();
    return new TaskManifest(
        plan.name(),
        plan.description(),
        plan.licence(),
        plan.expertModel(),
        plan.own().models(),
        plan.routerModel(),
        plan.expertRecipe(),
        plan.own().recipes(),
        plan.routerRecipe(),
        codec,
        text,
        classNames,
        FlowPath.RECTIFIED_FLOW,
        Optional.empty(),
        units,
        new Clustering(layout.method(), layout.spec().seed(), layout.features(), sizes),
        0);
  }

  /**
   * @param index of the partition in the task
   * @param web where all but the held-out shards will lie, too
   */
  private Data data(PartitionLayout partition, int index, int imagesPerShard, List<WebSeed> web)
      throws IOException {
    List<ShardIndex.Shard> training = new ArrayList<>();
    int left = partition.trainingImages();
    for (Path tar : partition.shards()) {
      int images = Math.min(left, imagesPerShard);
      training.add(shard(partition, index, tar, images, folder.blobs()));
      left -= images;
    }
    return new Data(
        new ShardIndex(training, web),
        new ShardIndex(
            List.of(
                shard(
                    partition,
                    index,
                    partition.publicValidation(),
                    partition.publicImages(),
                    folder.blobs())),
            web),
        new ShardIndex(
            List.of(
                shard(
                    partition,
                    index,
                    partition.secretValidation(),
                    partition.secretImages(),
                    folder.secret()))));
  }

  private static ShardIndex.Shard shard(
      PartitionLayout partition, int index, Path tar, int images, Path target) throws IOException {
    Path table = partition.texts().get(tar);
    return new ShardIndex.Shard(
        keep(tar, target),
        index,
        images,
        Files.size(tar),
        table == null
            ? Optional.empty()
            : Optional.of(new ShardIndex.Texts(keep(table, target), Files.size(table))));
  }

  private Unit unit(
      int index, UnitKind kind, int partition, Data data, Optional<BlobId> sheet, String title)
      throws IOException {
    return new Unit(
        index,
        kind,
        partition,
        data.training().images(),
        keep(data.training().encoded(), folder.blobs()).cid(),
        keep(data.validation().encoded(), folder.blobs()).cid(),
        keep(data.secret().encoded(), folder.secret()).cid(),
        sheet.map(BlobId::cid),
        title);
  }

  private static BlobId keep(Path file, Path target) throws IOException {
    BlobId id = MerkleTree.of(file).head().id();
    Files.copy(file, target.resolve(id.toString()), StandardCopyOption.REPLACE_EXISTING);
    return id;
  }

  private static BlobId keep(byte[] bytes, Path target) throws IOException {
    BlobId id = MerkleTree.of(bytes).head().id();
    Path file = target.resolve(id.toString());
    Files.deleteIfExists(file); // it may be another folder's, too
    Files.write(file, bytes);
    return id;
  }
}
