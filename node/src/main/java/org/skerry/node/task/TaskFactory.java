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

/**
 * Makes a signed task of partitioned data: every file gets its blob id, every unit its indexes, and
 * the publisher's key signs the whole.
 */
public final class TaskFactory {
  private final TaskPlan plan;
  private final TaskFolder folder;

  private TaskFactory(TaskPlan plan, TaskFolder folder) {
    this.plan = plan;
    this.folder = folder;
  }

  /** The indexes of one unit's data, before and after they became blobs. */
  private record Data(ShardIndex training, ShardIndex validation, ShardIndex secret) {}

  /**
   * Writes the task of {@code layout} into {@code target}, whose {@code task.cbor} appears last.
   *
   * @param layout files that the trainer's task builder wrote; they are copied
   */
  public static Task create(
      TaskPlan plan, TaskLayout layout, Path target, PrivateKey publisher, long nowMs)
      throws IOException {
    return new TaskFactory(plan, TaskFolder.create(target)).create(layout, publisher, nowMs);
  }

  private Task create(TaskLayout layout, PrivateKey publisher, long nowMs) throws IOException {
    List<Unit> units = new ArrayList<>();
    List<Data> all = new ArrayList<>();
    for (PartitionLayout partition : layout.partitions()) {
      Data data = data(partition, layout.spec().imagesPerShard());
      all.add(data);
      Optional<BlobId> sheet = Optional.of(keep(partition.contactSheet(), folder.blobs()));
      units.add(
          unit(
              units.size(),
              UnitKind.EXPERT,
              partition.index(),
              data,
              sheet,
              "expert of partition " + partition.index()));
    }
    Data union =
        new Data(
            ShardIndex.union(all.stream().map(Data::training).toList()),
            ShardIndex.union(all.stream().map(Data::validation).toList()),
            ShardIndex.union(all.stream().map(Data::secret).toList()));
    units.add(
        unit(
            units.size(),
            UnitKind.ROUTER,
            Unit.ALL_PARTITIONS,
            union,
            Optional.empty(),
            "router over all partitions"));
    Task task =
        Task.seal(
            publisher,
            nowMs,
            plan.redundancy(),
            plan.leaseMs(),
            plan.policy(),
            manifest(layout, units, codec(), text(), classNames()));
    Path temp = folder.folder().resolve("task.cbor.tmp");
    Files.write(temp, task.encoded());
    Files.move(temp, folder.record(), StandardCopyOption.ATOMIC_MOVE);
    return task;
  }

  private Optional<LatentCodec> codec() throws IOException {
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

  private Optional<TextEncoder> text() throws IOException {
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

  private Optional<Cid> classNames() throws IOException {
    return plan.classNames().isEmpty()
        ? Optional.empty()
        : Optional.of(keep(plan.classNames().get().encoded(), folder.blobs()).cid());
  }

  private TaskManifest manifest(
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
        units,
        new Clustering(layout.method(), layout.spec().seed(), layout.features(), sizes),
        0);
  }

  private Data data(PartitionLayout partition, int imagesPerShard) throws IOException {
    List<ShardIndex.Shard> training = new ArrayList<>();
    int left = partition.trainingImages();
    for (Path tar : partition.shards()) {
      int images = Math.min(left, imagesPerShard);
      training.add(shard(partition, tar, images, folder.blobs()));
      left -= images;
    }
    return new Data(
        new ShardIndex(training),
        new ShardIndex(
            List.of(
                shard(
                    partition,
                    partition.publicValidation(),
                    partition.publicImages(),
                    folder.blobs()))),
        new ShardIndex(
            List.of(
                shard(
                    partition,
                    partition.secretValidation(),
                    partition.secretImages(),
                    folder.secret()))));
  }

  private static ShardIndex.Shard shard(
      PartitionLayout partition, Path tar, int images, Path target) throws IOException {
    Path table = partition.texts().get(tar);
    return new ShardIndex.Shard(
        keep(tar, target),
        partition.index(),
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
    Files.write(target.resolve(id.toString()), bytes);
    return id;
  }
}
