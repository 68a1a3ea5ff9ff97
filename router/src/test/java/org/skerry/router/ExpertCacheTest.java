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
        var cache = new ExpertCache(manager, 2 * sizeBytes)) {
      VelocityField[] experts = new VelocityField[3];
      for (int k = 0; k < 3; k++) {
        experts[k] = cache.expert(network, save(manager, k));
      }
      ask(manager, experts[0]);
      ask(manager, experts[1]);
      ask(manager, experts[0]);
      assertThat(cache.loads()).isEqualTo(2);
      assertThat(cache.usedBytes()).isEqualTo(2 * sizeBytes);
      ask(manager, experts[2]);
      assertThat(cache.usedBytes()).isEqualTo(2 * sizeBytes);
      ask(manager, experts[0]);
      assertThat(cache.loads()).as("the first was used later than the second").isEqualTo(3);
      ask(manager, experts[1]);
      assertThat(cache.loads()).isEqualTo(4);
    }
  }

  @Test
  void namesTheFileThatIsNoExpert() throws IOException {
    Path file = folder.resolve("broken.safetensors");
    Files.writeString(file, "not weights at all");
    try (NDManager manager = Torch.newManager();
        var cache = new ExpertCache(manager, sizeBytes)) {
      VelocityField expert = cache.expert(network, file);
      assertThatThrownBy(() -> ask(manager, expert)).hasMessageContaining("broken.safetensors");
    }
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
