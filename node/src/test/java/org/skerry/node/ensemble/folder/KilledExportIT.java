package org.skerry.node.ensemble.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.ParameterSpec;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.node.cli.CommandProcess;
import org.skerry.node.cli.CommandRun;
import org.skerry.node.home.AtomicFolder;
import org.skerry.transfer.MerkleTree;
import tools.jackson.databind.json.JsonMapper;

/** SIGKILL while an ensemble of some 36 MB is imported, exported, and replaced. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class KilledExportIT {
  private static final int ROUNDS = 2;

  @TempDir Path folder;

  @Test
  void neitherAFolderNorANoteLooksWholeThatIsNot() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path source = large();
    Path note = folder.resolve("home/models/large.json");
    Path partial = folder.resolve("home/fetched/partial");
    for (int round = 0; round < ROUNDS; round++) {
      try (CommandProcess run = start("import", source.toString())) {
        run.await(() -> hasEntry(partial));
        run.killAfter(Duration.ofMillis(random.nextInt(800)));
      }
      if (Files.exists(note)) {
        assertThat(run("verify", "large").status()).as("seed %d", seed).isZero();
      }
      allBlobsAreWhole();
    }
    CommandRun imported = run("import", source.toString());
    assertThat(imported.status()).as(imported.err()).isZero();

    Path reference = folder.resolve("reference");
    assertThat(run("export", "large", "--out", reference.toString()).status()).isZero();
    SortedMap<String, String> whole = Folders.content(reference);
    Path shelf = Files.createDirectory(folder.resolve("shelf"));
    Path out = shelf.resolve("out");
    for (int round = 0; round < 2 * ROUNDS; round++) {
      if (round == ROUNDS) {
        // From here on there is something to lose.
        assertThat(run("export", "large", "--out", out.toString(), "--force").status()).isZero();
      }
      try (CommandProcess run = start("export", "large", "--out", out.toString(), "--force")) {
        run.await(() -> hasEntry(shelf, ".out."));
        run.killAfter(Duration.ofMillis(random.nextInt(1500)));
      }
      boolean was = Files.exists(out);
      if (was) {
        assertThat(Folders.content(out)).as("seed %d, round %d", seed, round).isEqualTo(whole);
      }
      AtomicFolder.recover(out);
      assertThat(Files.exists(out))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(was || round >= ROUNDS);
      assertThat(Folders.names(shelf)).as("seed %d", seed).isSubsetOf("out");
    }
    CommandRun exported = run("export", "large", "--out", out.toString(), "--force");
    assertThat(exported.status()).as(exported.err()).isZero();
    assertThat(Folders.content(out)).isEqualTo(whole);
    assertThat(Folders.names(shelf)).containsExactly("out");
  }

  private void allBlobsAreWhole() throws IOException {
    Path fetched = folder.resolve("home/fetched");
    for (String name : Folders.names(fetched)) {
      if (name.startsWith("bag")) {
        assertThat(MerkleTree.of(fetched.resolve(name)).head().id()).hasToString(name);
      }
    }
  }

  private static boolean hasEntry(Path parent, String prefix) {
    try {
      return Folders.names(parent).stream().anyMatch(name -> name.startsWith(prefix));
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean hasEntry(Path parent) {
    return hasEntry(parent, "");
  }

  private CommandProcess start(String... arguments) throws IOException {
    return CommandProcess.start(folder.resolve("home"), folder.resolve("log"), arguments);
  }

  private CommandRun run(String... arguments) {
    return CommandRun.of(folder.resolve("home"), arguments);
  }

  private Path large() throws IOException {
    Path source = folder.resolve("large");
    part(source.resolve("expert_0"), new UNetConfig(3, 8, 64, 3, 16, 8, 0), 0.1f);
    part(source.resolve("expert_1"), new UNetConfig(3, 8, 64, 3, 16, 8, 0), 0.2f);
    part(source.resolve("router"), new UNetClassifierConfig(3, 8, 8, 2, 16, 4, 2), 0.3f);
    return source;
  }

  private static void part(Path part, NetworkConfig config, float value) throws IOException {
    Files.createDirectories(part);
    Files.writeString(
        part.resolve("config.json"),
        JsonMapper.shared().writeValueAsString(NetworkJson.write(config.toProperties())));
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    List<ParameterSpec> specs = Network.of(config).parameters();
    for (ParameterSpec spec : specs) {
      float[] values = new float[Math.toIntExact(spec.size())];
      Arrays.fill(values, value);
      tensors.put(spec.name(), HostTensor.of(values, spec.shape().getShape()));
    }
    new Safetensors(tensors, Map.of()).write(part.resolve("diffusion_pytorch_model.safetensors"));
  }
}
