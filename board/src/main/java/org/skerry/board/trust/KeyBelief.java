package org.skerry.board.trust;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.document.Revocation;
import org.skerry.board.document.SignedDocument;
import org.skerry.libp2p.PeerId;

/**
 * What one reader holds true of one key. It only grows: what was believed first stays, whatever is
 * heard later, so that who steals a key takes nobody along who knew the recovery key before.
 *
 * <pre>
 *   heard of the key                                          standing
 *   nothing                                                   Current
 *   the key names one successor                               Succeeded
 *   the key names two, before the reader knew of either       Disputed
 *   the key names two recovery keys, likewise                 Disputed
 *   a revocation by the key or its recovery key               Revoked
 *   the recovery key names one successor                      Succeeded, whatever else was heard
 *   the recovery key names two, before ... either             Disputed, likewise
 * </pre>
 *
 * <p>Each list is empty, or holds what was said when something was said first: one is believed, two
 * contradict each other for good.
 *
 * @param recoveries the recovery key; an empty one: there is none
 * @param successors in the key's own word
 * @param recovered successors in the recovery key's word
 * @param revoked why it was revoked, in the words of who did
 * @param records what was said, to be passed on
 */
public record KeyBelief(
    PeerId key,
    List<Optional<PeerId>> recoveries,
    List<PeerId> successors,
    List<PeerId> recovered,
    Optional<String> revoked,
    List<KeyRecord> records) {

  public KeyBelief {
    recoveries = List.copyOf(recoveries);
    successors = List.copyOf(successors);
    recovered = List.copyOf(recovered);
    records = List.copyOf(records);
  }

  /** Of a key that nobody said anything about. */
  public static KeyBelief nothing(PeerId key) {
    return new KeyBelief(key, List.of(), List.of(), List.of(), Optional.empty(), List.of());
  }

  /** Whose word about the key counts more than its own, where that is known and undisputed. */
  public Optional<PeerId> recovery() {
    return recoveries.size() == 1 ? recoveries.getFirst() : Optional.empty();
  }

  /** The belief of a reader who now hears {@code record}, too; of a stranger's it takes no note. */
  public KeyBelief hear(KeyRecord record) {
    if (!record.key().equals(key)) {
      throw new IllegalArgumentException("a record about " + record.key() + ", not " + key);
    }
    List<PeerId> named =
        record.successions().stream().map(said -> said.document().successor()).toList();
    Optional<String> why =
        record.revocations().stream().map(said -> said.document().reason()).findFirst();
    if (record.signer().equals(key)) {
      return new KeyBelief(
          key,
          first(recoveries, recoveries(record)),
          first(successors, named),
          recovered,
          revoked.or(() -> why),
          with(record));
    }
    return recovery().filter(record.signer()::equals).isEmpty()
        ? this
        : new KeyBelief(
            key,
            recoveries,
            successors,
            first(recovered, named),
            revoked.or(() -> why),
            with(record));
  }

  private static List<Optional<PeerId>> recoveries(KeyRecord own) {
    return Stream.concat(
            own.recoveries().stream().map(said -> Optional.of(said.document().recovery())),
            own.revocations().stream().map(SignedDocument::document).map(Revocation::recovery))
        .toList();
  }

  private static <T> List<T> first(List<T> before, List<T> said) {
    return before.isEmpty() ? said.stream().distinct().limit(2).toList() : before;
  }

  private List<KeyRecord> with(KeyRecord record) {
    List<KeyRecord> out = new ArrayList<>();
    KeyRecord joined = record;
    for (KeyRecord known : records) {
      if (known.signer().equals(record.signer())) {
        joined = known.merge(record);
      } else {
        out.add(known);
      }
    }
    out.add(joined);
    return out;
  }

  public KeyStanding standing() {
    if (recovered.size() == 1) {
      return new KeyStanding.Succeeded(recovered.getFirst());
    }
    if (recovered.size() > 1) {
      return new KeyStanding.Disputed("its recovery key names two successors");
    }
    if (revoked.isPresent()) {
      return new KeyStanding.Revoked(revoked.get());
    }
    if (recoveries.size() > 1) {
      return new KeyStanding.Disputed("it names two recovery keys");
    }
    if (successors.size() > 1) {
      return new KeyStanding.Disputed("it names two successors");
    }
    return successors.isEmpty()
        ? new KeyStanding.Current()
        : new KeyStanding.Succeeded(successors.getFirst());
  }
}
