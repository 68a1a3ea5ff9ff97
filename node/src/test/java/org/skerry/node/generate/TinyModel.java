package org.skerry.node.generate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.SkerryHome;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;

/**
 * An ensemble on the shelf whose weights mean nothing, and whose experts and router nevertheless
 * all have something to say.
 */
public record TinyModel(SkerryHome home, String name, int experts, int imageSize, int classes) {
  /** Writes note and weights; {@code seed} decides what the weights are. */
  @SuppressWarnings("NullAway") // which overlooks that the proof of a class file may be null
  public PulledEnsemble write(long seed) throws IOException {
    List<PulledEnsemble.Member> members = new ArrayList<>();
    UNetConfig expert = new UNetConfig(3, imageSize, 16, 2, 32, 8, classes);
    for (int k = 0; k < experts; k++) {
      members.add(member(k, "expert of partition " + k, expert, seed + k));
    }
    UNetClassifierConfig chooser =
        new UNetClassifierConfig(3, imageSize, 16, 2, 32, 8, Math.max(1, experts));
    PulledEnsemble pulled =
        new PulledEnsemble(
            "task-of-" + name,
            name,
            "publisher",
            "",
            "CC0-1.0",
            imageSize,
            3,
            IntStream.range(0, experts).mapToObj(k -> 10L).toList(),
            members,
            experts == 1 ? null : member(-1, "router", chooser, seed + experts),
            classNames(),
            null,
            null);
    pulled.write(home.model(name));
    return pulled;
  }

  private @Nullable List<String> classNames() {
    return classes == 0
        ? null
        : IntStream.range(0, classes).mapToObj(k -> "thing " + (char) ('a' + k)).toList();
  }

  private PulledEnsemble.Member member(
      int partition, String title, NetworkConfig network, long seed) throws IOException {
    Path part = Files.createTempFile(Files.createDirectories(home.fetched()), "weights", "");
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, HostTensor> tensors =
        new TreeMap<>(Parameters.initialTensors(Network.of(network), seed))
            .entrySet().stream()
                .collect(
                    Collectors.toMap(Map.Entry::getKey, entry -> shaken(entry.getValue(), random)));
    new Safetensors(tensors, Map.of()).write(part);
    BlobId blob = MerkleTree.of(part).head().id();
    Files.move(part, home.fetched().resolve(blob.toString()), StandardCopyOption.REPLACE_EXISTING);
    return new PulledEnsemble.Member(
        partition,
        title,
        network.toProperties(),
        blob.toString(),
        "manifest-of-" + title.replace(' ', '-') + "-" + seed,
        "author",
        1,
        0.5,
        true);
  }

  /** Fresh networks say nothing: their last layers are zero. */
  private static HostTensor shaken(HostTensor tensor, SplittableRandom random) {
    float[] values = tensor.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (0.1 * random.nextGaussian());
    }
    return HostTensor.of(values, tensor.shape().stream().mapToLong(Long::longValue).toArray());
  }
}
