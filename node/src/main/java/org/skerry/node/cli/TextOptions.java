package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.folder.TextFiles;
import org.skerry.node.task.TextEncoding;
import picocli.CommandLine.Option;

/** What experts read. */
final class TextOptions {
  @Option(
      names = "--text-encoder",
      paramLabel = "DIR",
      description =
          """
          let experts read captions (.txt beside each image): a folder with the config.json, \
          model.safetensors and tokenizer files of a CLIP text model or a T5 encoder, by which \
          captions are encoded once; it is published with the task. Needs a --model that reads, such \
          as Paris-XS/2\
          """)
  @Nullable Path folder;

  @Option(
      names = "--caption-dropout",
      paramLabel = "SHARE",
      description = "images that are trained on without their caption, for guidance (default: 0.1)")
  double dropout = 0.1;

  Optional<TextEncoding> encoding() throws NodeException {
    if (folder == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(TextFiles.read(folder));
    } catch (IOException e) {
      throw new NodeException(
          Reason.DATA_INVALID,
          "--text-encoder " + folder + " cannot be used (" + e.getMessage() + ")",
          "name a folder with config.json, model.safetensors and the tokenizer's files of a CLIP text"
              + " model or a T5 encoder",
          e);
    }
  }
}
