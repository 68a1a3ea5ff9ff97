package org.skerry.node.control;

import java.util.List;

/** A task as this node sees it. */
public record TaskStatus(
    String task, String name, String publisher, String description, List<UnitStatus> units) {
  public TaskStatus {
    units = List.copyOf(units);
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
   * @param claimedBy the peers whose claims are live
   * @param bestManifest the best accepted manifest, empty when there is none
   * @param bestLoss its measured loss, 0 when there is none
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
      List<String> claimedBy,
      int manifests,
      int accepted,
      String bestManifest,
      long bestStep,
      double bestLoss) {
    public UnitStatus {
      claimedBy = List.copyOf(claimedBy);
    }
  }
}
