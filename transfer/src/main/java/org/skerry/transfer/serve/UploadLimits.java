package org.skerry.transfer.serve;

import java.time.Duration;

/**
 * What a server grants.
 *
 * @param uploads streams served at once
 * @param uploadsPerPeer streams served at once to one peer
 * @param idle how long a stream may ask nothing, or take nothing, before it loses its place
 */
public record UploadLimits(int uploads, int uploadsPerPeer, Duration idle) {
  /** One of eight streams on a line of 256 kbit/s may take half a minute for half a window. */
  public static final UploadLimits DEFAULT = new UploadLimits(64, 8, Duration.ofSeconds(60));

  public UploadLimits {
    if (uploads < 1 || uploadsPerPeer < 1 || idle.isNegative() || idle.isZero()) {
      throw new IllegalArgumentException(
          "upload limits " + uploads + ", " + uploadsPerPeer + ", " + idle + " must be positive");
    }
  }
}
