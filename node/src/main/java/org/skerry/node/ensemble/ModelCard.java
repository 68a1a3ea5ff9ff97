package org.skerry.node.ensemble;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.trust.JudgedManifest;
import org.skerry.board.trust.TaskJudgement;

/**
 * What an ensemble is and where it comes from, as its signed documents say.
 *
 * @param reads what can be asked of it, in words
 * @param parts experts in the order of their partitions, then the router
 * @param missing partitions without an expert
 */
public record ModelCard(
    String name,
    String description,
    String licence,
    String task,
    String publisher,
    int imageSize,
    String reads,
    List<Part> parts,
    List<Integer> missing) {
  public ModelCard {
    parts = List.copyOf(parts);
    missing = List.copyOf(missing);
  }

  /**
   * One network.
   *
   * @param images it was trained on; of all partitions for the router; 0 where nobody says
   * @param author who signed it
   * @param manifest id of the signed manifest, or of the weights of an unsigned ensemble
   * @param parent the manifest from whose weights training went on; null for a first one
   */
  public record Part(
      String title,
      String family,
      long images,
      long step,
      double trainLoss,
      double validationLoss,
      String author,
      String manifest,
      @Nullable String parent,
      List<Word> words) {
    public Part {
      words = List.copyOf(words);
    }
  }

  /** What an evaluator said. */
  public record Word(String evaluator, boolean accepted, double publicLoss, double secretLoss) {}

  /** What is to be said of an ensemble without documents, before anything else. */
  public static final String UNSIGNED_NOTICE =
      "UNSIGNED: imported without documents; nobody's word but the folder's";

  /**
   * The card of {@code ensemble}.
   *
   * @throws IOException when its documents are damaged, or it should have some and has none
   */
  public static ModelCard of(PulledEnsemble ensemble) throws IOException {
    return of(ensemble, ensemble.unsigned() ? unsigned(ensemble) : signed(ensemble));
  }

  private static List<Part> unsigned(PulledEnsemble ensemble) {
    return ensemble.members().stream()
        .map(member ->
            new Part(
                member.title(),
                family(member),
                0,
                0,
                Double.NaN,
                Double.NaN,
                member.author(),
                member.manifest(),
                null,
                List.of()))
        .toList();
  }

  private static List<Part> signed(PulledEnsemble ensemble) throws IOException {
    Provenance provenance =
        ensemble
            .proofIfPresent()
            .orElseThrow(() -> new IOException("its note has no signed documents"))
            .verified();
    TaskJudgement judged = provenance.judge();
    List<Part> parts = new ArrayList<>();
    for (PulledEnsemble.Member member : ensemble.members()) {
      JudgedManifest manifest =
          Inspection.manifest(provenance, judged, member)
              .orElseThrow(() ->
                  new IOException(member.title() + " has no signed document " + member.manifest()));
      parts.add(part(ensemble, member, manifest));
    }
    return parts;
  }

  private static ModelCard of(PulledEnsemble ensemble, List<Part> parts) {
    return new ModelCard(
        ensemble.name(),
        ensemble.description(),
        ensemble.licence(),
        ensemble.task(),
        ensemble.publisher(),
        ensemble.imageSize(),
        reads(ensemble),
        parts,
        ensemble.missing());
  }

  private static String reads(PulledEnsemble ensemble) {
    PulledEnsemble.Text text = ensemble.text();
    if (ensemble.needsText()) {
      return text == null
          ? "sentences, and came without a text encoder"
          : "sentences, by a text encoder of family "
              + text.encoder().getOrDefault("family", "unknown");
    }
    int classes = ensemble.classes();
    if (classes == 0) {
      return "nothing: a prompt changes no picture";
    }
    return (ensemble.classNames() == null ? "numbers" : "names") + " of " + classes + " classes";
  }

  private static Part part(
      PulledEnsemble ensemble, PulledEnsemble.Member member, JudgedManifest judged) {
    WeightManifest manifest = judged.manifest().document();
    long images =
        member.partition() < 0
            ? ensemble.samplesPerPartition().stream().mapToLong(Long::longValue).sum()
            : ensemble.samplesPerPartition().get(member.partition());
    return new Part(
        member.title(),
        family(member),
        images,
        manifest.step(),
        manifest.trainLoss(),
        manifest.validationLoss(),
        manifest.peer().toString(),
        judged.manifest().id().toString(),
        manifest.parent().map(Object::toString).orElse(null),
        judged.attestations().stream().map(SignedDocument::document).map(ModelCard::word).toList());
  }

  private static String family(PulledEnsemble.Member member) {
    return member.network().getOrDefault("family", "unknown");
  }

  private static Word word(Attestation attestation) {
    return new Word(
        attestation.evaluator().toString(),
        attestation.verdict() == Verdict.ACCEPTED,
        attestation.measured().emaPublicLoss(),
        attestation.measured().emaSecretLoss());
  }

  /** For people. */
  public List<String> lines() {
    List<String> out = new ArrayList<>();
    boolean unsigned = task.equals(PulledEnsemble.UNSIGNED);
    if (unsigned) {
      out.add(UNSIGNED_NOTICE);
    }
    out.add(name + ": " + (description.isEmpty() ? "no description" : description));
    out.add("licence    " + licence);
    if (!unsigned) {
      out.add("task       " + task);
      out.add("published  by " + publisher);
    }
    out.add("pictures   %d × %d".formatted(imageSize, imageSize));
    out.add("reads      " + reads);
    for (Part part : parts) {
      out.add("");
      if (unsigned) {
        out.add("%s: %s".formatted(part.title(), part.family()));
        out.add("  weights   " + part.manifest());
        continue;
      }
      out.add(
          "%s: %s, trained on %d images for %d steps"
              .formatted(part.title(), part.family(), part.images(), part.step()));
      out.add("  by        " + part.author());
      out.add("  manifest  " + part.manifest());
      Optional.ofNullable(part.parent()).ifPresent(parent -> out.add("  from      " + parent));
      out.add(
          String.format(
              Locale.ROOT,
              "  its word  loss %.4f in training, %.4f on held-out images",
              part.trainLoss(),
              part.validationLoss()));
      for (Word word : part.words()) {
        out.add(
            String.format(
                Locale.ROOT,
                "  %s  by %s: loss %.4f on public, %.4f on secret images",
                word.accepted() ? "accepted" : "refused ",
                word.evaluator(),
                word.publicLoss(),
                word.secretLoss()));
      }
    }
    if (!missing.isEmpty()) {
      out.add("");
      out.add("no expert of partition " + missing);
    }
    return out;
  }
}
