package org.skerry.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.skerry.bench.Rounds.Result;
import org.skerry.trainer.DurableFiles;
import org.skerry.transfer.limit.Rates;

/**
 * A blob from peer to peer, file to file, hashed and durable, over loopback: beside libtorrent, and
 * beside the parts that no such transfer can do without. Then four sources of a limited rate, many
 * small blobs, and a single chunk over a long line. Both ends' processor time is counted; all run
 * in turn, on the same machine.
 */
final class BlobBenchmark implements Benchmark {
  private static final int WARM_UP_PARTS = 4;
  private static final int SOURCES = 4;
  private static final long SOURCE_BYTES_PER_SECOND = 50L << 20;
  private static final double SECONDS_PER_MINUTE = 60;

  @Override
  public String name() {
    return "blob";
  }

  @Override
  public String about() {
    return "a blob from peer to peer, file to file, beside libtorrent and the parts of the work";
  }

  @Override
  public Map<String, String> options() {
    return new TreeMap<>(Map.of("mib", "1024", "rounds", "3", "small", "2000", "install", "no"));
  }

  @Override
  public Report run(Options options) throws Exception {
    long bytes = (long) options.number("mib") << 20;
    int rounds = options.number("rounds");
    int small = options.number("small");
    if (options.text("install").equals("yes")) {
      LibtorrentTransfer.install();
    }
    Optional<String> libtorrent = LibtorrentTransfer.version();
    Path folder = Files.createTempDirectory("skerry-bench");
    try {
      List<Result> moved = whole(folder, libtorrent.isPresent(), bytes, rounds);
      Result four = alone(new FetchedBlob(folder, SOURCES, limited()), bytes, rounds);
      Result many = alone(new SmallBlobs(folder), small * SmallBlobs.BLOB_BYTES, rounds);
      double trips = FirstChunk.roundTrips(folder, rounds);
      return report(moved, four, many, trips, libtorrent.orElse("not installed: --install=yes"));
    } finally {
      DurableFiles.deleteTree(folder);
    }
  }

  private static Rates limited() {
    return new Rates(SOURCE_BYTES_PER_SECOND, SOURCE_BYTES_PER_SECOND);
  }

  private static List<Result> whole(Path folder, boolean libtorrent, long bytes, int rounds)
      throws Exception {
    List<Transfer> transfers = new ArrayList<>();
    try {
      transfers.add(new CopiedFile(folder));
      transfers.add(new HashedBytes());
      transfers.add(new SkerryTransfer(Wire.TLS, 1));
      transfers.add(new FetchedBlob(folder, 1, Rates.UNLIMITED));
      if (libtorrent) {
        transfers.add(new LibtorrentTransfer(1, folder));
        transfers.add(new LibtorrentTransfer(2, folder));
      }
      return Rounds.medians(transfers, bytes, bytes / WARM_UP_PARTS, rounds);
    } finally {
      transfers.forEach(Transfer::close);
    }
  }

  private static Result alone(Transfer transfer, long bytes, int rounds) throws Exception {
    try (transfer) {
      return Rounds.medians(List.of(transfer), bytes, bytes / WARM_UP_PARTS, rounds).getFirst();
    }
  }

  private static Report report(
      List<Result> moved, Result four, Result many, double trips, String libtorrent) {
    Result fetch = of(moved, FetchedBlob.variant(1));
    Map<String, Object> figures = new LinkedHashMap<>();
    double torrent =
        moved.stream()
            .filter(result -> result.variant().startsWith(LibtorrentTransfer.PREFIX))
            .mapToDouble(BlobBenchmark::rate)
            .max()
            .orElse(Double.NaN);
    if (!Double.isNaN(torrent)) {
      figures.put("over_libtorrent", Report.rounded(rate(fetch) / torrent));
    }
    Result stream = of(moved, SkerryTransfer.variant(Wire.TLS, 1));
    double parts =
        cost(stream) + cost(of(moved, HashedBytes.VARIANT)) + cost(of(moved, CopiedFile.VARIANT));
    figures.put("over_stream", Report.rounded(rate(fetch) / rate(stream)));
    figures.put("cpu_over_parts", Report.rounded(cost(fetch) / parts));
    figures.put(
        "four_source_fraction", Report.rounded(rate(four) / (SOURCES * SOURCE_BYTES_PER_SECOND)));
    double count = many.bytes() / (double) SmallBlobs.BLOB_BYTES;
    figures.put(
        "small_blobs_per_minute", Report.rounded(count / many.seconds() * SECONDS_PER_MINUTE));
    figures.put("first_chunk_round_trips", Report.rounded(trips));
    figures.put("libtorrent", libtorrent);
    List<Result> all = new ArrayList<>(moved);
    all.add(four);
    all.add(many);
    Report table = Report.ofTransfers(all);
    figures.putAll(table.figures());
    return new Report(table.columns(), table.rows(), figures);
  }

  private static Result of(List<Result> results, String variant) {
    return results.stream().filter(r -> r.variant().equals(variant)).findFirst().orElseThrow();
  }

  private static double rate(Result result) {
    return result.bytes() / result.seconds();
  }

  private static double cost(Result result) {
    return result.cpuSeconds() / result.bytes();
  }
}
