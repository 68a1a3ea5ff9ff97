package org.skerry.board.trust;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.libp2p.PeerId;

/** What named evaluators say of one manifest. Owned by the judgement that collects it. */
final class Evidence {
  private static final Comparator<SignedDocument<Attestation>> BY_SEQUENCE =
      Comparator.comparingLong(
              (SignedDocument<Attestation> attestation) -> attestation.document().sequence())
          .thenComparing(SignedDocument::bytes, Arrays::compareUnsigned);

  final SignedDocument<WeightManifest> manifest;
  private final SortedMap<PeerId, SignedDocument<Attestation>> words = new TreeMap<>();
  private final SortedMap<PeerId, Long> firstWordsAtMs = new TreeMap<>();
  boolean withdrawn;

  Evidence(SignedDocument<WeightManifest> manifest) {
    this.manifest = manifest;
  }

  void hear(SignedDocument<Attestation> attestation) {
    words.merge(
        attestation.signer(),
        attestation,
        (left, right) -> BY_SEQUENCE.compare(left, right) >= 0 ? left : right);
    firstWordsAtMs.merge(attestation.signer(), attestation.document().issuedAtMs(), Math::min);
  }

  List<SignedDocument<Attestation>> words() {
    return List.copyOf(words.values());
  }

  List<Attestation> saying(Verdict verdict) {
    return words.values().stream()
        .map(SignedDocument::document)
        .filter(attestation -> attestation.verdict() == verdict)
        .toList();
  }

  /**
   * When {@code required} evaluators had spoken: fewer of them cannot make a copy the older one by
   * dating their word back.
   */
  Optional<Origin> origin(int required) {
    return firstWordsAtMs.values().stream()
        .sorted()
        .skip(required - 1L)
        .findFirst()
        .map(atMs ->
            new Origin(
                manifest.signer(), manifest.document().unit(), atMs, manifest.id().toString()));
  }
}
