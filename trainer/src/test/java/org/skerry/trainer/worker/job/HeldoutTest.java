package org.skerry.trainer.worker.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.FlowObjective;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.diffusion.SeededRandom;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.trainer.evaluation.Evaluation;
import org.skerry.trainer.text.SampleTexts;
import org.skerry.trainer.text.TextTable;
import org.skerry.trainer.text.TinyTexts;

class HeldoutTest {
  private static final UNetConfig CONDITIONAL = new UNetConfig(3, 8, 8, 2, 16, 8, 2);

  @TempDir Path folder;

  /** Classes 0, 1, none and 9, of which the network knows the first two. */
  private Path tar() throws IOException {
    ImageSet pictures = BuiltInPictures.generate(4, 8, 1);
    ImageSet.Builder images = new ImageSet.Builder(8);
    images.add(new ImageInfo("a", null, 0), pictures.planes(0));
    images.add(new ImageInfo("b", null, 1), pictures.planes(1));
    images.add(new ImageInfo("c", null, null), pictures.planes(2));
    images.add(new ImageInfo("d", null, 9), pictures.planes(3));
    Path tar = folder.resolve("held-out.tar");
    ShardWriter.writeSingle(images.build(), tar);
    return tar;
  }

  /** Weights none of which is zero, so that the class makes a difference. */
  private static Map<String, HostTensor> weights(Network network) {
    Map<String, HostTensor> out = new LinkedHashMap<>();
    network
        .parameters()
        .forEach(spec -> {
          float[] values = SeededRandom.of(5, out.size()).gaussians((int) spec.size());
          for (int i = 0; i < values.length; i++) {
            values[i] *= 0.3f;
          }
          out.put(spec.name(), HostTensor.of(values, spec.shape().getShape()));
        });
    return out;
  }

  @Test
  void anExpertThatReadsIsMeasuredWithTheCaptionsOfTheImages() throws IOException {
    var reads = new ParisExpertConfig(3, 8, 4, 16, 1, 2, 32, TinyTexts.WIDTH);
    Network network = Network.of(reads);
    ImageSet pictures = BuiltInPictures.generate(3, 8, 1);
    ImageSet.Builder images = new ImageSet.Builder(8);
    images.add(new ImageInfo("a", "a cat", null), pictures.planes(0));
    images.add(new ImageInfo("b", null, null), pictures.planes(1));
    images.add(new ImageInfo("c", "a black dog", null), pictures.planes(2));
    Path tar = folder.resolve("captioned.tar");
    ShardWriter.writeSingle(images.build(), tar);
    TextTable table = TinyTexts.table(folder.resolve("texts"), "a black dog", "a cat");

    Heldout heldOut = Heldout.read(List.of(List.of(tar.toString())), reads, table, 10);
    try (NDManager manager = Torch.newManager();
        Parameters parameters = Parameters.from(network, weights(network), manager)) {
      double told = heldOut.loss(network, parameters, 3);
      int[] right = {table.numberOf("a cat"), table.empty(), table.numberOf("a black dog")};
      int[] wrong = {right[2], right[1], right[0]};
      assertThat(told)
          .isEqualTo(loss(network, parameters, heldOut, new SampleTexts(table, right)))
          .isNotEqualTo(loss(network, parameters, heldOut, new SampleTexts(table, wrong)));
    }
    TextTable other = TinyTexts.table(folder.resolve("other"), "a cat");
    assertThatThrownBy(() -> Heldout.read(List.of(List.of(tar.toString())), reads, other, 10))
        .hasMessageContaining("not among the encoded captions");
  }

  private static double loss(
      Network network, Parameters parameters, Heldout heldOut, SampleTexts texts) {
    return Evaluation.loss(
        new FlowObjective(), network, parameters, heldOut.images(), null, texts, 3);
  }

  @Test
  void anExpertThatKnowsClassesIsMeasuredWithThoseOfTheImages() throws IOException {
    Network network = Network.of(CONDITIONAL);
    Heldout heldOut = Heldout.read(List.of(List.of(tar().toString())), CONDITIONAL, null, 10);
    try (NDManager manager = Torch.newManager();
        Parameters parameters = Parameters.from(network, weights(network), manager)) {
      double told = heldOut.loss(network, parameters, 3);

      assertThat(told)
          .isEqualTo(
              Evaluation.loss(
                  new FlowObjective(),
                  network,
                  parameters,
                  heldOut.images(),
                  new long[] {0, 1, 2, 2},
                  3))
          .isNotEqualTo(Evaluation.flowLoss(network, parameters, heldOut.images(), 3));
    }
  }
}
