package org.skerry.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.torch.Torch;

class ExpertCacheTest {
  @TempDir Path folder;
  private final Network network = Network.of(new UNetConfig(1, 4, 2, 1, 4, 1, 0));
  private final long sizeBytes = network.config().parameterCount() * 4;

  @Test
  void keepsWhatFitsAndLoadsAgainWhatDidNot() throws IOException {
    try (NDManager manager = Torch.newManager();
        var cache = new ExpertCache(manager, 2 * sizeBytes, 0)) {
      VelocityField[] experts = experts(manager, cache, 3);
      ask(manager, experts[0]);
      ask(manager, experts[1]);
      ask(manager, experts[0]);
      assertThat(cache.loads()).isEqualTo(2);
      assertThat(cache.memoryBytes()).isEqualTo(2 * sizeBytes);
      ask(manager, experts[2]);
      assertThat(cache.memoryBytes()).isEqualTo(2 * sizeBytes);
      ask(manager, experts[0]);
      assertThat(cache.loads()).as("the first was used later than the second").isEqualTo(3);
      ask(manager, experts[1]);
      assertThat(cache.loads()).isEqualTo(4);
    }
  }

  @Test
  void letsOneExpertInThatIsLargerThanItsBudget() throws IOException {
    try (NDManager manager = Torch.newManager();
        var cache = new ExpertCache(manager, 0, 0)) {
      VelocityField[] experts = experts(manager, cache, 2);
      ask(manager, experts[0]);
      ask(manager, experts[1]);
      assertThat(cache.memoryBytes()).isEqualTo(sizeBytes);
    }
  }

  @Test
  void fetchesWhatIsPreparedUnlessTheOneBeforeItHadToLeave() throws IOException {
    try (NDManager manager = Torch.newManager();
        var two = new ExpertCache(manager, 2 * sizeBytes, 0);
        var one = new ExpertCache(manager, sizeBytes, 0)) {
      VelocityField[] experts = experts(manager, two, 3);
      experts[0].prepare();
      experts[1].prepare();
      assertThat(two.loads()).isEqualTo(2);
      ask(manager, experts[0]);
      experts[2].prepare();
      assertThat(two.loads()).isEqualTo(3);
      ask(manager, experts[0]);
      ask(manager, experts[2]);
      assertThat(two.loads()).as("the second left").isEqualTo(3);

      VelocityField[] tight = experts(manager, one, 2);
      tight[0].prepare();
      tight[1].prepare();
      ask(manager, tight[0]);
      assertThat(one.loads()).isEqualTo(1);
    }
  }

  @Test
  void anotherDeviceHoldsCopiesUnderABudgetOfItsOwn() throws IOException {
    try (NDManager manager = Torch.newManager();
        var cache = new ExpertCache(manager, 3 * sizeBytes, sizeBytes, false)) {
      VelocityField[] experts = experts(manager, cache, 3);
      for (VelocityField expert : experts) {
        ask(manager, expert);
      }
      assertThat(cache.memoryBytes()).isEqualTo(3 * sizeBytes);
      assertThat(cache.deviceBytes()).isEqualTo(sizeBytes);
      ask(manager, experts[0]);
      assertThat(cache.loads()).as("memory still had it").isEqualTo(3);
    }
  }

  @Test
  void aModelThatDoesNotFitGivesTheSameImagesAsOneThatDoes() throws IOException {
    try (NDManager manager = Torch.newManager();
        var roomy = new ExpertCache(manager, 3 * sizeBytes, 0);
        var tight = new ExpertCache(manager, 2 * sizeBytes, 0)) {
      Router turns =
          (x, t) -> {
            float[] logits = new float[(int) x.getShape().get(0) * 3];
            for (int i = 0; i < logits.length; i += 3) {
              logits[i + i / 3 % 3] = 1;
            }
            return x.getManager().create(logits, new Shape(logits.length / 3, 3));
          };
      for (String strategy : new String[] {"full", "top-1"}) {
        float[][] images = new float[2][];
        int at = 0;
        for (ExpertCache cache : new ExpertCache[] {roomy, tight}) {
          VelocityField[] experts = experts(manager, cache, 3);
          Ensemble ensemble =
              new Ensemble(
                  turns,
                  Map.of(0, experts[0], 1, experts[1], 2, experts[2]),
                  3,
                  Strategy.parse(strategy));
          images[at++] = Sampler.usual(5).sample(manager, ensemble, 1, 4, 3, 6).data();
        }
        assertThat(images[1]).isEqualTo(images[0]);
      }
      assertThat(roomy.loads()).isEqualTo(3);
      assertThat(tight.loads()).isGreaterThan(3);
      assertThat(tight.memoryBytes()).isEqualTo(2 * sizeBytes);
    }
  }

  @Test
  void namesTheFileThatIsNoExpert() throws IOException {
    Path file = folder.resolve("broken.safetensors");
    Files.writeString(file, "not weights at all");
    try (NDManager manager = Torch.newManager();
        var cache = new ExpertCache(manager, sizeBytes, 0)) {
      VelocityField expert = cache.expert(network, file).field(network::field);
      assertThatThrownBy(() -> ask(manager, expert)).hasMessageContaining("broken.safetensors");
    }
  }

  private VelocityField[] experts(NDManager manager, ExpertCache cache, int count)
      throws IOException {
    VelocityField[] experts = new VelocityField[count];
    for (int k = 0; k < count; k++) {
      experts[k] = cache.expert(network, save(manager, k)).field(network::field);
    }
    return experts;
  }

  private Path save(NDManager manager, int k) throws IOException {
    Path file = folder.resolve(k + ".safetensors");
    try (Parameters p = Parameters.initialise(network, manager, k)) {
      p.toSafetensors(file, Map.of());
    }
    return file;
  }

  private static void ask(NDManager manager, VelocityField expert) {
    try (NDManager step = manager.newSubManager()) {
      var x = step.ones(new Shape(1, 1, 4, 4));
      assertThat(expert.at(x, step.ones(new Shape(1))).getShape()).isEqualTo(x.getShape());
    }
  }
}
