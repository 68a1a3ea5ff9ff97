package org.skerry.node.traffic;

import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import org.skerry.node.config.TrafficLimits;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.UploadQueue;

/** What all transfers of one process share: rates by their direction, and the owner's quotas. */
public final class Traffic implements AutoCloseable {
  private final TrafficLimits limits;
  private final Quota sent;
  private final Quota received;
  private final UploadQueue uploads;
  private final DownloadBudget downloads;

  private Traffic(TrafficLimits limits, Quota sent, Quota received) {
    this.limits = limits;
    this.sent = sent;
    this.received = received;
    this.uploads = new UploadQueue(limits.upload(), sent);
    this.downloads = new DownloadBudget(limits.download(), received, nowMs());
  }

  /**
   * @param folder that remembers what passed
   */
  public static Traffic open(TrafficLimits limits, Path folder) {
    return new Traffic(
        limits,
        quota(limits.uploadQuota(), folder.resolve("sent.json")),
        quota(limits.downloadQuota(), folder.resolve("received.json")));
  }

  /** No limits, and nothing is counted. */
  public static Traffic unlimited() {
    return new Traffic(TrafficLimits.NONE, Quota.none(), Quota.none());
  }

  private static Quota quota(Quota.Limits limits, Path file) {
    return new Quota(limits, InstantSource.system(), ZoneId.systemDefault(), new TrafficFile(file));
  }

  public UploadQueue uploads() {
    return uploads;
  }

  public DownloadBudget downloads() {
    return downloads;
  }

  /** What passed, and what may. */
  public TrafficReport report() {
    return new TrafficReport(
        TrafficReport.Direction.of(limits.upload(), sent),
        TrafficReport.Direction.of(limits.download(), received));
  }

  /** Writes down exactly what passed. */
  @Override
  public void close() {
    sent.close();
    received.close();
  }

  /** On the clock of fetches. */
  private static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }
}
