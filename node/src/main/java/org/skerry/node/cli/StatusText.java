package org.skerry.node.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.skerry.node.config.ByteSize;
import org.skerry.node.control.GuestStatus;
import org.skerry.node.control.NodeStatus;
import org.skerry.node.control.ReachStatus;
import org.skerry.node.control.TransferStatus;
import org.skerry.node.control.UnitForecast;
import org.skerry.node.traffic.TrafficReport;

/** A daemon's status in a few lines for people. */
final class StatusText {
  private StatusText() {}

  static List<String> lines(NodeStatus status) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s (%s), up %s"
            .formatted(
                status.name().isEmpty() ? "node" : status.name(),
                status.peer(),
                duration(status.upMs())));
    lines.add((status.paused() ? "paused: " : "now: ") + status.doing());
    GuestStatus.Hindered paused = status.guest().paused();
    if (paused != null && paused.untilMs() != null) {
      lines.add("it goes on at " + time(paused.untilMs()));
    }
    GuestStatus.Hindered held = status.guest().held();
    if (held != null) {
      lines.add(
          "nothing is fetched or served: "
              + held.reason()
              + (held.untilMs() == null ? "" : ", until " + time(held.untilMs())));
    }
    if (!status.unit().isEmpty()) {
      lines.add(
          "training %s of %s: step %d, loss %.4f, %.0f samples/s"
              .formatted(
                  status.unit(),
                  status.task(),
                  status.step(),
                  status.loss(),
                  status.samplesPerSecond()));
    }
    lines.add(
        "trains on %s%s, a worker may have %s of memory"
            .formatted(
                status.device().equals("cpu")
                    ? status.threads() + (status.threads() == 1 ? " CPU thread" : " CPU threads")
                    : status.device(),
                status.duty() == 100 ? "" : " for " + status.duty() + " % of the time",
                ByteSize.format(status.memoryLimitBytes())));
    for (GuestStatus.Standing standing : status.guest().conditions()) {
      if (!standing.wish().isEmpty()) {
        lines.add("  %s = %s: %s".formatted(standing.name(), standing.wish(), standing.seen()));
      }
    }
    for (UnitForecast forecast : status.forecasts()) {
      lines.add("  " + forecast.task() + " " + forecast.unit() + ": " + words(forecast));
    }
    lines.add(
        "%d connections, %d peers in the routing table, %s of blobs"
            .formatted(
                status.connections(), status.routingTable(), ByteSize.format(status.blobBytes())));
    status.transfers().forEach(transfer -> lines.add(words(transfer)));
    lines.addAll(lines(status.traffic()));
    status.addresses().forEach(address -> lines.add("listening on " + address));
    lines.addAll(lines(status.ways()));
    switch (status.reach()) {
      case "reachable" -> lines.add("others reach this node");
      case "relayed" -> {
        lines.add(
            "others reach this node through a relay, and without it where both routers allow");
        lines.add(
            "  that; it keeps no records for others; forward its TCP port in the router to be");
        lines.add("  reached directly");
      }
      case "unreachable" -> {
        lines.add("nobody outside reaches this node: it finds and fetches all the same, but keeps");
        lines.add("  no records for others; forward its TCP port in the router to change that");
      }
      default -> {}
    }
    lines.add(
        status.safeToStop()
            ? "safe to switch off now: nothing would be lost"
            : "`skerry node stop` checkpoints first; switched off now, %.0f s of work would be lost"
                .formatted(status.atRiskSeconds()));
    return lines;
  }

  /** What came of asking the router. */
  static List<String> lines(ReachStatus ways) {
    return switch (ways.mapping()) {
      case "mapped" ->
          List.of(
              "the router passes on %s (%s)"
                  .formatted(String.join(" and ", ways.mapped()), ways.mappingDetail()));
      case "asking" -> List.of("the router is being asked to pass on connections");
      case "no-router", "refused", "behind-another-nat" ->
          List.of("no port is mapped: " + ways.mappingDetail());
      default -> List.of();
    };
  }

  /** What passed, and which rates hold for which reason. */
  static List<String> lines(TrafficReport traffic) {
    List<String> lines = new ArrayList<>();
    lines.add("sent " + words(traffic.upload()));
    lines.add("received " + words(traffic.download()));
    if (traffic.owner() != null) {
      lines.add(words(traffic.owner()));
    }
    return lines;
  }

  private static String words(TransferStatus transfer) {
    if (transfer.total() == 0) {
      return "looking for blob "
          + transfer.digest()
          + (transfer.message().isEmpty() ? "" : ": " + transfer.message());
    }
    String text =
        "fetching blob %s: %s of %s, %s/s from %d peers"
            .formatted(
                transfer.digest(),
                ByteSize.format(transfer.completed()),
                ByteSize.format(transfer.total()),
                ByteSize.format(transfer.rate()),
                transfer.sources());
    if (!transfer.message().isEmpty()) {
      return text + "; it stalls: " + transfer.message();
    }
    return transfer.eta() == null
        ? text
        : text + ", " + duration(TimeUnit.SECONDS.toMillis(transfer.eta())) + " left";
  }

  private static String words(TrafficReport.Direction direction) {
    String text =
        "%s today%s, %s this month%s"
            .formatted(
                ByteSize.format(direction.bytesToday()),
                of(direction.quotaOfDay()),
                ByteSize.format(direction.bytesThisMonth()),
                of(direction.quotaOfMonth()));
    return text
        + atMost(direction.bytesPerSecond(), "/s")
        + atMost(direction.bytesPerSecondPerPeer(), "/s per peer");
  }

  private static String atMost(@Nullable Long bytes, String unit) {
    return bytes == null ? "" : ", at most " + ByteSize.format(bytes) + unit;
  }

  private static String words(TrafficReport.Owner owner) {
    String since = time(owner.sinceMs());
    String text =
        owner.state().equals("unknown")
            ? "unknown whether the owner is active"
            : "owner is " + owner.state() + " since " + since;
    return "%s (%s): %s"
        .formatted(
            text,
            owner.reason(),
            owner.whileActive() ? "the rates of limits.while-active hold" : "the usual rates hold");
  }

  private static String time(long ms) {
    return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.SHORT)
        .withZone(ZoneId.systemDefault())
        .format(Instant.ofEpochMilli(ms));
  }

  private static String of(@Nullable Long quota) {
    return quota == null ? "" : " of " + ByteSize.format(quota);
  }

  private static String words(UnitForecast forecast) {
    String memory = ByteSize.format(forecast.memoryBytes()) + " of memory";
    if (!forecast.fits()) {
      return "does not fit, it needs about " + memory;
    }
    return forecast.hours() > 0
        ? "about %.1f h here (%.1f samples/s, %s)"
            .formatted(forecast.hours(), forecast.samplesPerSecond(), memory)
        : memory + ", its time is measured before it is claimed";
  }

  private static String duration(long ms) {
    Duration time = Duration.ofMillis(ms);
    return time.toHours() > 0
        ? "%d h %02d min".formatted(time.toHours(), time.toMinutesPart())
        : "%d min %02d s".formatted(time.toMinutesPart(), time.toSecondsPart());
  }
}
