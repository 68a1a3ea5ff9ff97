package org.skerry.board.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.Value;
import org.skerry.board.dagcbor.Value.NullValue;

final class TaskTest {
  private static TaskManifest manifestOf(
      List<Unit> units, SortedMap<Integer, ModelSpec> overrides, String description) {
    TaskManifest base = Samples.manifest();
    long experts = units.stream().filter(unit -> unit.kind() == UnitKind.EXPERT).count();
    return new TaskManifest(
        base.name(),
        description,
        base.licence(),
        base.expertModel(),
        overrides,
        base.routerModel(),
        base.expertRecipe(),
        new TreeMap<>(),
        base.routerRecipe(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        base.path(),
        Optional.empty(),
        units,
        new Clustering("m", 1, "f", Collections.nCopies((int) experts, 5L)),
        0);
  }

  @Test
  void findsModelAndRecipeOfAUnit() {
    TaskManifest manifest = Samples.manifest();
    assertThat(manifest.partitions()).isEqualTo(2);
    assertThat(manifest.modelOf(manifest.expertUnit(0)).hidden()).isEqualTo(32);
    assertThat(manifest.modelOf(manifest.expertUnit(1)).hidden()).isEqualTo(48);
    assertThat(manifest.modelOf(manifest.routerUnit().orElseThrow()).hidden()).isEqualTo(16);
  }

  @Test
  void anExpertHasItsOwnRecipeAndAllOthersTheTasks() {
    TaskManifest manifest = Samples.manifest();
    assertThat(manifest.recipeOf(manifest.expertUnit(0)).steps()).isEqualTo(300);
    assertThat(manifest.recipeOf(manifest.expertUnit(0)).initialWeights()).isEmpty();
    assertThat(manifest.recipeOf(manifest.expertUnit(1))).isEqualTo(manifest.expertRecipe());
    assertThat(TaskManifest.decode(manifest.encoded())).isEqualTo(manifest);
  }

  @Test
  void anOverrideSaysWhatDiffersAndNothingElse() {
    SortedMap<String, Value> fields =
        new TreeMap<>(((Value.MapValue) Samples.manifest().toValue()).entries());
    Value recipe =
        Value.map(Map.of("steps", new Value.IntValue(300), "initialWeights", new NullValue()));
    Value model = Value.map(Map.of("hidden", new Value.IntValue(48)));
    assertThat(fields)
        .containsEntry("recipeOverrides", overrides("recipe", 0, recipe))
        .containsEntry("modelOverrides", overrides("model", 1, model));

    fields.put(
        "modelOverrides",
        overrides(
            "model",
            1,
            Value.map(Map.of("hidden", new Value.IntValue(48), "depth", new Value.IntValue(3)))));
    assertRefused(fields, Refusal.NOT_CANONICAL);
    fields.put("modelOverrides", overrides("model", 1, Value.map(Map.of())));
    assertRefused(fields, Refusal.OUT_OF_BOUNDS);
    fields.put(
        "modelOverrides", overrides("model", 1, Value.map(Map.of("learnSigma", new NullValue()))));
    assertRefused(fields, Refusal.NOT_CANONICAL);
    fields.put(
        "modelOverrides",
        overrides("model", 1, Value.map(Map.of("width", new Value.IntValue(48)))));
    assertRefused(fields, Refusal.UNKNOWN_FIELD);
    fields.put(
        "modelOverrides", overrides("model", 1, Value.map(Map.of("depth", new NullValue()))));
    assertRefused(fields, Refusal.MISSING_FIELD);
    fields.put("modelOverrides", overrides("model", 2, model));
    assertRefused(fields, Refusal.OUT_OF_BOUNDS);
  }

  private static Value overrides(String kind, int partition, Value changes) {
    return Value.list(
        List.of(Value.map(Map.of("partition", new Value.IntValue(partition), kind, changes))));
  }

  private static void assertRefused(SortedMap<String, Value> fields, Refusal refusal) {
    assertThatThrownBy(() -> TaskManifest.fromValue(Value.map(fields)))
        .isInstanceOfSatisfying(
            BoardException.class, e -> assertThat(e.refusal()).isEqualTo(refusal));
  }

  @Test
  void refusesAnExpertThatWouldSeeOtherImagesOrClasses() {
    List<Unit> units = List.of(Samples.expert(0));
    for (ModelSpec other :
        List.of(
            new ModelSpec(ModelFamily.UNET, 32, 3, 32, 3, 0, 0, 10),
            new ModelSpec(ModelFamily.UNET, 16, 4, 32, 3, 0, 0, 10),
            new ModelSpec(ModelFamily.UNET, 16, 3, 32, 3, 0, 0, 0))) {
      assertThatThrownBy(() -> manifestOf(units, new TreeMap<>(Map.of(0, other)), ""))
          .hasMessageContaining("of a model override");
    }
    ModelSpec transformer = new ModelSpec(ModelFamily.SIT, 16, 3, 64, 2, 4, 4, 10);
    assertThat(manifestOf(units, new TreeMap<>(Map.of(0, transformer)), "").modelOverrides())
        .hasSize(1);
  }

  @Test
  void refusesNamesOfClassesThatThereAreNot() {
    SortedMap<String, Value> fields =
        new TreeMap<>(((Value.MapValue) Samples.manifest().toValue()).entries());
    SortedMap<String, Value> model =
        new TreeMap<>(((Value.MapValue) Samples.unet(32).toValue()).entries());
    model.put("classes", new Value.IntValue(0));
    fields.put("expertModel", Value.map(model));
    assertRefused(fields, Refusal.OUT_OF_BOUNDS);
    fields.remove("classNames");
    assertThat(TaskManifest.fromValue(Value.map(fields)).classNames()).isEmpty();
  }

  @Test
  void refusesAManifestThatTheCharterDoesNotName() {
    Task task = Samples.task();
    TaskManifest other = manifestOf(task.units(), new TreeMap<>(), "other");
    assertThatThrownBy(() -> new Task(task.charter(), other))
        .isInstanceOfSatisfying(
            BoardException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.ID_MISMATCH));
  }

  @Test
  void refusesUnitsThatAreNotNumberedThrough() {
    assertThatThrownBy(() -> manifestOf(List.of(Samples.expert(1)), new TreeMap<>(), ""))
        .hasMessageContaining("unit 1 stands at place 0");
    assertThatThrownBy(() ->
            manifestOf(
                List.of(Samples.expert(0), Samples.router(1), Samples.router(2)),
                new TreeMap<>(),
                ""))
        .hasMessageContaining("second router");
    TreeMap<Integer, ModelSpec> overrides = new TreeMap<>();
    overrides.put(1, Samples.unet(8));
    assertThatThrownBy(() -> manifestOf(List.of(Samples.expert(0)), overrides, ""))
        .hasMessageContaining("model override");
  }

  @Test
  void holdsAHundredUnitsAndRefusesMoreBytesThanItsLimit() {
    List<Unit> units = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      units.add(Samples.expert(i));
    }
    TaskManifest manifest = manifestOf(units, new TreeMap<>(), "d".repeat(4096));
    assertThat(manifest.encoded().length).isLessThan(TaskManifest.MAX_BYTES);
    assertThat(TaskManifest.decode(manifest.encoded())).isEqualTo(manifest);
    units.clear();
    TreeMap<Integer, ModelSpec> overrides = new TreeMap<>();
    for (int i = 0; i < TaskCharter.MAX_UNITS; i++) {
      units.add(titled(Samples.expert(i), "t".repeat(Unit.MAX_TITLE_BYTES)));
      overrides.put(i, new ModelSpec(ModelFamily.SIT, 16, 3, 1024 + 4 * i, 100, 4, 4, 10));
    }
    assertThatThrownBy(() -> manifestOf(units, overrides, "d".repeat(4096)).encoded())
        .hasMessageContaining("use fewer units");
  }

  private static Unit titled(Unit unit, String title) {
    return new Unit(
        unit.index(),
        unit.kind(),
        unit.partition(),
        unit.samples(),
        unit.indexBlob(),
        unit.validationBlob(),
        unit.secretHash(),
        unit.contactSheetBlob(),
        title);
  }

  @Test
  void refusesModelsThatCannotBeBuilt() {
    assertThatThrownBy(() -> new ModelSpec(ModelFamily.DIT, 32, 3, 64, 2, 3, 4, 0))
        .hasMessageContaining("heads = 3 does not divide hidden = 64");
    assertThatThrownBy(() -> new ModelSpec(ModelFamily.UNET, 18, 3, 32, 3, 0, 0, 0))
        .hasMessageContaining("does not divide imageSize = 18");
    assertThatThrownBy(() -> new ModelSpec(ModelFamily.UNET, 16, 3, 32, 3, 4, 0, 0))
        .hasMessageContaining("heads of a U-Net 4 not in 0..0");
  }

  @Test
  void saysWhetherATransformerLearnsSigmaOnlyWhenItDoes() {
    ModelSpec plain = new ModelSpec(ModelFamily.SIT, 32, 4, 1152, 28, 16, 2, 1000);
    ModelSpec sigma = new ModelSpec(ModelFamily.DIT, 32, 4, 1152, 28, 16, 2, 1000, true);
    assertThat(ModelSpec.fromValue(plain.toValue())).isEqualTo(plain);
    assertThat(ModelSpec.fromValue(sigma.toValue())).isEqualTo(sigma);
    SortedMap<String, Value> fields = new TreeMap<>(((Value.MapValue) sigma.toValue()).entries());
    assertThat(((Value.MapValue) plain.toValue()).entries()).doesNotContainKey("learnSigma");
    fields.put("learnSigma", new Value.BoolValue(false));
    assertThatThrownBy(() -> ModelSpec.fromValue(Value.map(fields)))
        .hasMessageContaining("'learnSigma' of model is true or left out");
    assertThatThrownBy(() -> new ModelSpec(ModelFamily.UNET, 16, 3, 32, 3, 0, 0, 0, true))
        .hasMessageContaining("a U-Net cannot learn sigma");
  }

  @Test
  void refusesAnEvaluatorNamedTwiceAndMoreRequiredThanNamed() {
    assertThatThrownBy(() -> Samples.policy(1, Samples.EVALUATOR, Samples.EVALUATOR))
        .hasMessageContaining("named twice");
    assertThatThrownBy(() -> Samples.policy(2, Samples.EVALUATOR))
        .hasMessageContaining("required 2 not in 1..1");
  }
}
