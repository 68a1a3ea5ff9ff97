package org.skerry.board.claim;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.Claim;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.Rendezvous;
import org.skerry.libp2p.PeerId;

/**
 * Who stays when more peers claim a unit than the task wants. The order is a function of the board,
 * so peers with the same board agree without a word:
 *
 * <ol>
 *   <li>who made weights in this tenure that an evaluator named by the task accepted, before who
 *       did not; of those the longest tenure first;
 *   <li>who has begun (fetched data or made a step), the longest tenure first, before who has not;
 *   <li>the rendezvous rank of (unit, peer), which spreads those who arrive together.
 * </ol>
 *
 * <p>Weights that nobody accepted count for nothing here: anybody can publish some.
 */
final class Precedence {
  private Precedence() {}

  /** The claims of {@code live}, the first to stay first. */
  static List<Claim> sorted(Board board, List<Claim> live) {
    Map<PeerId, Long> accepted = lastAccepted(board);
    return live.stream()
        .sorted(
            Comparator.comparing((Claim claim) -> !isProven(claim, accepted))
                .thenComparingLong(claim ->
                    isProven(claim, accepted) || hasBegun(claim)
                        ? claim.claimedAtMs()
                        : Long.MAX_VALUE)
                .thenComparing(
                    claim -> Rendezvous.rank(claim.task(), claim.unit(), claim.peer()),
                    Arrays::compareUnsigned)
                .thenComparing(Claim::peer))
        .toList();
  }

  private static boolean isProven(Claim claim, Map<PeerId, Long> accepted) {
    return accepted.getOrDefault(claim.peer(), -1L) >= claim.claimedAtMs();
  }

  private static boolean hasBegun(Claim claim) {
    return claim.step() > 0 || claim.fetchedBytes() > 0;
  }

  /** When each peer made, by its own clock, the newest weights that a named evaluator accepted. */
  private static Map<PeerId, Long> lastAccepted(Board board) {
    Map<PeerId, Long> out = new HashMap<>();
    accepted(board)
        .forEach(said -> {
          SignedDocument<WeightManifest> weights = said.document().manifest();
          out.merge(weights.signer(), weights.document().issuedAtMs(), Math::max);
        });
    return out;
  }

  /**
   * What the evaluators that the task names say they accepted of this unit; weights of a task that
   * it forks were made in nobody's tenure here.
   */
  static Stream<SignedDocument<Attestation>> accepted(Board board) {
    List<PeerId> named = board.charter().document().policy().evaluators();
    Stream<SignedDocument<Attestation>> standings =
        board.claims().stream().flatMap(claim -> claim.document().standing().stream());
    return Stream.concat(board.attestations().stream(), standings)
        .filter(said -> named.contains(said.signer()))
        .filter(said -> said.document().task().equals(board.task()))
        .filter(said -> said.document().verdict() == Verdict.ACCEPTED);
  }
}
