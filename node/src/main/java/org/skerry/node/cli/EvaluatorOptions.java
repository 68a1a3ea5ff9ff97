package org.skerry.node.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import picocli.CommandLine.Option;

/** Who says which weights are good enough; the publisher always does. */
final class EvaluatorOptions {
  private static final double MARGIN = 0.01;
  private static final double EPSILON = 0.05;

  @Option(
      names = "--evaluator",
      paramLabel = "PEER",
      description = "another node that measures what comes back, beside yours; repeatable")
  List<String> evaluators = new ArrayList<>();

  @Option(
      names = "--required",
      paramLabel = "M",
      description = "evaluators that must accept (default: more than half of them)")
  @Nullable Integer required;

  /**
   * The policy of a task of {@code key}.
   *
   * @throws IllegalArgumentException when an evaluator is no peer
   */
  AcceptancePolicy policy(PrivateKey key) {
    Set<PeerId> all = new LinkedHashSet<>();
    all.add(PeerId.of(key.publicKey()));
    for (String evaluator : evaluators) {
      try {
        all.add(PeerId.parse(evaluator));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "--evaluator '" + evaluator + "' is no peer id: " + e.getMessage(), e);
      }
    }
    return new AcceptancePolicy(
        List.copyOf(all), required == null ? all.size() / 2 + 1 : required, MARGIN, EPSILON);
  }
}
