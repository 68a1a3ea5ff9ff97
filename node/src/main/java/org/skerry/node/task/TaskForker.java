package org.skerry.node.task;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Task;
import org.skerry.board.document.TaskCharter;
import org.skerry.board.document.Unit;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.DiskTrouble;
import org.skerry.trainer.DurableFiles;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.WebSeed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs a task of one's own that goes on with somebody's; see docs/PROTOCOL.md, section 4.8. Writes
 * a folder that is there whole or not at all, like that of {@code skerry task create}, with every
 * blob of the forked task's units, so that the fork needs nobody.
 */
public final class TaskForker {
  private static final Logger LOG = LoggerFactory.getLogger(TaskForker.class);

  /** Brings a blob of the forked task onto this computer. */
  public interface Source {
    /**
     * @param web where it lies, too
     */
    Path blob(BlobId id, String title, List<WebSeed> web) throws IOException;

    /** A held-out blob, when this computer has it. */
    Optional<Path> heldOut(BlobId id) throws IOException;
  }

  /** What the fork has otherwise than the forked task. */
  public record Wish(String name, AcceptancePolicy policy) {}

  private final Source source;
  private final TaskFolder folder;

  private TaskForker(Source source, TaskFolder folder) {
    this.source = source;
    this.folder = folder;
  }

  /**
   * Writes the fork of {@code origin} into {@code target}, which must not exist.
   *
   * @param publisher the fork's
   */
  public static Task fork(
      Lineage origin, Source source, Wish wish, Path target, PrivateKey publisher, long nowMs)
      throws NodeException {
    List<Cid> forkOf = forkOf(origin);
    Path absolute = target.toAbsolutePath();
    if (Files.exists(absolute)) {
      throw new NodeException(
          Reason.USAGE, absolute + " exists already", "name another folder with --out");
    }
    Path building = absolute.resolveSibling("." + absolute.getFileName() + ".partial");
    try {
      DurableFiles.deleteTree(building);
      TaskForker forker = new TaskForker(source, TaskFolder.create(building));
      Task task = forker.write(origin.task(), forkOf, wish, publisher, nowMs);
      Files.move(building, absolute, StandardCopyOption.ATOMIC_MOVE);
      return task;
    } catch (IllegalArgumentException e) {
      throw new NodeException(
          Reason.DATA_INVALID,
          "task " + origin.task().name() + " cannot be forked: " + e.getMessage(),
          "its publisher made it so; take another",
          e);
    } catch (IOException e) {
      throw DiskTrouble.isFull(e)
          ? DiskTrouble.cannotWrite(absolute, e)
          : new NodeException(
              Reason.UNREACHABLE,
              "a blob of task "
                  + origin.task().name()
                  + " is not to be had ("
                  + DiskTrouble.describe(e)
                  + ")",
              "run the command again when who has it is online: what has come is kept",
              e);
    } finally {
      deleteQuietly(building);
    }
  }

  private static void deleteQuietly(Path folder) throws NodeException {
    try {
      DurableFiles.deleteTree(folder);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(folder, e);
    }
  }

  /** The forked task, those that it extends, and those that they fork themselves. */
  private static List<Cid> forkOf(Lineage origin) throws NodeException {
    Set<Cid> all = new LinkedHashSet<>();
    origin.versions().forEach(version -> all.add(version.id()));
    origin.versions().forEach(version -> all.addAll(version.forkOf()));
    if (all.size() > TaskCharter.MAX_FORKED) {
      throw new NodeException(
          Reason.USAGE,
          "task "
              + origin.task().name()
              + " goes on with "
              + (all.size() - 1)
              + " others, and a fork names "
              + TaskCharter.MAX_FORKED
              + " tasks at most",
          "fork one of those that it extends, by its id");
    }
    return List.copyOf(all);
  }

  private Task write(Task origin, List<Cid> forkOf, Wish wish, PrivateKey publisher, long nowMs)
      throws IOException {
    List<Unit> units = new ArrayList<>();
    for (Unit unit : origin.units()) {
      units.add(unit(unit));
    }
    keepSharedParts(origin);
    Task task =
        Task.sealFork(
            publisher,
            nowMs,
            origin.redundancy(),
            origin.leaseMs(),
            wish.policy(),
            origin.manifest().forked(wish.name(), units),
            forkOf);
    Files.write(folder.record(), task.encoded());
    return task;
  }

  private Unit unit(Unit unit) throws IOException {
    keepAll(unit.indexBlob(), unit.title());
    ShardIndex validation = keepAll(unit.validationBlob(), unit.title() + ", validation");
    keepSheet(unit);
    Cid heldOut = keepHeldOut(unit) ? unit.secretHash() : publicInstead(unit, validation);
    return new Unit(
        unit.index(),
        unit.kind(),
        unit.partition(),
        unit.samples(),
        unit.indexBlob(),
        unit.validationBlob(),
        heldOut,
        unit.contactSheetBlob(),
        unit.title());
  }

  /** For people: a fork does without. */
  private void keepSheet(Unit unit) {
    if (unit.contactSheetBlob().isPresent()) {
      try {
        keep(new BlobId(unit.contactSheetBlob().get()), "sheet of " + unit.title());
      } catch (IOException e) {
        LOG.info("the sheet of {} is not to be had: {}", unit.title(), e.getMessage());
      }
    }
  }

  private void keepSharedParts(Task origin) throws IOException {
    if (origin.manifest().latentCodec().isPresent()) {
      keep(new BlobId(origin.manifest().latentCodec().get().weights()), "codec");
    }
    if (origin.manifest().textEncoder().isPresent()) {
      keep(new BlobId(origin.manifest().textEncoder().get().weights()), "text encoder");
      for (Cid file : origin.manifest().textEncoder().get().tokenizer().values()) {
        keep(new BlobId(file), "tokenizer");
      }
    }
    if (origin.manifest().classNames().isPresent()) {
      keep(new BlobId(origin.manifest().classNames().get()), "names of the classes");
    }
  }

  /** Whether all held-out blobs of {@code unit} are on this computer; they are kept if so. */
  private boolean keepHeldOut(Unit unit) throws IOException {
    BlobId id = new BlobId(unit.secretHash());
    Optional<Path> index = source.heldOut(id);
    if (index.isEmpty()) {
      return false;
    }
    copy(index.get(), folder.secret().resolve(id.toString()));
    for (ShardIndex.Shard shard : decode(index.get()).shards()) {
      for (BlobId blob : shard.blobs()) {
        Optional<Path> file = source.heldOut(blob);
        if (file.isEmpty()) {
          return false;
        }
        copy(file.get(), folder.secret().resolve(blob.toString()));
      }
    }
    return true;
  }

  /** The public validation shards stand in for held-out ones. */
  private Cid publicInstead(Unit unit, ShardIndex validation) throws IOException {
    List<BlobId> blobs = new ArrayList<>(List.of(new BlobId(unit.validationBlob())));
    validation.shards().forEach(shard -> blobs.addAll(shard.blobs()));
    for (BlobId blob : blobs) {
      copy(folder.blobs().resolve(blob.toString()), folder.secret().resolve(blob.toString()));
    }
    return unit.validationBlob();
  }

  /** Keeps an index and what it names. */
  private ShardIndex keepAll(Cid index, String title) throws IOException {
    ShardIndex read = decode(keep(new BlobId(index), "index of " + title));
    for (ShardIndex.Shard shard : read.shards()) {
      for (BlobId blob : shard.blobs()) {
        keep(blob, title, read.web());
      }
    }
    return read;
  }

  private static ShardIndex decode(Path file) throws IOException {
    if (Files.size(file) > ShardIndex.MAX_BYTES) {
      throw new IllegalArgumentException("an index of " + Files.size(file) + " bytes");
    }
    return ShardIndex.decode(Files.readAllBytes(file));
  }

  private Path keep(BlobId id, String title) throws IOException {
    return keep(id, title, List.of());
  }

  private Path keep(BlobId id, String title, List<WebSeed> web) throws IOException {
    Path file = folder.blobs().resolve(id.toString());
    if (!Files.exists(file)) {
      Files.copy(source.blob(id, title, web), file);
    }
    return file;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
  }
}
