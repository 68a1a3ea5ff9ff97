package org.skerry.node.control;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/** A task as this node sees it. */
public record TaskStatus(
    String task, String name, String publisher, Terms terms, List<UnitStatus> units) {
  public TaskStatus {
    units = List.copyOf(units);
  }

  /**
   * What its publisher says of it.
   *
   * @param model of most experts, as {@code unet 32x32x3, width 24, depth 3}
   * @param told what the experts are told of an image beside its noise: {@code nothing}, {@code
   *     classes} or {@code texts}
   * @param codec the tensors see latents of this family; empty when they see pixels
   * @param steps of most experts
   * @param redundancy peers that may train one unit at once
   * @param evaluators who measure for it
   * @param required how many of them must accept weights
   * @param parent the task that it extends, empty when there is none
   * @param forkOf the tasks whose weights it goes on with
   */
  public record Terms(
      String description,
      String licence,
      String model,
      String told,
      String codec,
      long steps,
      int batch,
      int redundancy,
      long leaseMs,
      List<String> evaluators,
      int required,
      String parent,
      List<String> forkOf) {
    public Terms {
      evaluators = List.copyOf(evaluators);
      forkOf = List.copyOf(forkOf);
    }
  }

  /**
   * One unit of a task.
   *
   * @param parameters of its network; 0 when this version cannot build it, and the sizes too
   * @param weightsBytes about the size of a published weights file
   * @param resumeBytes about the size of a published resume file
   * @param chunks of both
   * @param memoryBytes that training with the whole batch at once takes
   * @param leastMemoryBytes with one image at once
   * @param steps of its recipe
   * @param claimedBy the peers whose claims are live
   * @param leases the peers' last claims, the live ones first
   * @param bestManifest the best accepted manifest, empty when there is none
   * @param bestLoss its measured loss, 0 when there is none
   * @param finished whether a recipe's last weights were accepted
   */
  public record UnitStatus(
      String unit,
      long samples,
      long parameters,
      long weightsBytes,
      long resumeBytes,
      long chunks,
      long memoryBytes,
      long leastMemoryBytes,
      long steps,
      List<String> claimedBy,
      List<LeaseStatus> leases,
      int manifests,
      int accepted,
      String bestManifest,
      long bestStep,
      double bestLoss,
      boolean finished) {
    public UnitStatus {
      claimedBy = List.copyOf(claimedBy);
      leases = List.copyOf(leases);
    }
  }

  /**
   * A peer's claim as this node sees it.
   *
   * @param state {@code claimed}, {@code fetching}, {@code training}, {@code at risk}, {@code
   *     lapsed} or {@code released}
   * @param endsInMs when it ends unless it is renewed; 0 when it has ended
   */
  public record LeaseStatus(
      String peer,
      String state,
      long step,
      long fetchedBytes,
      double samplesPerSecond,
      String device,
      long endsInMs) {
    /** Whether it counts. */
    @JsonIgnore
    public boolean isLive() {
      return !state.equals("lapsed") && !state.equals("released");
    }
  }
}
