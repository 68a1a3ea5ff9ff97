package org.skerry.board.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.DagCbor;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;

/**
 * All that one signer says about one key: a state-based CRDT of bounded size. Of each kind it keeps
 * what says different things, and of those the two with the smallest subjects, for two prove that
 * the signer contradicts itself, and a third proves no more. So nobody who joins records takes a
 * contradiction away. A subject is whom the statement names, in base58; nobody comes first. Of two
 * statements of one subject the larger bytes stay.
 *
 * @param signer {@code key}, or another key that may turn out to be its recovery key: anybody can
 *     say anything of anybody, under a record of his own
 */
public record KeyRecord(
    PeerId key,
    PeerId signer,
    List<SignedDocument<Recovery>> recoveries,
    List<SignedDocument<Succession>> successions,
    List<SignedDocument<Revocation>> revocations) {

  private static final int MOST_OF_A_KIND = 2;

  /** The value of {@code /skerry/key/<key>/<signer>}: its envelopes and what CBOR puts around. */
  public static final int MAX_BYTES =
      MOST_OF_A_KIND
              * (DocumentKind.RECOVERY.maxEnvelopeBytes()
                  + DocumentKind.SUCCESSION.maxEnvelopeBytes()
                  + DocumentKind.REVOCATION.maxEnvelopeBytes())
          + 128;

  /**
   * @throws BoardException when a statement is of another key or signer, or the lists are not what
   *     {@link #merge} would have left
   */
  public KeyRecord {
    recoveries = List.copyOf(recoveries);
    successions = List.copyOf(successions);
    revocations = List.copyOf(revocations);
    for (var kind : List.of(recoveries, successions, revocations)) {
      requireOrder(kind);
      for (SignedDocument<? extends KeyStatement> statement : kind) {
        if (!statement.document().key().equals(key) || !statement.signer().equals(signer)) {
          throw new BoardException(
              Refusal.ID_MISMATCH,
              "a statement of "
                  + statement.signer()
                  + " about "
                  + statement.document().key()
                  + " stands among those of "
                  + signer
                  + " about "
                  + key);
        }
      }
    }
  }

  private static void requireOrder(List<? extends SignedDocument<? extends KeyStatement>> kind) {
    if (kind.size() > MOST_OF_A_KIND) {
      throw new BoardException(
          Refusal.OVER_QUOTA, kind.size() + " statements of a kind about one key");
    }
    for (int i = 1; i < kind.size(); i++) {
      if (subject(kind.get(i - 1).document()).compareTo(subject(kind.get(i).document())) >= 0) {
        throw new BoardException(
            Refusal.NOT_CANONICAL, "statements about a key are out of order or doubled");
      }
    }
  }

  private static String subject(KeyStatement statement) {
    return switch (statement) {
      case Recovery recovery -> recovery.recovery().toString();
      case Succession succession -> succession.successor().toString();
      case Revocation revocation -> revocation.recovery().map(PeerId::toString).orElse("");
    };
  }

  /** The record with one statement. */
  @SuppressWarnings("unchecked") // each case has looked at the document's type
  public static KeyRecord of(SignedDocument<? extends KeyStatement> statement) {
    PeerId key = statement.document().key();
    PeerId signer = statement.signer();
    return switch (statement.document()) {
      case Recovery ignored ->
          new KeyRecord(
              key, signer, List.of((SignedDocument<Recovery>) statement), List.of(), List.of());
      case Succession ignored ->
          new KeyRecord(
              key, signer, List.of(), List.of((SignedDocument<Succession>) statement), List.of());
      case Revocation ignored ->
          new KeyRecord(
              key, signer, List.of(), List.of(), List.of((SignedDocument<Revocation>) statement));
    };
  }

  /** The join of both, which must be of the same key and signer. */
  public KeyRecord merge(KeyRecord other) {
    return new KeyRecord(
        key,
        signer,
        joined(recoveries, other.recoveries),
        joined(successions, other.successions),
        joined(revocations, other.revocations));
  }

  private static <T extends KeyStatement> List<SignedDocument<T>> joined(
      List<SignedDocument<T>> left, List<SignedDocument<T>> right) {
    SortedMap<String, SignedDocument<T>> bySubject = new TreeMap<>();
    Stream.concat(left.stream(), right.stream())
        .forEach(statement ->
            bySubject.merge(subject(statement.document()), statement, KeyRecord::larger));
    return bySubject.values().stream().limit(MOST_OF_A_KIND).toList();
  }

  private static <T extends Document> SignedDocument<T> larger(
      SignedDocument<T> left, SignedDocument<T> right) {
    return Arrays.compareUnsigned(left.bytes(), right.bytes()) >= 0 ? left : right;
  }

  /** The canonical bytes: equal records have equal bytes. */
  public byte[] encoded() {
    return DagCbor.encode(
        new FieldWriter()
            .integer("version", Document.SCHEMA_VERSION)
            .value("recoveries", envelopes(recoveries))
            .value("successions", envelopes(successions))
            .value("revocations", envelopes(revocations))
            .end());
  }

  private static Value envelopes(List<? extends SignedDocument<?>> documents) {
    return Value.list(
        documents.stream().map(document -> new Value.BytesValue(document.bytes())).toList());
  }

  /**
   * Reads and verifies a record.
   *
   * @throws BoardException when any byte of it is not what {@link #encoded} would have written, or
   *     a signature does not hold
   */
  public static KeyRecord decode(byte[] bytes, EnvelopeReader reader) {
    FieldReader in = FieldReader.of("key record", DagCbor.decode(bytes, MAX_BYTES));
    if (in.integer("version") != Document.SCHEMA_VERSION) {
      throw new BoardException(
          Refusal.UNKNOWN_SCHEMA_VERSION,
          "a key record of another version than " + Document.SCHEMA_VERSION);
    }
    var recoveries = statements(in, "recoveries", DocumentKind.RECOVERY, reader);
    var successions = statements(in, "successions", DocumentKind.SUCCESSION, reader);
    var revocations = statements(in, "revocations", DocumentKind.REVOCATION, reader);
    in.end();
    List<SignedDocument<? extends KeyStatement>> all = new ArrayList<>(recoveries);
    all.addAll(successions);
    all.addAll(revocations);
    if (all.isEmpty()) {
      throw new BoardException(Refusal.MISSING_FIELD, "a key record without a statement");
    }
    KeyStatement first = all.getFirst().document();
    return new KeyRecord(first.key(), first.signer(), recoveries, successions, revocations);
  }

  /** Counts before it verifies. */
  private static <T extends KeyStatement> List<SignedDocument<T>> statements(
      FieldReader in, String name, DocumentKind<T> kind, EnvelopeReader reader) {
    List<byte[]> envelopes = in.byteStrings(name);
    if (envelopes.size() > MOST_OF_A_KIND) {
      throw new BoardException(Refusal.OVER_QUOTA, envelopes.size() + " " + name + " of one key");
    }
    return envelopes.stream().map(bytes -> reader.open(kind, bytes)).toList();
  }
}
