package org.skerry.node.traffic;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Optional;
import org.skerry.node.config.TrafficLimits;
import org.skerry.node.config.TrafficLimits.WhileActive;
import org.skerry.node.presence.Presence;
import org.skerry.node.presence.PresenceDetector;
import org.skerry.node.presence.PresenceWatch;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;
import org.skerry.transfer.limit.UploadQueue;

/**
 * What all transfers of one process share: rates by their direction, and the owner's quotas. Where
 * the rates depend on whether the owner is at the computer, those for his presence hold until he is
 * known to be away.
 */
public final class Traffic implements AutoCloseable {
  private static final Duration ASK_EVERY = Duration.ofSeconds(5);

  private final Quota sent;
  private final Quota received;
  private final UploadQueue uploads;
  private final DownloadBudget downloads;
  private volatile TrafficLimits limits;
  private volatile Optional<PresenceWatch> watch;

  private Traffic(
      TrafficLimits limits,
      Quota sent,
      Quota received,
      Optional<PresenceDetector> detector,
      Duration askEvery) {
    this.limits = limits;
    this.sent = sent;
    this.received = received;
    this.uploads = new UploadQueue(upload(true), sent);
    this.downloads = new DownloadBudget(download(true), received, nowMs());
    this.watch =
        detector.map(d -> new PresenceWatch(d, askEvery, this::adapt, InstantSource.system()));
  }

  /**
   * @param folder that remembers what passed
   */
  public static Traffic open(TrafficLimits limits, Path folder) {
    return open(limits, folder, detector(limits), ASK_EVERY);
  }

  private static Optional<PresenceDetector> detector(TrafficLimits limits) {
    return limits.whileActive().map(rates -> PresenceDetector.ofSystem(rates.awayAfter()));
  }

  /**
   * @param detector where rates depend on it
   */
  static Traffic open(
      TrafficLimits limits, Path folder, Optional<PresenceDetector> detector, Duration askEvery) {
    return new Traffic(
        limits,
        quota(limits.uploadQuota(), folder.resolve("sent.json")),
        quota(limits.downloadQuota(), folder.resolve("received.json")),
        detector,
        askEvery);
  }

  /** No limits, and nothing is counted. */
  public static Traffic unlimited() {
    return new Traffic(TrafficLimits.NONE, Quota.none(), Quota.none(), Optional.empty(), ASK_EVERY);
  }

  private static Quota quota(Quota.Limits limits, Path file) {
    return new Quota(limits, InstantSource.system(), ZoneId.systemDefault(), new TrafficFile(file));
  }

  /** Other limits hold from now on, for what is under way as well. */
  public void change(TrafficLimits newLimits) throws InterruptedException {
    change(newLimits, detector(newLimits), ASK_EVERY);
  }

  void change(TrafficLimits newLimits, Optional<PresenceDetector> detector, Duration askEvery)
      throws InterruptedException {
    if (watch.isPresent()) {
      watch.get().close();
    }
    limits = newLimits;
    sent.set(newLimits.uploadQuota());
    received.set(newLimits.downloadQuota());
    adapt(Presence.State.UNKNOWN);
    watch = detector.map(d -> new PresenceWatch(d, askEvery, this::adapt, InstantSource.system()));
  }

  /** Whether nothing passes until further notice; what was asked for before still comes. */
  public void hold(boolean held) {
    uploads.hold(held);
    downloads.hold(held);
  }

  public UploadQueue uploads() {
    return uploads;
  }

  public DownloadBudget downloads() {
    return downloads;
  }

  /** What passed, and what may. */
  public TrafficReport report() {
    Optional<PresenceWatch.Seen> owner = watch.map(PresenceWatch::latest);
    boolean active = owner.map(seen -> isActive(seen.presence().state())).orElse(false);
    return new TrafficReport(
        TrafficReport.Direction.of(upload(active), sent),
        TrafficReport.Direction.of(download(active), received),
        owner.map(seen -> TrafficReport.Owner.of(seen, active)).orElse(null));
  }

  private void adapt(Presence.State state) {
    uploads.set(upload(isActive(state)));
    downloads.set(download(isActive(state)), nowMs());
  }

  private static boolean isActive(Presence.State state) {
    return state != Presence.State.AWAY;
  }

  private Rates upload(boolean active) {
    return limits
        .whileActive()
        .filter(r -> active)
        .map(WhileActive::upload)
        .orElse(limits.upload());
  }

  private Rates download(boolean active) {
    return limits
        .whileActive()
        .filter(r -> active)
        .map(WhileActive::download)
        .orElse(limits.download());
  }

  /** Writes down exactly what passed. */
  @Override
  public void close() throws InterruptedException {
    if (watch.isPresent()) {
      watch.get().close();
    }
    sent.close();
    received.close();
  }

  /** On the clock of fetches. */
  private static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }
}
