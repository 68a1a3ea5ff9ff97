package org.skerry.transfer.limit;

/**
 * How fast the chunks of blobs may pass in one direction. Proofs, framing and what is not a blob
 * come on top; they are a small part.
 *
 * @param total bytes a second of all peers together, {@link #ANY} for no limit
 * @param perPeer bytes a second of any one peer, {@link #ANY} for no limit
 */
public record Rates(long total, long perPeer) {
  public static final long ANY = Long.MAX_VALUE;

  /** One chunk every eight seconds: with less, peers would take this node for dead. */
  public static final long SLOWEST = 32 * 1024;

  public static final Rates UNLIMITED = new Rates(ANY, ANY);

  public Rates {
    if (total < SLOWEST || perPeer < SLOWEST) {
      throw new IllegalArgumentException(
          "rates of " + total + " and " + perPeer + " bytes a second: at least " + SLOWEST);
    }
  }

  /** How many streams can be served at once so that each still moves. */
  public int streams() {
    return (int) Math.clamp(total / SLOWEST, 2, Integer.MAX_VALUE);
  }
}
