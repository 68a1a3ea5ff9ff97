package org.skerry.transfer.fetch;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.SourceId;

/** What a {@link FetchPlan} knows of one source. */
final class Source {
  /** A source goes CANDIDATE → CONNECTING → ACTIVE, and back to CANDIDATE when it fails. */
  enum Phase {
    CANDIDATE,
    CONNECTING,
    ACTIVE
  }

  private static final long RATE_TAU_MS = 3_000;

  /** One that comes and one behind it: more would only wait on a slow line. */
  private static final int MIN_DEPTH = 2;

  private static final int MAX_DEPTH = 64;
  private static final double SECONDS_IN_FLIGHT = 0.5;

  /** Less is no progress: nobody keeps a place with a byte now and then. */
  private static final int LEAST_PROGRESS_BYTES = 16 << 10;

  /** What may come between two chunks and count as progress: the next chunk, and room for more. */
  private static final int MOST_BETWEEN_CHUNKS_BYTES = 2 * BlobHead.CHUNK_BYTES;

  // One thread of a slow machine encodes planes at 130 MB/s or more and decodes them at 300. A peer
  // that brings less than a fifth of that is held up by its line, even where threads are slower.
  private static final double PLANES_BELOW_BYTES_PER_SECOND = 25e6;

  final SourceId id;

  /** The chunks it was asked for and did not bring yet, with the times at which it was. */
  final SortedMap<Integer, Long> outstanding = new TreeMap<>();

  Phase phase = Phase.CANDIDATE;
  Optional<ChunkSet> have = Optional.empty();
  int failures;
  int goneInARow;
  long retryAtMs;
  long triedAtMs = Long.MIN_VALUE;
  long activeSinceMs;
  long askedAtMs;
  long progressAtMs;
  long refreshedAtMs;

  /** What the whole fetch had heard at this source's last progress, in bytes. */
  long heardByAllAtProgress;

  private RateMeter rate = new RateMeter(RATE_TAU_MS, 0);
  private boolean measured;
  private long unmarkedBytes;
  private long sinceChunkBytes;

  Source(SourceId id) {
    this.id = id;
  }

  void activate(ChunkSet chunks, long heardByAll, long nowMs) {
    phase = Phase.ACTIVE;
    have = Optional.of(chunks);
    goneInARow = 0;
    activeSinceMs = nowMs;
    refreshedAtMs = nowMs;
    rate = new RateMeter(RATE_TAU_MS, nowMs);
    measured = false;
    progress(heardByAll, nowMs);
  }

  /** Its silence begins now. */
  void progress(long heardByAll, long nowMs) {
    progressAtMs = nowMs;
    heardByAllAtProgress = heardByAll;
    unmarkedBytes = 0;
  }

  /** A chunk came, is whole and genuine. */
  void brought(long heardByAll, long nowMs) {
    goneInARow = 0;
    sinceChunkBytes = 0;
    progress(heardByAll, nowMs);
  }

  /** Bytes came, of chunks that are whole by now or not yet; whether they are progress. */
  boolean heard(long bytes, long heardByAll, long nowMs) {
    rate.add(bytes, nowMs);
    measured = true;
    sinceChunkBytes += bytes;
    unmarkedBytes += bytes;
    if (outstanding.isEmpty()
        || unmarkedBytes < LEAST_PROGRESS_BYTES
        || sinceChunkBytes > MOST_BETWEEN_CHUNKS_BYTES) {
      return false;
    }
    progress(heardByAll, nowMs);
    return true;
  }

  /** Whether anything was heard that tells its rate. */
  boolean isMeasured() {
    return measured;
  }

  double bytesPerSecond(long nowMs) {
    return rate.bytesPerSecond(nowMs);
  }

  /** Whether smaller chunks come faster: its line is slower than the work of encoding them. */
  boolean isWorthPlanes(long nowMs) {
    return bytesPerSecond(nowMs) < PLANES_BELOW_BYTES_PER_SECOND;
  }

  /** Requests in flight that keep a source of this rate busy for half a second. */
  int depth(long nowMs) {
    double chunks = bytesPerSecond(nowMs) * SECONDS_IN_FLIGHT / BlobHead.CHUNK_BYTES;
    return (int) Math.clamp(Math.ceil(chunks), MIN_DEPTH, MAX_DEPTH);
  }

  /** How long a request to this source may take before another is asked too, in milliseconds. */
  long patienceMs(long nowMs) {
    double rateNow = bytesPerSecond(nowMs);
    double queueMs =
        rateNow < 1 ? 0 : (outstanding.size() + 1) * 1000.0 * BlobHead.CHUNK_BYTES / rateNow;
    return (long) Math.clamp(2 * queueMs, 1_000, 5_000);
  }
}
