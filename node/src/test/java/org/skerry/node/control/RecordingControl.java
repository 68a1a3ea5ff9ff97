package org.skerry.node.control;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.traffic.TrafficReport;
import org.skerry.transfer.ChunkSource;

/** A daemon that notes what it was asked. */
final class RecordingControl implements NodeControl {
  final List<String> asked = new ArrayList<>();
  private final ChunkSource.Finder blobs;

  RecordingControl() {
    this(id -> Optional.empty());
  }

  RecordingControl(ChunkSource.Finder blobs) {
    this.blobs = blobs;
  }

  @Override
  public ChunkSource.Finder blobs() {
    return blobs;
  }

  @Override
  public void announceKeys() {
    asked.add("keys");
  }

  @Override
  public NodeStatus status() {
    return new NodeStatus(
        "12D3",
        "ada",
        "0.1",
        1,
        2,
        false,
        "training",
        false,
        12.5,
        "bafy",
        "expert-0",
        7,
        0.5,
        99,
        List.of("/ip4/127.0.0.1/tcp/1"),
        "local",
        ReachStatus.LOCAL,
        1,
        2,
        3,
        "cpu",
        2,
        50,
        4L << 30,
        List.of(new UnitForecast("emoji", "expert-0", 1, 99, 2, true)),
        new TrafficReport(
            new TrafficReport.Direction(1, 2, 3L, null, null, 4L),
            new TrafficReport.Direction(5, 6, null, 7L, 8L, null),
            new TrafficReport.Owner("away", "on a walk", 9, false)),
        List.of(new TransferStatus("fetching", "bag", 100, 40, 20, 3L, 2, "")),
        new GuestStatus(
            null,
            new GuestStatus.Hindered("limits.on-metered", "on a metered network", 10L),
            List.of(new GuestStatus.Standing("limits.on-metered", "false", "on a phone", false))));
  }

  @Override
  public NodeStatus pause(Optional<Duration> time) {
    asked.add("pause" + time.map(t -> " " + t.toSeconds()).orElse(""));
    return status();
  }

  @Override
  public NodeStatus resume() {
    asked.add("resume");
    return status();
  }

  @Override
  public NodeStatus finish(Optional<Duration> time) {
    asked.add("finish" + time.map(t -> " " + t.toSeconds()).orElse(""));
    return status();
  }

  @Override
  public List<PeerStatus> peers() {
    return List.of(new PeerStatus("12D3b", "/ip4/127.0.0.1/tcp/2", true, 5, 6, 0));
  }

  @Override
  public List<TaskStatus> tasks() {
    return List.of();
  }

  @Override
  public TaskStatus publish(Path folder) throws NodeException {
    throw new NodeException(Reason.NOT_FOUND, "no task in " + folder, "name another folder");
  }

  @Override
  public void withdraw(String task) {
    asked.add("withdraw " + task);
  }

  @Override
  public void stop() {
    asked.add("stop");
  }
}
