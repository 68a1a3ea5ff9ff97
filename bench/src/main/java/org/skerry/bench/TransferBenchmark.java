package org.skerry.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.skerry.trainer.DurableFiles;

/** A blob from one and from three peers, beside what no transfer can be faster than. */
final class TransferBenchmark implements Benchmark {
  private static final int WARM_UP_PARTS = 4;

  @Override
  public String name() {
    return "transfer";
  }

  @Override
  public String about() {
    return "a blob fetched over loopback, file to file, beside its ceilings";
  }

  @Override
  public Map<String, String> options() {
    return new TreeMap<>(Map.of("mib", "256", "rounds", "3"));
  }

  @Override
  public Report run(Options options) throws Exception {
    long bytes = (long) options.number("mib") << 20;
    Path folder = Files.createTempDirectory("skerry-bench");
    try (Transfer stream = new SkerryTransfer();
        Transfer sha = new HashedBytes();
        Transfer copy = new CopiedFile(folder);
        Transfer one = new FetchedBlob(folder, 1);
        Transfer three = new FetchedBlob(folder, 3)) {
      return Report.ofTransfers(
          Rounds.medians(
              List.of(copy, sha, stream, one, three),
              bytes,
              bytes / WARM_UP_PARTS,
              options.number("rounds")));
    } finally {
      DurableFiles.deleteTree(folder);
    }
  }
}
