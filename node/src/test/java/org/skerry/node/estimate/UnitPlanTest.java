package org.skerry.node.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.skerry.board.document.Clustering;
import org.skerry.board.document.FlowPath;
import org.skerry.board.document.ModelFamily;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Optimizer;
import org.skerry.board.document.Precision;
import org.skerry.board.document.Recipe;
import org.skerry.board.document.TaskManifest;
import org.skerry.board.document.TextActivation;
import org.skerry.board.document.TextEncoder;
import org.skerry.board.document.TextFamily;
import org.skerry.board.document.TimeSampling;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitKind;
import org.skerry.diffusion.DitSize;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.diffusion.ParisRouterConfig;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.trainer.training.MemoryEstimate;
import org.skerry.transfer.MerkleTree;

class UnitPlanTest {
  private static final int EXPERTS = 8;
  private static final ModelSpec DIT_XL_2 =
      new ModelSpec(ModelFamily.DIT, 32, 4, 1152, 28, 16, 2, 1000, true);
  private static final ModelSpec DIT_S_2 =
      new ModelSpec(ModelFamily.DIT, 32, 4, 384, 12, 6, 2, 0, false);

  /** ImageNet's 1.28 million latents over eight experts, as the paper trains them. */
  private static TaskManifest task(Optimizer optimizer) {
    Cid blob = MerkleTree.of(new byte[] {1}).head().id().cid();
    List<Unit> units = new ArrayList<>();
    for (int i = 0; i < EXPERTS; i++) {
      units.add(
          new Unit(i, UnitKind.EXPERT, i, 160_000, blob, blob, blob, Optional.empty(), "expert"));
    }
    units.add(
        new Unit(
            EXPERTS,
            UnitKind.ROUTER,
            Unit.ALL_PARTITIONS,
            1_280_000,
            blob,
            blob,
            blob,
            Optional.empty(),
            "router"));
    Recipe recipe =
        new Recipe(
            optimizer,
            1e-4,
            0.9,
            0.999,
            1e-8,
            0,
            0,
            0,
            256,
            400_000,
            0.9999,
            0,
            0.1,
            Precision.FLOAT32,
            1,
            TimeSampling.UNIFORM,
            60_000,
            3_600_000,
            Optional.empty(),
            Optional.empty());
    TaskManifest manifest =
        new TaskManifest(
            "imagenet-xl",
            "on paper",
            "none",
            DIT_XL_2,
            new TreeMap<>(),
            DIT_S_2,
            recipe,
            new TreeMap<>(),
            recipe,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            FlowPath.RECTIFIED_FLOW,
            Optional.empty(),
            units,
            new Clustering(
                "k-means", 1, "features", java.util.Collections.nCopies(EXPERTS, 160_000L)),
            0);
    byte[] encoded = manifest.encoded();
    assertThat(encoded.length).isLessThan(TaskManifest.MAX_BYTES);
    return TaskManifest.decode(encoded);
  }

  @Test
  void aTaskOfDitXl2IsPlannedOnPaper() {
    TaskManifest task = task(Optimizer.ADAMW);
    UnitPlan plan = UnitPlan.of(task, task.units().getFirst());

    assertThat(plan.network()).isEqualTo(DitSize.published("DiT-XL/2", 32));
    assertThat(NetworkConfig.fromProperties(plan.network().toProperties()))
        .isEqualTo(plan.network());
    // The paper says 675 M; 294,912 of these are the fixed table of positions.
    assertThat(plan.memory().parameters()).isEqualTo(675_129_632L);
    assertThat(plan.samplesToTrain()).isEqualTo(102_400_000L);
    assertThat(plan.weightsBytes() / 1e9).isCloseTo(2.70, within(0.01));
    assertThat(plan.resumeBytes() / 1e9).isCloseTo(8.10, within(0.01));
    assertThat(plan.chunks()).isBetween(41_150L, 41_250L);
    assertThat(plan.isPublishable()).isTrue();
    // Weights, average, gradients and two moments make 20 bytes a parameter, a checkpoint on its
    // way to the disk 16 more.
    assertThat(plan.memory().stateBytes() / 1e9).isCloseTo(13.5, within(0.1));
    assertThat(plan.memory().checkpointBytes() / 1e9).isCloseTo(10.8, within(0.1));
    assertThat(plan.memory().activationBytesPerImage() / 1e9).isCloseTo(0.68, within(0.03));
    assertThat(plan.memory().bytes(1) / 1e9).isCloseTo(27.9, within(0.5));
    assertThat(plan.memory().bytes(256) / 1e9).isBetween(195.0, 207.0);
    assertThat(plan.memory().microBatch(256, 80_000_000_000L)).isEqualTo(32);
    assertThat(plan.memory().microBatch(256, 16_000_000_000L)).isZero();
    // With blocks computed again, an image keeps 28 block inputs and one block's inside.
    assertThat(plan.memory().recomputedBytesPerImage() / 1e9).isCloseTo(0.08, within(0.02));
    assertThat(plan.memory().recomputed().microBatch(256, 80_000_000_000L)).isEqualTo(256);
  }

  /** The same with experts of Paris that read by CLIP ViT-L/14. */
  private static TaskManifest reading() {
    TaskManifest task = task(Optimizer.ADAMW);
    Cid blob = task.units().getFirst().indexBlob();
    return new TaskManifest(
        task.name(),
        task.description(),
        task.licence(),
        new ModelSpec(ModelFamily.PARIS, 32, 4, 1152, 28, 16, 2, 0, false, 768),
        new TreeMap<>(),
        new ModelSpec(ModelFamily.PARIS, 32, 4, 768, 12, 12, 2, 0),
        task.expertRecipe(),
        new TreeMap<>(),
        task.routerRecipe(),
        Optional.empty(),
        Optional.of(
            new TextEncoder(
                TextFamily.CLIP_TEXT,
                49_408,
                77,
                768,
                12,
                12,
                0,
                3072,
                0,
                0,
                TextActivation.QUICK_GELU,
                blob,
                new TreeMap<>(Map.of("tokenizer.json", blob)))),
        Optional.empty(),
        task.path(),
        Optional.empty(),
        task.units(),
        task.clustering(),
        0);
  }

  @Test
  void aTaskOfParisIsPlannedOnPaperWithItsTextsAndWithoutItsEncoder() {
    TaskManifest task = reading();
    UnitPlan plan = UnitPlan.of(task, task.units().getFirst());

    assertThat(plan.network()).isEqualTo(ParisExpertConfig.published());
    assertThat(plan.textTokens()).isEqualTo(77);
    // Weights, average, gradients, moments and a checkpoint: 36 bytes for each of 606 M.
    assertThat(plan.memory().stateBytes() / 1e9).isCloseTo(12.1, within(0.1));
    // A batch's 256 texts are 60 MB, five times.
    long images = 160_000L * 4 * 32 * 32 * 4;
    assertThat(plan.memory().imageBytes()).isEqualTo(images + 5L * 256 * 77 * 768 * 4);
    MemoryEstimate silent = MemoryEstimate.of(plan.network(), plan.optimizer(), 160_000, 0, 0);
    // Keys and values of 28 blocks, and what the text was made into.
    long each = plan.memory().activationBytesPerImage() - silent.activationBytesPerImage();
    assertThat(each).isEqualTo(4L * 77 * (2 * 1152 * 28 + 1152 + 768 + 2 * 1152));
    assertThat(plan.memory().microBatch(256, 80_000_000_000L)).isEqualTo(32);

    UnitPlan router = UnitPlan.of(task, task.routerUnit().orElseThrow());
    assertThat(router.network()).isEqualTo(ParisRouterConfig.published());
    assertThat(router.textTokens()).isZero();
  }

  @Test
  void muonKeepsOneMomentForMatrices() {
    TaskManifest task = task(Optimizer.MUON);
    UnitPlan plan = UnitPlan.of(task, task.units().getFirst());
    assertThat(plan.memory().momentBytes())
        .isBetween(plan.memory().gradientBytes(), plan.memory().gradientBytes() * 11 / 10);
  }
}
