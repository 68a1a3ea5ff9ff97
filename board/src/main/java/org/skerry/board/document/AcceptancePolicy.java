package org.skerry.board.document;

import java.util.HashSet;
import java.util.List;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;

/**
 * When the weights of a manifest are good enough to be pulled.
 *
 * @param evaluators the peers whose attestations count, at most {@link #MAX_EVALUATORS}
 * @param required how many of them must accept
 * @param margin by which part a loss must lie below the Gaussian denoiser's and the initial
 *     weights'
 * @param epsilon by which part a loss may lie above the best accepted one
 */
public record AcceptancePolicy(
    List<PeerId> evaluators, int required, double margin, double epsilon) {
  public static final int MAX_EVALUATORS = 5;

  public AcceptancePolicy {
    evaluators = List.copyOf(evaluators);
    Bounds.size("evaluators", evaluators, 1, MAX_EVALUATORS);
    if (new HashSet<>(evaluators).size() < evaluators.size()) {
      throw Bounds.outOfBounds("an evaluator is named twice");
    }
    Bounds.range("required", required, 1, evaluators.size());
    margin = Bounds.real("margin", margin, 0, Math.nextDown(1.0));
    epsilon = Bounds.real("epsilon", epsilon, 0, 100);
  }

  Value toValue() {
    return new FieldWriter()
        .peers("evaluators", evaluators)
        .integer("required", required)
        .real("margin", margin)
        .real("epsilon", epsilon)
        .end();
  }

  static AcceptancePolicy fromValue(Value value) {
    FieldReader in = FieldReader.of("acceptance policy", value);
    AcceptancePolicy policy =
        new AcceptancePolicy(
            in.peers("evaluators"),
            in.smallInteger("required"),
            in.real("margin"),
            in.real("epsilon"));
    in.end();
    return policy;
  }
}
