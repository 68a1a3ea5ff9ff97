package org.skerry.node.event;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Optional;
import org.skerry.node.config.ByteSize;

/** Tells events in sentences. */
public final class Narrator {
  private static final int SHORT_ID = 8;

  private Narrator() {}

  /** The event for people; empty for those that would only be noise. */
  public static Optional<String> sentence(Event event) {
    return switch (event) {
      case Event.Joined e ->
          e.peers() == 0 ? Optional.of("no peer is in reach; trying again") : Optional.empty();
      case Event.Reach e ->
          switch (e.reach()) {
            case "reachable" -> Optional.of("is reached at " + String.join(", ", e.addresses()));
            case "relayed" ->
                Optional.of("is reached through a relay, and directly where that works");
            case "unreachable" ->
                Optional.of("is not reached from outside, and keeps no records for others");
            default -> Optional.empty();
          };
      case Event.TaskPublished e ->
          Optional.of(
              "publishes task %s with %d units (%s)"
                  .formatted(e.name(), e.units().size(), end(e.task())));
      case Event.Estimated e -> Optional.of(e.unit() + " would take " + e.words());
      case Event.TooLarge e ->
          Optional.of(
              "leaves %s alone: it needs about %s of memory and a quarter in reserve, and limits.memory is %s"
                  .formatted(
                      e.unit(), ByteSize.format(e.memoryBytes()), ByteSize.format(e.limitBytes())));
      case Event.Claimed e -> Optional.of("claims " + e.unit());
      case Event.LeaseLost e -> Optional.of("gives " + e.unit() + " back: " + e.why());
      case Event.Standby e -> Optional.of("stands by: " + e.why());
      case Event.Paused e -> Optional.of("pauses: " + e.why() + until(e.untilMs()));
      case Event.Resumed e -> Optional.of("goes on");
      case Event.NetworkHeld e ->
          Optional.of(
              e.by().isEmpty()
                  ? "fetches and serves again"
                  : "neither fetches nor serves: " + e.why() + until(e.untilMs()));
      case Event.Reconfigured e ->
          Optional.of(
              "goes by the changed configuration"
                  + (e.restart().isEmpty()
                      ? ""
                      : "; after a restart also by " + String.join(", ", e.restart())));
      case Event.Misconfigured e ->
          Optional.of(
              "keeps to the configuration before, since the new one has %s: %s"
                  .formatted(e.count() == 1 ? "a mistake" : e.count() + " mistakes", e.mistake()));
      case Event.WorkerLost e ->
          Optional.of("lost its worker (%s); it starts again".formatted(e.how()));
      case Event.TakeOver e ->
          Optional.of(
              "takes %s over at step %d, from manifest %s of %s"
                  .formatted(e.unit(), e.step(), end(e.parent()), end(e.author())));
      case Event.ManifestPublished e ->
          Optional.of(
              "publishes %s at step %d, training loss %.3f%s"
                  .formatted(e.unit(), e.step(), e.trainLoss(), e.last() ? " (final)" : ""));
      case Event.Attested e ->
          Optional.of(
              "%s %s of %s: loss %.3f (Gaussian %.3f, untrained %.3f)%s"
                  .formatted(
                      e.accepted() ? "accepts" : "refuses",
                      e.unit(),
                      end(e.author()),
                      e.secretLoss(),
                      e.gaussianLoss(),
                      e.initialLoss(),
                      e.reason().isEmpty() ? "" : ", " + e.reason()));
      case Event.UnitFinished e ->
          Optional.of("finishes " + e.unit() + " after " + e.step() + " steps");
      case Event.Refused e ->
          Optional.of(
              "refuses %s%s: %s"
                  .formatted(
                      e.what(), e.peer().isEmpty() ? "" : " from " + source(e.peer()), e.reason()));
      case Event.Killed e -> Optional.of(e.node() + " is killed with " + e.how());
      case Event.Started e -> Optional.empty();
      case Event.Stopped e -> Optional.empty();
      case Event.Renewed e -> Optional.empty();
      case Event.WorkerStarted e -> Optional.empty();
      case Event.Step e -> Optional.empty();
      case Event.Checkpoint e -> Optional.empty();
      case Event.BadSamples e ->
          Optional.of(
              "cannot read %d sample%s of %s, and takes others"
                  .formatted(e.count(), e.count() == 1 ? "" : "s", e.unit()));
      case Event.RolledBack e ->
          Optional.of(
              "goes back from step %d to %d of %s: the loss ran away"
                  .formatted(e.from(), e.step(), e.unit()));
      case Event.BlobFetched e -> Optional.empty();
      case Event.Served e -> Optional.empty();
      case Event.Sampled e -> Optional.empty();
    };
  }

  private static String until(long ms) {
    return ms == 0
        ? ""
        : ", until "
            + DateTimeFormatter.ofLocalizedDateTime(FormatStyle.SHORT)
                .withZone(ZoneId.systemDefault())
                .format(Instant.ofEpochMilli(ms));
  }

  /** A web seed says most at its beginning. */
  private static String source(String peerOrWebSeed) {
    return peerOrWebSeed.contains("/") ? peerOrWebSeed : end(peerOrWebSeed);
  }

  private static String end(String id) {
    return id.length() > SHORT_ID ? "…" + id.substring(id.length() - SHORT_ID) : id;
  }
}
