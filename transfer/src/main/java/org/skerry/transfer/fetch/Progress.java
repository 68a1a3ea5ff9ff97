package org.skerry.transfer.fetch;

import java.util.OptionalLong;
import org.skerry.transfer.BlobId;

/**
 * Where a fetch stands. {@code completed} never goes down.
 *
 * @param total bytes of the blob, 0 while that is not known
 * @param completed bytes that are verified and on disk, those of an earlier run included
 * @param bytesPerSecond smoothed over some five seconds
 * @param etaMs what the rest takes at this rate; empty when nothing moves
 * @param sources peers connected
 * @param message one line for people; empty unless stalled
 */
public record Progress(
    Status status,
    BlobId digest,
    long total,
    long completed,
    double bytesPerSecond,
    OptionalLong etaMs,
    int sources,
    String message) {
  /** The stage of a fetch. */
  public enum Status {
    FINDING,
    FETCHING,
    STALLED,
    DONE
  }

  /** Hears of progress, some five times a second, on the fetching thread. */
  @FunctionalInterface
  public interface Listener {
    Listener NONE = progress -> {};

    void on(Progress progress);
  }
}
