package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.SkerryHome;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;

/** Weights that were damaged on the disk after they had been pulled, or that never were any. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class BadModelIT {
  private static final UNetConfig NETWORK = new UNetConfig(3, 8, 8, 2, 16, 4, 0);

  @TempDir Path folder;
  private Path home = Path.of("");
  private byte[] good = {};

  @BeforeEach
  void makeWeights() throws Exception {
    home = folder.resolve("home");
    Path file = folder.resolve("good.safetensors");
    new Safetensors(Parameters.initialTensors(Network.of(NETWORK), 1), Map.of()).write(file);
    good = Files.readAllBytes(file);
    Files.delete(file);
  }

  /** A pulled model of one expert whose weights are {@code named}, with {@code onDisk} in place. */
  @SuppressWarnings("NullAway") // which overlooks that the proof of a class file may be null
  private Path pulled(byte[] named, byte[] onDisk) throws Exception {
    SkerryHome skerry = new SkerryHome(home);
    BlobId blob = MerkleTree.of(named).head().id();
    Path file = Files.createDirectories(skerry.fetched()).resolve(blob.toString());
    Files.write(file, onDisk);
    PulledEnsemble.Member expert =
        new PulledEnsemble.Member(
            0, "expert", NETWORK.toProperties(), blob.toString(), "m", "a", 1, 0.5, true);
    List<Long> sizes = List.of(10L);
    new PulledEnsemble(
            "t", "shapes", "p", "", "CC0", 8, 3, sizes, List.of(expert), null, null, null, null)
        .write(skerry.model("shapes"));
    return file;
  }

  private CommandRun sample() {
    return CommandRun.of(
        home,
        "sample",
        "shapes",
        "--count",
        "1",
        "--steps",
        "2",
        "--threads",
        "1",
        "--out",
        folder.resolve("samples").toString());
  }

  private void assertRefused(Path file) {
    CommandRun run = sample();
    assertThat(run.status()).as(run.err()).isEqualTo(8);
    assertThat(run.error()).contains(file.toString(), "pull it again with `skerry pull`");
    assertThat(folder.resolve("samples")).doesNotExist();
  }

  @Test
  void wholeWeightsAreSampled() throws Exception {
    pulled(good, good);

    assertThat(sample().status()).isZero();
    assertThat(folder.resolve("samples")).isDirectoryContaining("glob:**.png");
  }

  @Test
  void truncatedWeightsAreNamed() throws Exception {
    assertRefused(pulled(good, Arrays.copyOf(good, good.length / 2)));
  }

  @Test
  void oneChangedBitIsSeen() throws Exception {
    byte[] changed = good.clone();
    changed[changed.length - 2] ^= 1;
    assertRefused(pulled(good, changed));
  }

  @Test
  void hostileHeaderThatWasPublishedLikeThatIsNamed() throws Exception {
    byte[] hostile =
        ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(Long.MAX_VALUE).array();
    assertRefused(pulled(hostile, hostile));
  }
}
