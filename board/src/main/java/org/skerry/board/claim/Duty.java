package org.skerry.board.claim;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.Rendezvous;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/**
 * What a node does for a task. Whoever trains nothing is ready to take a unit over all the same:
 * {@link ClaimProtocol} says when.
 */
public sealed interface Duty {

  /** Train the unit it has claimed. */
  record Train(int unit) implements Duty {}

  /** Measure a manifest that too few have measured. */
  record Evaluate(int unit, Cid manifest) implements Duty {}

  /** Fetch, keep and serve a unit's data and newest weights, from which a take-over is quick. */
  record Replicate(int unit) implements Duty {}

  /** Pass on the connections of peers that cannot be reached. */
  record Relay() implements Duty {}

  /** Wait until a unit has room. */
  record StandBy() implements Duty {}

  /** So many peers that the task does not name are to measure each manifest. */
  int WANTED_STRANGERS = 2;

  /**
   * What a node is able, and allowed by its owner, to do besides training.
   *
   * @param evaluate measure weights
   * @param replicate keep blobs that it does not need itself
   * @param relay relay connections, which takes a public address
   */
  record Can(boolean evaluate, boolean replicate, boolean relay) {}

  /**
   * The next duty of {@code self}: what it holds; else a manifest to measure, a task's named
   * evaluators each of them and strangers as long as few have; else a unit to keep. Peers that
   * choose at once spread over manifests and units by rendezvous rank, and of a manifest's
   * strangers only so many look at it at all that about half as many again as are wanted begin.
   *
   * @param held what {@link ClaimProtocol#heldUnit} says
   * @param crowd about how many peers choose as this one does; 1 where that is not known
   */
  static Duty next(
      Optional<Integer> held,
      Task task,
      Collection<Board> boards,
      PeerId self,
      Can can,
      int crowd) {
    if (held.isPresent()) {
      return new Train(held.get());
    }
    if (can.evaluate()) {
      Optional<SignedDocument<WeightManifest>> unmeasured =
          boards.stream()
              .flatMap(board ->
                  board.manifests().stream().filter(weights -> wants(board, weights, self, crowd)))
              .min(
                  Comparator.comparing(
                      weights -> Rendezvous.rank(weights.id(), weights.document().unit(), self),
                      Arrays::compareUnsigned));
      if (unmeasured.isPresent()) {
        return new Evaluate(unmeasured.get().document().unit(), unmeasured.get().id());
      }
    }
    if (can.replicate()) {
      return boards.stream()
          .min(
              Comparator.comparing(
                  board -> Rendezvous.rank(task.id(), board.unit(), self), Arrays::compareUnsigned))
          .<Duty>map(board -> new Replicate(board.unit()))
          .orElseGet(StandBy::new);
    }
    return can.relay() ? new Relay() : new StandBy();
  }

  private static boolean wants(
      Board board, SignedDocument<WeightManifest> weights, PeerId self, int crowd) {
    List<PeerId> named = board.charter().document().policy().evaluators();
    List<PeerId> measured =
        board.attestations().stream()
            .filter(said -> said.document().manifest().id().equals(weights.id()))
            .map(SignedDocument::signer)
            .toList();
    if (weights.signer().equals(self) || measured.contains(self)) {
      return false;
    }
    if (named.contains(self)) {
      return true;
    }
    double turn = Rendezvous.fraction(weights.id(), weights.document().unit(), self);
    return turn * crowd < 1.5 * WANTED_STRANGERS
        && measured.stream().filter(peer -> !named.contains(peer)).count() < WANTED_STRANGERS;
  }
}
