package org.skerry.board.document;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.DagCbor;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.multiformats.Cid;

/**
 * What a task is about: the models, how they are trained, on which data. The publisher's signature
 * is on the {@link TaskCharter}, which names these bytes by their CID.
 *
 * @param name a slug, the name people pull by
 * @param licence of the data and of the weights
 * @param expertModel of every partition without an entry in {@code modelOverrides}
 * @param modelOverrides partition → its own model, which sees the same images and classes
 * @param expertRecipe of every partition without an entry in {@code recipeOverrides}
 * @param recipeOverrides partition → its own recipe
 * @param latentCodec absent: the models work on pixels
 * @param textEncoder absent: the models read no texts
 * @param classNames blob with the names of the model's classes; absent when they have none
 * @param units in the order of their index; expert partitions are 0..K-1, each once
 * @param parent the task that this one extends; see {@link Lineage}
 * @param rounds reserved for several peers that train one expert together; 0 is everybody alone,
 *     and a peer that knows no other value leaves the task alone
 */
public record TaskManifest(
    String name,
    String description,
    String licence,
    ModelSpec expertModel,
    SortedMap<Integer, ModelSpec> modelOverrides,
    ModelSpec routerModel,
    Recipe expertRecipe,
    SortedMap<Integer, Recipe> recipeOverrides,
    Recipe routerRecipe,
    Optional<LatentCodec> latentCodec,
    Optional<TextEncoder> textEncoder,
    Optional<Cid> classNames,
    FlowPath path,
    Optional<Cid> parent,
    List<Unit> units,
    Clustering clustering,
    int rounds) {

  public static final int MAX_BYTES = 48 * 1024;
  public static final int MAX_DESCRIPTION_BYTES = 4096;
  private static final String KIND = "task-manifest";

  public TaskManifest {
    Bounds.name("name", name);
    Bounds.text("description", description, MAX_DESCRIPTION_BYTES);
    Bounds.line("licence", licence, 128);
    modelOverrides = Collections.unmodifiableSortedMap(new TreeMap<>(modelOverrides));
    recipeOverrides = Collections.unmodifiableSortedMap(new TreeMap<>(recipeOverrides));
    units = List.copyOf(units);
    parent.ifPresent(task -> Bounds.document("parent", task));
    classNames.ifPresent(blob -> Bounds.blob("classNames", blob));
    if (classNames.isPresent() && expertModel.classes() == 0) {
      throw Bounds.outOfBounds("classNames of a model without classes");
    }
    Bounds.size("units", units, 1, TaskCharter.MAX_UNITS);
    Bounds.range("rounds", rounds, 0, 1_000_000);
    int partitions = requireNumbered(units);
    Bounds.range(
        "number of partitions in clustering", clustering.sizes().size(), partitions, partitions);
    PartitionOverrides.models(expertModel).requireDifferent(modelOverrides, partitions);
    PartitionOverrides.recipes(expertRecipe).requireDifferent(recipeOverrides, partitions);
    for (ModelSpec own : modelOverrides.values()) {
      requireMixable(expertModel, own);
    }
    int read = textEncoder.map(TextEncoder::width).orElse(0);
    Bounds.range("textWidth of the expert model", expertModel.textWidth(), read, read);
    Bounds.range("textWidth of the router model", routerModel.textWidth(), 0, 0);
    if (expertModel.family() == ModelFamily.PARIS && textEncoder.isEmpty()) {
      throw Bounds.outOfBounds("experts of Paris without a textEncoder");
    }
  }

  /** Experts are mixed where they are evaluated: on the same image, for the same class or text. */
  private static void requireMixable(ModelSpec all, ModelSpec own) {
    String override = " of a model override";
    Bounds.range("imageSize" + override, own.imageSize(), all.imageSize(), all.imageSize());
    Bounds.range("channels" + override, own.channels(), all.channels(), all.channels());
    Bounds.range("classes" + override, own.classes(), all.classes(), all.classes());
    Bounds.range("textWidth" + override, own.textWidth(), all.textWidth(), all.textWidth());
  }

  /** Indexes count up from 0; experts' partitions too; there is at most one router. */
  private static int requireNumbered(List<Unit> units) {
    int partitions = 0;
    int routers = 0;
    for (int i = 0; i < units.size(); i++) {
      Unit unit = units.get(i);
      if (unit.index() != i) {
        throw Bounds.outOfBounds("unit " + unit.index() + " stands at place " + i);
      }
      if (unit.kind() == UnitKind.EXPERT && unit.partition() != partitions++) {
        throw Bounds.outOfBounds(
            "expert unit " + i + " has partition " + unit.partition() + ", not the next one");
      }
      if (unit.kind() == UnitKind.ROUTER && ++routers > 1) {
        throw Bounds.outOfBounds("unit " + i + " is a second router");
      }
    }
    for (Unit unit : units) {
      Bounds.range("partition of unit " + unit.index(), unit.partition(), -1, partitions - 1);
    }
    return partitions;
  }

  /** K, the number of experts. */
  public int partitions() {
    return (int) units.stream().filter(unit -> unit.kind() == UnitKind.EXPERT).count();
  }

  /** The expert unit of {@code partition}. */
  public Unit expertUnit(int partition) {
    return units.stream()
        .filter(unit -> unit.kind() == UnitKind.EXPERT && unit.partition() == partition)
        .findFirst()
        .orElseThrow(() -> Bounds.outOfBounds("there is no partition " + partition));
  }

  public Optional<Unit> routerUnit() {
    return units.stream().filter(unit -> unit.kind() == UnitKind.ROUTER).findFirst();
  }

  /**
   * What a version of the task says that has more partitions.
   *
   * @param parent id of the task with this manifest
   * @param all units of the next version
   * @param sizes samples of all its partitions
   */
  public TaskManifest extended(Cid parent, List<Unit> all, List<Long> sizes) {
    return copy(
        name,
        Optional.of(parent),
        all,
        new Clustering(clustering.method(), clustering.seed(), clustering.features(), sizes));
  }

  /**
   * What a fork of the task says: the same, without a parent.
   *
   * @param forkName the name people pull the fork by
   * @param own units with the fork's own held-out shards
   */
  public TaskManifest forked(String forkName, List<Unit> own) {
    return copy(forkName, Optional.empty(), own, clustering);
  }

  private TaskManifest copy(
      String newName, Optional<Cid> newParent, List<Unit> newUnits, Clustering newClustering) {
    return new TaskManifest(
        newName,
        description,
        licence,
        expertModel,
        modelOverrides,
        routerModel,
        expertRecipe,
        recipeOverrides,
        routerRecipe,
        latentCodec,
        textEncoder,
        classNames,
        path,
        newParent,
        newUnits,
        newClustering,
        rounds);
  }

  /** The model that is trained in {@code unit}. */
  public ModelSpec modelOf(Unit unit) {
    return unit.kind() == UnitKind.ROUTER
        ? routerModel
        : modelOverrides.getOrDefault(unit.partition(), expertModel);
  }

  /** The recipe by which {@code unit} is trained. */
  public Recipe recipeOf(Unit unit) {
    return unit.kind() == UnitKind.ROUTER
        ? routerRecipe
        : recipeOverrides.getOrDefault(unit.partition(), expertRecipe);
  }

  /** The canonical bytes whose CID the charter names. */
  public byte[] encoded() {
    byte[] bytes = DagCbor.encode(toValue());
    if (bytes.length > MAX_BYTES) {
      throw new BoardException(
          Refusal.TOO_LARGE,
          "the task manifest has "
              + bytes.length
              + " bytes, at most "
              + MAX_BYTES
              + " are allowed: use fewer units or shorter texts");
    }
    return bytes;
  }

  /** Reads canonical bytes. */
  public static TaskManifest decode(byte[] bytes) {
    return fromValue(DagCbor.decode(bytes, MAX_BYTES));
  }

  Value toValue() {
    FieldWriter out =
        new FieldWriter()
            .integer("version", Document.SCHEMA_VERSION)
            .text("kind", KIND)
            .text("name", name)
            .text("description", description)
            .text("licence", licence)
            .value("expertModel", expertModel.toValue())
            .value("modelOverrides", PartitionOverrides.models(expertModel).encode(modelOverrides))
            .value("routerModel", routerModel.toValue())
            .value("expertRecipe", expertRecipe.toValue())
            .value(
                "recipeOverrides", PartitionOverrides.recipes(expertRecipe).encode(recipeOverrides))
            .value("routerRecipe", routerRecipe.toValue())
            .named("path", path)
            .value("units", Value.list(units.stream().map(Unit::toValue).toList()))
            .value("clustering", clustering.toValue())
            .link("classNames", classNames)
            .link("parent", parent)
            .integer("rounds", rounds);
    latentCodec.ifPresent(codec -> out.value("latentCodec", codec.toValue()));
    textEncoder.ifPresent(encoder -> out.value("textEncoder", encoder.toValue()));
    return out.end();
  }

  static TaskManifest fromValue(Value value) {
    FieldReader in = FieldReader.ofDocument(KIND, value);
    ModelSpec expertModel = ModelSpec.fromValue(in.value("expertModel"));
    Recipe expertRecipe = Recipe.fromValue(in.value("expertRecipe"));
    TaskManifest manifest =
        new TaskManifest(
            in.text("name"),
            in.text("description"),
            in.text("licence"),
            expertModel,
            PartitionOverrides.models(expertModel).decode(in.list("modelOverrides", v -> v)),
            ModelSpec.fromValue(in.value("routerModel")),
            expertRecipe,
            PartitionOverrides.recipes(expertRecipe).decode(in.list("recipeOverrides", v -> v)),
            Recipe.fromValue(in.value("routerRecipe")),
            in.optionalValue("latentCodec").map(LatentCodec::fromValue),
            in.optionalValue("textEncoder").map(TextEncoder::fromValue),
            in.optionalLink("classNames"),
            in.named("path", FlowPath.class),
            in.optionalLink("parent"),
            in.list("units", Unit::fromValue),
            Clustering.fromValue(in.value("clustering")),
            in.smallInteger("rounds"));
    in.end();
    return manifest;
  }
}
