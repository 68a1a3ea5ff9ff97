package org.skerry.node.ensemble;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitKind;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.trust.JudgedManifest;
import org.skerry.board.trust.TaskJudgement;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;

/**
 * Looks at a pulled ensemble with nothing but what lies on this computer: are the weights the bytes
 * that the signed manifests name, and do the documents say what the note does?
 */
public final class Inspection {
  private final PulledEnsemble ensemble;

  public Inspection(PulledEnsemble ensemble) {
    this.ensemble = ensemble;
  }

  /**
   * What was looked at and how it is.
   *
   * @param what as a person would call it
   * @param good whether it is as it should be
   * @param finding in a few words
   */
  public record Finding(String what, boolean good, String finding) {
    /** For people. */
    public String line() {
      return "%-4s %s: %s".formatted(good ? "ok" : "BAD", what, finding);
    }
  }

  /** Hashes every weights file from end to end. */
  public List<Finding> weights(LocalBlobs blobs) {
    return ensemble.blobs().stream().map(BlobId::parse).map(id -> weights(blobs, id)).toList();
  }

  /** Verifies the documents, and compares them with the note; none of an unsigned ensemble. */
  public List<Finding> documents() {
    if (ensemble.unsigned()) {
      return List.of();
    }
    Optional<Provenance.Encoded> proof = ensemble.proofIfPresent();
    if (proof.isEmpty()) {
      return List.of(new Finding("documents", false, "the note has none; pull the ensemble again"));
    }
    List<Finding> out = new ArrayList<>();
    try {
      Provenance provenance = proof.get().verified();
      boolean same = provenance.task().id().toString().equals(ensemble.task());
      out.add(
          new Finding(
              "task " + ensemble.task(),
              same,
              same
                  ? "signed by " + provenance.task().publisher()
                  : "the document is of task " + provenance.task().id()));
      for (Task older : provenance.lineage().ancestors()) {
        out.add(
            new Finding(
                "task " + older.id() + ", which it extends",
                true,
                "signed by " + older.publisher()));
      }
      provenance
          .task()
          .forkOf()
          .forEach(origin ->
              out.add(
                  new Finding(
                      "task " + origin + ", which it forks",
                      true,
                      "in its publisher's word; what counts of it was accepted here")));
      TaskJudgement judged = provenance.judge();
      for (PulledEnsemble.Member member : ensemble.members()) {
        out.add(member(provenance, judged, member));
      }
    } catch (IOException e) {
      out.add(new Finding("documents", false, String.valueOf(e.getMessage())));
    }
    return out;
  }

  private static Finding member(
      Provenance provenance, TaskJudgement judged, PulledEnsemble.Member member) {
    String what = member.title() + ", manifest " + member.manifest();
    Optional<JudgedManifest> found = manifest(provenance, judged, member);
    if (found.isEmpty()) {
      return new Finding(what, false, "no signed document of that id");
    }
    WeightManifest manifest = found.get().manifest().document();
    if (!named(manifest).contains(member.weights())
        || !manifest.peer().toString().equals(member.author())) {
      return new Finding(what, false, "it names other weights or another author than the note");
    }
    List<String> accepting =
        found.get().attestations().stream()
            .map(SignedDocument::document)
            .filter(attestation -> attestation.verdict() == Verdict.ACCEPTED)
            .map(Attestation::evaluator)
            .map(Object::toString)
            .toList();
    if (member.accepted() != found.get().isAccepted()) {
      return new Finding(what, false, "the evaluators' word is not what the note says");
    }
    return new Finding(
        what,
        true,
        "signed by %s, %s"
            .formatted(
                manifest.peer(),
                found.get().isAccepted()
                    ? "accepted by " + String.join(" and ", accepting)
                    : "not accepted by anybody the task names"));
  }

  /** The weights that a manifest names, in single precision and rounded. */
  private static List<String> named(WeightManifest manifest) {
    return Stream.concat(Stream.of(manifest.weights()), manifest.bfloat16().stream())
        .map(blob -> new BlobId(blob).toString())
        .toList();
  }

  /** The judged manifest that {@code member} was taken from. */
  static Optional<JudgedManifest> manifest(
      Provenance provenance, TaskJudgement judged, PulledEnsemble.Member member) {
    return provenance.task().units().stream()
        .filter(unit -> isOf(unit, member))
        .flatMap(unit -> judged.unit(unit.index()).manifests().stream())
        .filter(manifest -> manifest.manifest().id().toString().equals(member.manifest()))
        .findFirst();
  }

  private static boolean isOf(Unit unit, PulledEnsemble.Member member) {
    return member.partition() < 0
        ? unit.kind() == UnitKind.ROUTER
        : unit.kind() == UnitKind.EXPERT && unit.partition() == member.partition();
  }

  private static Finding weights(LocalBlobs blobs, BlobId id) {
    String what = "blob " + id;
    try {
      Path file = blobs.path(id);
      return MerkleTree.of(file).head().id().equals(id)
          ? new Finding(what, true, Files.size(file) + " bytes, every one hashed")
          : new Finding(what, false, file + " is damaged; delete it and pull again");
    } catch (IOException e) {
      return new Finding(what, false, "not here (" + e.getMessage() + "); pull again");
    }
  }
}
