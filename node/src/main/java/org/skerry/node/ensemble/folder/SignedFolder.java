package org.skerry.node.ensemble.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.skerry.board.BoardException;
import org.skerry.board.document.LatentCodec;
import org.skerry.board.document.TextEncoder;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitKind;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.trust.JudgedManifest;
import org.skerry.board.trust.Judgement;
import org.skerry.board.trust.TaskJudgement;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.ensemble.Assembly;
import org.skerry.node.ensemble.Provenance;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.task.ClassNames;
import org.skerry.node.task.Networks;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;

/**
 * A folder with documents. They alone say what the ensemble is; every file has to be the bytes, and
 * every configuration the network, that they name. Used by one thread.
 */
final class SignedFolder {
  private static final int MAX_CONFIG_BYTES = 64 << 10;

  private final SourceFolder folder;
  private final Documents documents;
  private final Provenance provenance;
  private final TaskJudgement judged;
  private final List<Incoming.Blob> blobs = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  private SignedFolder(SourceFolder folder, Documents documents, Provenance provenance) {
    this.folder = folder;
    this.documents = documents;
    this.provenance = provenance;
    this.judged = provenance.judge();
  }

  static Incoming read(SourceFolder folder) throws IOException {
    Documents documents = Documents.read(folder);
    try {
      return new SignedFolder(folder, documents, documents.proof().verified()).read();
    } catch (BoardException | IllegalArgumentException e) {
      throw new IOException(Layout.DOCUMENTS + ": " + e.getMessage(), e);
    }
  }

  private Incoming read() throws IOException {
    List<PulledEnsemble.Member> experts = new ArrayList<>();
    PulledEnsemble.@Nullable Member router = null;
    Set<String> parts = new HashSet<>();
    for (Unit unit : provenance.task().units()) {
      Optional<String> part = part(unit);
      if (part.isPresent() && documents.manifests().containsKey(part.get())) {
        parts.add(part.get());
        PulledEnsemble.Member member = member(unit, part.get());
        if (unit.kind() == UnitKind.ROUTER) {
          router = member;
        } else {
          experts.add(member);
        }
      }
    }
    requireNothingElse(parts);
    if (experts.isEmpty()) {
      throw new IOException("it has no expert");
    }
    codec();
    text();
    sheets();
    return new Incoming(Assembly.of(provenance, experts, router, classNames()), blobs, remarks);
  }

  private static Optional<String> part(Unit unit) {
    return switch (unit.kind()) {
      case EXPERT -> Optional.of(Layout.EXPERT + unit.partition());
      case ROUTER -> Optional.of(Layout.ROUTER);
      default -> Optional.empty();
    };
  }

  private PulledEnsemble.Member member(Unit unit, String part) throws IOException {
    String id = documents.manifests().getOrDefault(part, "");
    JudgedManifest manifest =
        judged.unit(unit.index()).manifests().stream()
            .filter(candidate -> candidate.manifest().id().toString().equals(id))
            .findFirst()
            .orElseThrow(() -> new IOException("no signed document speaks for " + part));
    if (manifest.judgement() instanceof Judgement.Refused refused) {
      throw new IOException("the task's evaluators refuse " + part + " (" + refused.reason() + ")");
    }
    if (!manifest.isAccepted()) {
      remarks.add("warning: nobody that the task names has accepted " + part);
    }
    String config = part + "/" + Layout.CONFIG;
    Map<String, String> network = Networks.of(provenance.task().manifest(), unit).toProperties();
    if (!NetworkJson.read(config, folder.json(config, MAX_CONFIG_BYTES)).equals(network)) {
      throw new IOException(config + " is of another network than the signed task's");
    }
    WeightManifest named = manifest.manifest().document();
    Set<Cid> signed = new HashSet<>(List.of(named.weights()));
    named.bfloat16().ifPresent(signed::add);
    Cid weights = take(folder.weights(part), signed);
    return Assembly.member(provenance.task(), unit, manifest, weights);
  }

  private void requireNothingElse(Set<String> parts) throws IOException {
    Set<String> here = new HashSet<>(folder.experts().values());
    if (folder.has(Layout.ROUTER)) {
      here.add(Layout.ROUTER);
    }
    here.removeAll(parts);
    if (!here.isEmpty()) {
      throw new IOException("no signed document speaks for " + here.iterator().next());
    }
  }

  private void take(Path file, Cid signed) throws IOException {
    take(file, Set.of(signed));
  }

  /** Returns which of {@code signed} the file is. */
  private Cid take(Path file, Set<Cid> signed) throws IOException {
    BlobId id = MerkleTree.of(file).head().id();
    String relative = folder.root().relativize(file).toString();
    if (!signed.contains(id.cid())) {
      throw new IOException(relative + " is not the file that was signed for");
    }
    blobs.add(new Incoming.Blob(relative, file, id));
    return id.cid();
  }

  private void codec() throws IOException {
    Optional<LatentCodec> codec = provenance.task().manifest().latentCodec();
    if (codec.isPresent()) {
      take(folder.weights(Layout.CODEC), codec.get().weights());
    }
  }

  private void text() throws IOException {
    Optional<TextEncoder> encoder = provenance.task().manifest().textEncoder();
    if (encoder.isPresent()) {
      take(folder.file(Layout.TEXT_ENCODER + "/" + Layout.TEXT_WEIGHTS), encoder.get().weights());
      for (Map.Entry<String, Cid> file : encoder.get().tokenizer().entrySet()) {
        take(folder.file(Layout.TOKENIZER + "/" + file.getKey()), file.getValue());
      }
    }
  }

  private void sheets() throws IOException {
    for (Unit unit : provenance.task().units()) {
      String sheet = Layout.sheet(unit.partition());
      if (unit.kind() == UnitKind.EXPERT
          && unit.contactSheetBlob().isPresent()
          && folder.has(sheet)) {
        take(folder.file(sheet), unit.contactSheetBlob().get());
      }
    }
  }

  private @Nullable List<String> classNames() throws IOException {
    Optional<Cid> signed = provenance.task().manifest().classNames();
    if (signed.isEmpty() || !folder.has(Layout.CLASS_NAMES)) {
      return null;
    }
    Path file = folder.file(Layout.CLASS_NAMES);
    take(file, signed.get());
    int classes = provenance.task().manifest().expertModel().classes();
    return ClassNames.read(file, classes).names();
  }
}
