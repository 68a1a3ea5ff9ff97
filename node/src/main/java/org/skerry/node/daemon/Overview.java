package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.config.NodeConfig;
import org.skerry.node.control.GuestStatus;
import org.skerry.node.control.NodeStatus;
import org.skerry.node.control.ReachStatus;
import org.skerry.node.control.TransferStatus;
import org.skerry.node.control.UnitForecast;
import org.skerry.node.estimate.Estimates;
import org.skerry.node.estimate.UnitEstimate;
import org.skerry.node.estimate.UnitPlan;
import org.skerry.node.task.Units;
import org.skerry.transfer.BlobId;

/** Says what a daemon is doing. Thread-safe. */
record Overview(
    PeerStack stack,
    Optional<VolunteerLoop> volunteer,
    Optional<Reach> reach,
    Lending lending,
    Estimates estimates,
    String version,
    String device,
    InstantSource clock,
    long startedAtMs) {
  /**
   * The status of now.
   *
   * @param config that holds now
   */
  NodeStatus of(NodeConfig config) {
    Optional<UnitTrainer> trainer = volunteer.flatMap(VolunteerLoop::trainer);
    GuestStatus guest = lending.status();
    PeerId self = stack.host().peerId();
    return new NodeStatus(
        self.toString(),
        config.name(),
        version,
        ProcessHandle.current().pid(),
        clock.millis() - startedAtMs,
        guest.paused() != null,
        doing(config, trainer, guest.paused()),
        trainer.map(UnitTrainer::isResting).orElse(true),
        trainer.map(UnitTrainer::atRiskSeconds).orElse(0.0),
        volunteer.flatMap(VolunteerLoop::task).map(Task::name).orElse(""),
        trainer.map(t -> Units.nameOf(t.unit())).orElse(""),
        trainer.map(UnitTrainer::step).orElse(0L),
        trainer.map(UnitTrainer::loss).orElse(0.0),
        trainer.map(UnitTrainer::samplesPerSecond).orElse(0.0),
        stack.host().listenAddresses().stream().map(a -> a.withPeerId(self).toString()).toList(),
        reach.map(Reach::word).orElse(Reach.LOCAL),
        reach.map(Reach::status).orElse(ReachStatus.LOCAL),
        stack.host().connections().size(),
        stack.dht().routingTableSize(),
        blobBytes(),
        device,
        config.threads(),
        config.duty(),
        config.memoryBytes(),
        forecasts(),
        stack.traffic().report(),
        stack.blobs().transfers().stream().map(TransferStatus::of).toList(),
        guest);
  }

  private String doing(
      NodeConfig config, Optional<UnitTrainer> trainer, GuestStatus.@Nullable Hindered paused) {
    if (paused != null) {
      return paused.reason()
          + (trainer.isEmpty() || trainer.get().isResting()
              ? "; training rests, serving goes on"
              : "; training stops after its checkpoint, serving goes on");
    }
    boolean finishing = volunteer.filter(VolunteerLoop::isFinishing).isPresent();
    if (trainer.isPresent()) {
      return "training "
          + Units.nameOf(trainer.get().unit())
          + (finishing ? ", and stops when that is finished and accepted" : "");
    }
    if (finishing) {
      return "stopping: nothing is claimed any more";
    }
    String standby = volunteer.map(VolunteerLoop::standby).orElse("");
    if (!standby.isEmpty()) {
      return standby;
    }
    if (stack.dht().routingTableSize() == 0) {
      return config.bootstrap().isEmpty()
          ? "waiting for peers: no bootstrap address is configured"
          : "no bootstrap peer answers; trying again";
    }
    return "serving records and blobs";
  }

  private List<UnitForecast> forecasts() {
    List<UnitForecast> out = new ArrayList<>();
    List<Task> seen = volunteer.map(VolunteerLoop::seen).orElse(List.of());
    Set<Cid> extended = Lineage.parents(seen);
    for (Task task : seen) {
      if (extended.contains(task.id())) {
        continue; // its units are those of the version that extends it
      }
      for (Unit unit : task.units()) {
        if (Units.misfit(task.manifest(), unit).isEmpty()) {
          UnitEstimate estimate = estimates.of(UnitPlan.of(task.manifest(), unit));
          out.add(
              new UnitForecast(
                  task.name(),
                  Units.nameOf(unit),
                  estimate.memoryBytes(),
                  estimate.samplesPerSecond(),
                  estimate.hours(),
                  estimate.fits()));
        }
      }
    }
    return out;
  }

  private long blobBytes() {
    try {
      long bytes = 0;
      for (BlobId blob : stack.blobs().store().list()) {
        bytes += Files.size(stack.blobs().store().path(blob));
      }
      return bytes;
    } catch (IOException e) {
      return 0; // one vanished while we counted
    }
  }
}
