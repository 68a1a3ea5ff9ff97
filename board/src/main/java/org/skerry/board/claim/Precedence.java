package org.skerry.board.claim;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.Claim;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.Rendezvous;
import org.skerry.libp2p.PeerId;

/**
 * Who stays when more peers claim a unit than the task wants. The order is a function of the board,
 * so peers with the same board agree without a word:
 *
 * <ol>
 *   <li>who has published weights in this tenure, before who has not;
 *   <li>who has made a step, the longest tenure first, before who has not;
 *   <li>the rendezvous rank of (unit, peer), which spreads those who arrive together.
 * </ol>
 */
final class Precedence {
  private Precedence() {}

  /** The claims of {@code live}, the first to stay first. */
  static List<Claim> sorted(Board board, List<Claim> live) {
    Map<PeerId, Long> published = lastPublished(board);
    return live.stream()
        .sorted(
            Comparator.comparing((Claim claim) ->
                    published.getOrDefault(claim.peer(), -1L) < claim.claimedAtMs())
                .thenComparingLong(claim -> claim.step() > 0 ? claim.claimedAtMs() : Long.MAX_VALUE)
                .thenComparing(
                    claim -> Rendezvous.rank(claim.task(), claim.unit(), claim.peer()),
                    Arrays::compareUnsigned)
                .thenComparing(Claim::peer))
        .toList();
  }

  private static Map<PeerId, Long> lastPublished(Board board) {
    Map<PeerId, Long> out = new HashMap<>();
    for (SignedDocument<WeightManifest> manifest : board.manifests()) {
      out.merge(manifest.signer(), manifest.document().issuedAtMs(), Math::max);
    }
    for (SignedDocument<Attestation> attestation : board.attestations()) {
      SignedDocument<WeightManifest> manifest = attestation.document().manifest();
      out.merge(manifest.signer(), manifest.document().issuedAtMs(), Math::max);
    }
    return out;
  }
}
