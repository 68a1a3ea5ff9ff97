package org.skerry.trainer.worker.job;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.text.TextTable;

/**
 * Where the encoded captions of shards are.
 *
 * @param files as {@link TextTable} reads them; empty where the network reads none
 * @param maxTokens of a text
 */
public record TextTables(List<String> files, int maxTokens) {
  /** Of a network that reads no texts. */
  public static final TextTables NONE = new TextTables(List.of(), 0);

  public TextTables {
    files = List.copyOf(files);
    if (maxTokens < 0) {
      throw new IllegalArgumentException("texts of " + maxTokens + " tokens");
    }
  }

  /** The table; null for a network that looks at no texts. */
  @Nullable TextTable open(NetworkConfig network) throws TrainerException {
    return network.textWidth() == 0
        ? null
        : TextTable.open(files.stream().map(Path::of).toList(), network.textWidth(), maxTokens);
  }
}
