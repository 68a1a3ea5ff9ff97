package org.skerry.transfer.fetch;

/**
 * The times and counts of a fetch. Bytes of a chunk that is not whole yet count as brought, and who
 * has its fair part of a thin line is not silent.
 *
 * @param sources peers asked at once
 * @param candidates peers remembered for one fetch
 * @param silentMs a source that brought nothing for so long is replaced when another waits
 * @param deadMs a source that brought nothing for so long is given up for now
 * @param stallReportMs nothing of a chunk for so long is reported as a stall
 * @param giveUpMs nothing of a chunk for so long, every known source tried since, ends the fetch
 */
public record FetchLimits(
    int sources, int candidates, long silentMs, long deadMs, long stallReportMs, long giveUpMs) {
  public static final FetchLimits DEFAULT = new FetchLimits(8, 512, 8_000, 30_000, 8_000, 120_000);

  public FetchLimits {
    if (sources < 1 || candidates < sources || silentMs < 1 || deadMs < silentMs) {
      throw new IllegalArgumentException("fetch limits out of order");
    }
    if (stallReportMs < 1 || giveUpMs < 1) {
      throw new IllegalArgumentException("fetch limits must be positive");
    }
  }

  public FetchLimits withGiveUpMs(long ms) {
    return new FetchLimits(sources, candidates, silentMs, deadMs, stallReportMs, ms);
  }
}
