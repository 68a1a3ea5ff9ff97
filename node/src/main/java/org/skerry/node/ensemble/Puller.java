package org.skerry.node.ensemble;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.Catalog;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.TextEncoder;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitKind;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.record.BoardClient;
import org.skerry.board.trust.JudgedManifest;
import org.skerry.board.trust.Judgement;
import org.skerry.board.trust.TaskJudgement;
import org.skerry.board.trust.UnitJudgement;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.task.ClassNames;
import org.skerry.transfer.BlobId;

/**
 * Resolves a name to a task, takes the best accepted manifest of every unit, and fetches the
 * weights they name.
 */
public final class Puller {
  /** Far more than a sheet of small pictures takes. */
  private static final long MAX_SHEET_BYTES = 4 << 20;

  private final BoardClient boards;
  private final BlobGetter blobs;
  private final List<PeerId> publishers;
  private final Consumer<String> said;
  private final RefusalCounts counts;

  /**
   * @param publishers whose catalogs a bare name is looked up in
   * @param said gets sentences for the user
   */
  public Puller(
      BoardClient boards,
      BlobGetter blobs,
      List<PeerId> publishers,
      RefusalCounts counts,
      Consumer<String> said) {
    this.boards = boards;
    this.blobs = blobs;
    this.publishers = List.copyOf(publishers);
    this.counts = counts;
    this.said = said;
  }

  /** The task that {@code name} means now. */
  public Task resolve(TaskName name) throws NodeException {
    return switch (name) {
      case TaskName.ById byId -> byId(byId.id());
      case TaskName.InCatalog in ->
          inCatalog(in.publisher(), in.name())
              .orElseThrow(() -> notFound(in.name(), "the catalog of " + in.publisher()));
      case TaskName.Bare bare -> bare(bare.name());
    };
  }

  /** An id names one content for ever; who looks should know what became of its publisher's key. */
  private Task byId(Cid id) {
    Task task = boards.task(id);
    if (boards.keys().isDisbelieved(task.publisher())) {
      said.accept(
          "warning: the key of this task's publisher, "
              + task.publisher()
              + ", is no longer to be believed");
    }
    return task;
  }

  private Task bare(String name) throws NodeException {
    Optional<BoardException> disbelieved = Optional.empty();
    for (PeerId publisher : publishers) {
      try {
        Optional<Task> task = inCatalog(publisher, name);
        if (task.isPresent()) {
          return task.get();
        }
      } catch (BoardException e) {
        if (!isAboutTheKey(e.refusal())) {
          throw e;
        }
        disbelieved = Optional.of(e); // another publisher may have the name
      }
    }
    if (disbelieved.isPresent()) {
      throw disbelieved.get();
    }
    throw notFound(name, publishers.size() + " allowed publishers' catalogs");
  }

  private static boolean isAboutTheKey(Refusal refusal) {
    return refusal == Refusal.KEY_REVOKED || refusal == Refusal.KEY_DISPUTED;
  }

  private Optional<Task> inCatalog(PeerId publisher, String name) {
    Optional<SignedDocument<Catalog>> catalog = boards.currentCatalog(publisher);
    catalog
        .map(SignedDocument::signer)
        .filter(signer -> !signer.equals(publisher))
        .ifPresent(signer -> said.accept("the key " + publisher + " was succeeded by " + signer));
    return catalog.flatMap(
        names -> names.document().task(name).map(id -> boards.offered(names, id)));
  }

  private static NodeException notFound(String name, String where) {
    return new NodeException(
        Reason.NOT_FOUND,
        "no task '" + name + "' in " + where,
        "check the name with `skerry task list`, or name PUBLISHER/NAME");
  }

  /**
   * What somebody takes besides accepted weights as they were trained.
   *
   * @param unattested the newest manifest of a unit when none is accepted, and the named task in
   *     any case
   * @param bfloat16 rounded weights, where their author offers them
   */
  public record Wish(boolean unattested, boolean bfloat16) {
    /** Nothing but what was accepted, as it was trained. */
    public static final Wish ACCEPTED = new Wish(false, false);
  }

  /**
   * Brings the ensemble of {@code task} here, or of the newest that it extends while its own
   * experts cannot be mixed.
   *
   * @param wish what else may be taken
   */
  public PulledEnsemble pull(Task task, Wish wish) throws NodeException, IOException {
    List<Lineage> versions = boards.lineage(task).fromNewest();
    for (Lineage version : versions) {
      Provenance provenance = documents(version);
      TaskJudgement judged = provenance.judge(counts);
      if (wish.unattested() || canBeMixed(version.task(), judged)) {
        if (!version.task().equals(task)) {
          said.accept(
              "%s has %d partitions by now, whose router is not accepted yet: those before, %d, are"
                      .formatted(
                          task.name(),
                          task.manifest().partitions(),
                          version.task().manifest().partitions())
                  + " taken");
        }
        return pull(provenance, judged, wish);
      }
    }
    Provenance provenance = documents(versions.getFirst());
    return pull(provenance, provenance.judge(counts), new Wish(false, wish.bfloat16()));
  }

  private static boolean canBeMixed(Task task, TaskJudgement judged) {
    return task.manifest().partitions() == 1
        || task.manifest()
            .routerUnit()
            .filter(router -> judged.unit(router.index()).best().isPresent())
            .isPresent();
  }

  private PulledEnsemble pull(Provenance provenance, TaskJudgement judged, Wish wish)
      throws NodeException, IOException {
    Task task = provenance.task();
    List<PulledEnsemble.Member> experts = new ArrayList<>();
    PulledEnsemble.@Nullable Member router = null;
    for (Unit unit : task.units()) {
      if (unit.kind() != UnitKind.EXPERT && unit.kind() != UnitKind.ROUTER) {
        continue;
      }
      Optional<PulledEnsemble.Member> member = choose(task, unit, judged.unit(unit.index()), wish);
      if (member.isEmpty()) {
        continue;
      }
      blobs.fetch(BlobId.parse(member.get().weights()), unit.title());
      if (unit.kind() == UnitKind.ROUTER) {
        router = member.get();
      } else {
        experts.add(member.get());
      }
    }
    if (experts.isEmpty()) {
      throw new NodeException(
          Reason.NOT_ACCEPTED,
          "task " + task.name() + " has no accepted expert yet",
          "wait (`skerry task watch " + task.name() + "`), or pass --allow-unattested");
    }
    if (task.manifest().latentCodec().isPresent()) {
      blobs.fetch(new BlobId(task.manifest().latentCodec().get().weights()), "codec");
    }
    if (task.manifest().textEncoder().isPresent()) {
      TextEncoder encoder = task.manifest().textEncoder().get();
      for (Map.Entry<String, Cid> file : encoder.tokenizer().entrySet()) {
        blobs.fetch(new BlobId(file.getValue()), "tokenizer's " + file.getKey());
      }
      blobs.fetch(new BlobId(encoder.weights()), "text encoder");
    }
    fetchSheets(task);
    return Assembly.of(provenance, experts, router, classNames(task));
  }

  /** Names are for people: an ensemble whose names cannot be read is asked by number. */
  private @Nullable List<String> classNames(Task task) throws IOException {
    if (task.manifest().classNames().isEmpty()) {
      return null;
    }
    Path file = blobs.fetch(new BlobId(task.manifest().classNames().get()), "names of the classes");
    try {
      return ClassNames.read(file, task.manifest().expertModel().classes()).names();
    } catch (IOException e) {
      said.accept("warning: " + e.getMessage());
      return null;
    }
  }

  /** Sheets show what is in a partition, also in one without an expert; pictures do without. */
  private void fetchSheets(Task task) {
    for (Unit unit : task.units()) {
      if (unit.contactSheetBlob().isPresent()) {
        BlobId sheet = new BlobId(unit.contactSheetBlob().get());
        try {
          blobs.fetchSmall(sheet, "sheet of " + unit.title(), MAX_SHEET_BYTES);
        } catch (IOException e) {
          said.accept("the sheet of " + unit.title() + " is not to be had; done without sheets");
          return; // Who has one has all, and nobody should wait for each.
        }
      }
    }
  }

  private Provenance documents(Lineage version) throws NodeException {
    try {
      return new Provenance(version, boards.boards(version));
    } catch (BoardException e) {
      throw new NodeException(
          Reason.UNREACHABLE,
          "the boards of task " + version.task().name() + " cannot be read: " + e.getMessage(),
          "check that this node has peers (`skerry peers`)",
          e);
    }
  }

  private Optional<PulledEnsemble.Member> choose(
      Task task, Unit unit, UnitJudgement judged, Wish wish) {
    Optional<JudgedManifest> best = judged.best().or(() -> newest(judged, wish.unattested()));
    if (best.isEmpty()) {
      said.accept(unit.title() + ": no accepted weights yet, left out");
      return Optional.empty();
    }
    WeightManifest manifest = best.get().manifest().document();
    if (!best.get().isAccepted()) {
      said.accept(
          "warning: "
              + unit.title()
              + ": nobody the task names has accepted these weights of "
              + manifest.peer());
    }
    Cid weights = manifest.weights();
    if (wish.bfloat16()) {
      weights = manifest.bfloat16().orElse(weights);
      if (manifest.bfloat16().isEmpty()) {
        said.accept(unit.title() + ": not to be had in bfloat16, taken in single precision");
      }
    }
    return Optional.of(Assembly.member(task, unit, best.get(), weights));
  }

  /** The newest manifest that nobody has refused, for those who asked for it. */
  private static Optional<JudgedManifest> newest(UnitJudgement judged, boolean allowUnattested) {
    return judged.manifests().reversed().stream()
        .filter(m -> allowUnattested && m.judgement() instanceof Judgement.Pending)
        .findFirst();
  }
}
