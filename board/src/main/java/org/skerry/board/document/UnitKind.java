package org.skerry.board.document;

/** What there is to do in a unit of a task. */
public enum UnitKind implements WireName {
  /** Train one expert on one partition. */
  EXPERT,
  /** Train the router on shards of all partitions. */
  ROUTER,
  /** Measure the manifests of a partition. */
  EVALUATE,
  /** Keep and serve the blobs of a partition; reserved. */
  REPLICA,
  /** Combine experts of a partition; reserved. */
  MERGE
}
