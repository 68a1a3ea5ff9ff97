package org.skerry.node.control;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.skerry.transfer.fetch.Progress;

/**
 * Where the fetch of a blob stands, as the API and `skerry pull --progress-json` say it.
 *
 * @param status {@code finding}, {@code fetching}, {@code stalled} or {@code done}
 * @param digest the blob's id
 * @param total bytes, 0 while that is not known
 * @param completed bytes that are verified and on disk; never goes down
 * @param rate bytes a second
 * @param eta seconds that the rest takes at this rate; null when nothing moves
 * @param sources peers that it comes from
 * @param message why it stalls; empty otherwise
 */
public record TransferStatus(
    String status,
    String digest,
    long total,
    long completed,
    long rate,
    @Nullable Long eta,
    int sources,
    String message) {
  private static final long MS = 1000;

  public static TransferStatus of(Progress progress) {
    return new TransferStatus(
        progress.status().name().toLowerCase(Locale.ROOT),
        progress.digest().toString(),
        progress.total(),
        progress.completed(),
        Math.round(progress.bytesPerSecond()),
        progress.etaMs().isPresent() ? (progress.etaMs().getAsLong() + MS - 1) / MS : null,
        progress.sources(),
        progress.message());
  }
}
