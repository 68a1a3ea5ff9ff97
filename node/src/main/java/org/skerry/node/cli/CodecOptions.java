package org.skerry.node.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.task.Codec;
import picocli.CommandLine.Option;

/** In which space experts work. */
final class CodecOptions {
  @Option(
      names = "--codec",
      paramLabel = "FILE",
      description =
          """
          train on latents: the safetensors of a diffusers AutoencoderKL, by which images are \
          encoded once (the mean of each posterior) and samples decoded; it is published with the \
          task\
          """)
  @Nullable Path weights;

  @Option(
      names = "--codec-scale",
      paramLabel = "FACTOR",
      description = "from the codec's latents to those trained on (default: 0.18215)")
  double scale = 0.18215;

  Optional<Codec> codec() throws NodeException {
    return weights == null ? Optional.empty() : Optional.of(Codec.of(weights, scale));
  }
}
