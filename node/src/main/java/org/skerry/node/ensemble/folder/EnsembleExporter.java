package org.skerry.node.ensemble.folder;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.skerry.board.document.Unit;
import org.skerry.diffusion.AutoencoderKlConfig;
import org.skerry.diffusion.TextEncoderConfig;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.LocalBlobs;
import org.skerry.node.ensemble.ModelCard;
import org.skerry.node.ensemble.Provenance;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.AtomicFolder;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.task.ClassNames;
import org.skerry.node.task.Codec;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes ensembles as folders ({@link Layout}) that are there whole or not at all. */
public final class EnsembleExporter {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final LocalBlobs blobs;

  public EnsembleExporter(LocalBlobs blobs) {
    this.blobs = blobs;
  }

  /**
   * Writes {@code ensemble} to {@code target}, whose files are a function of the ensemble.
   *
   * @param force whether an older export that is there goes away
   */
  public void export(PulledEnsemble ensemble, Path target, boolean force) throws NodeException {
    try {
      AtomicFolder.recover(target);
      requireFree(target, force);
      ModelCard card = card(ensemble);
      try (AtomicFolder out = AtomicFolder.begin(target)) {
        write(ensemble, card, out.folder());
        out.commit(force);
      }
    } catch (FileAlreadyExistsException e) {
      throw inTheWay(target, "something was put there meanwhile", e);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(target, e);
    }
  }

  private static void requireFree(Path target, boolean force) throws IOException, NodeException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      throw inTheWay(target, "it is a file", null);
    }
    try (Stream<Path> inside = Files.list(target)) {
      if (inside.findAny().isEmpty()) {
        return;
      }
    }
    if (!isExport(target)) {
      throw inTheWay(target, "it is not empty, and no export of an ensemble", null);
    }
    if (!force) {
      throw new NodeException(
          Reason.USAGE,
          target + " holds an exported ensemble already",
          "name another folder with --out, or replace it with --force");
    }
  }

  /** Whether a folder is one that this program wrote. */
  private static boolean isExport(Path folder) {
    try {
      return Layout.INDEX_CLASS.equals(
          new SourceFolder(folder.toRealPath())
              .json(Layout.INDEX, 64 << 10)
              .path("_class_name")
              .asString(""));
    } catch (IOException e) {
      return false;
    }
  }

  private static NodeException inTheWay(Path target, String why, @Nullable IOException cause) {
    String what = target + " is in the way: " + why;
    String remedy = "name another folder with --out";
    return cause == null
        ? new NodeException(Reason.USAGE, what, remedy)
        : new NodeException(Reason.USAGE, what, remedy, cause);
  }

  private static ModelCard card(PulledEnsemble ensemble) throws NodeException {
    try {
      return ModelCard.of(ensemble);
    } catch (IOException e) {
      throw new NodeException(
          Reason.DATA_INVALID,
          "ensemble " + ensemble.name() + " cannot be exported: " + e.getMessage(),
          "pull it again with `skerry pull`",
          e);
    }
  }

  private void write(PulledEnsemble ensemble, ModelCard card, Path out)
      throws IOException, NodeException {
    for (PulledEnsemble.Member member : ensemble.members()) {
      Path part = Files.createDirectory(out.resolve(Layout.part(member)));
      json(part.resolve(Layout.CONFIG), NetworkJson.write(member.network()));
      copy(member.weights(), part.resolve(Layout.WEIGHTS));
    }
    if (ensemble.codec() != null) {
      codec(ensemble.codec(), Files.createDirectory(out.resolve(Layout.CODEC)));
    }
    if (ensemble.text() != null) {
      text(ensemble.text(), out);
    }
    if (ensemble.classNames() != null) {
      Files.write(out.resolve(Layout.CLASS_NAMES), new ClassNames(ensemble.classNames()).encoded());
    }
    Optional<Provenance.Encoded> proof = ensemble.proofIfPresent();
    boolean sheets = false;
    if (proof.isPresent()) {
      json(out.resolve(Layout.DOCUMENTS), new Documents(proof.get(), manifests(ensemble)).json());
      sheets = sheets(proof.get().verified(), out);
    }
    json(out.resolve(Layout.INDEX), index(ensemble));
    Files.write(
        out.resolve(Layout.CARD),
        CardText.of(ensemble, card, sheets).getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, String> manifests(PulledEnsemble ensemble) {
    Map<String, String> out = new LinkedHashMap<>();
    ensemble.members().forEach(member -> out.put(Layout.part(member), member.manifest()));
    return out;
  }

  private static Map<String, Object> index(PulledEnsemble ensemble) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("_class_name", Layout.INDEX_CLASS);
    out.put("format", Layout.FORMAT);
    out.put("name", ensemble.name());
    out.put("description", ensemble.description());
    out.put("licence", ensemble.licence());
    out.put("partitions", ensemble.partitions());
    out.put("parts", ensemble.members().stream().map(Layout::part).toList());
    return out;
  }

  private void codec(PulledEnsemble.Codec codec, Path folder) throws IOException, NodeException {
    Path weights = folder.resolve(Layout.WEIGHTS);
    copy(codec.weights(), weights);
    AutoencoderKlConfig config =
        AutoencoderKlConfig.of(Safetensors.map(weights).tensors(), Codec.GROUPS, codec.scale());
    json(folder.resolve(Layout.CONFIG), CodecJson.write(config));
  }

  private void text(PulledEnsemble.Text text, Path out) throws IOException, NodeException {
    Path encoder = Files.createDirectory(out.resolve(Layout.TEXT_ENCODER));
    json(
        encoder.resolve(Layout.CONFIG),
        TextFiles.json(TextEncoderConfig.fromProperties(text.encoder())));
    copy(text.weights(), encoder.resolve(Layout.TEXT_WEIGHTS));
    Path tokenizer = Files.createDirectory(out.resolve(Layout.TOKENIZER));
    for (Map.Entry<String, String> file : text.tokenizer().entrySet()) {
      copy(file.getValue(), tokenizer.resolve(file.getKey()));
    }
  }

  /** Copies a blob, and hashes the copy: what is exported is what was signed. */
  private void copy(String blob, Path to) throws IOException, NodeException {
    BlobId id = BlobId.parse(blob);
    Path from;
    try {
      from = blobs.path(id);
    } catch (IOException e) {
      throw damaged("weights " + id + " are not on this computer", e);
    }
    Files.copy(from, to);
    if (!MerkleTree.of(to).head().id().equals(id)) {
      throw damaged("weights " + from + " are damaged", null);
    }
  }

  private static NodeException damaged(String what, @Nullable IOException cause) {
    String remedy = "pull or import the ensemble again";
    return cause == null
        ? new NodeException(Reason.DATA_INVALID, what, remedy)
        : new NodeException(Reason.DATA_INVALID, what, remedy, cause);
  }

  /** The sheets that are here; whether that is all of them. */
  private boolean sheets(Provenance provenance, Path out) throws IOException, NodeException {
    Map<Integer, String> sheets = new TreeMap<>();
    for (Unit unit : provenance.task().units()) {
      if (unit.partition() >= 0 && unit.contactSheetBlob().isPresent()) {
        BlobId id = new BlobId(unit.contactSheetBlob().get());
        if (isHere(id)) {
          sheets.put(unit.partition(), id.toString());
        }
      }
    }
    for (Map.Entry<Integer, String> sheet : sheets.entrySet()) {
      Path file = out.resolve(Layout.sheet(sheet.getKey()));
      Files.createDirectories(file.getParent());
      copy(sheet.getValue(), file);
    }
    return sheets.size() == provenance.task().manifest().partitions();
  }

  private boolean isHere(BlobId id) {
    try {
      return Files.isRegularFile(blobs.path(id));
    } catch (IOException e) {
      return false;
    }
  }

  private static void json(Path file, Map<String, Object> content) throws IOException {
    List<String> lines = JSON.writeValueAsString(content).lines().toList();
    Files.write(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
