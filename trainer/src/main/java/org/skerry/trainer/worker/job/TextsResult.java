package org.skerry.trainer.worker.job;

import java.util.List;

/**
 * Result of {@link TextsJob}.
 *
 * @param files tables that have all captions together, each once, and the empty text
 * @param texts how many that are
 */
public record TextsResult(List<String> files, int texts) {
  public TextsResult {
    files = List.copyOf(files);
  }
}
