package org.skerry.board.document;

/** How weights are updated. */
public enum Optimizer implements WireName {
  /** Adam with decoupled weight decay. */
  ADAMW,
  /** Orthogonalised momentum for hidden matrices, AdamW for the rest. */
  MUON
}
