package org.skerry.board.merge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.DagCbor;
import org.skerry.board.dagcbor.Value;
import org.skerry.board.document.Document;
import org.skerry.board.document.DocumentKind;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.TaskCharter;
import org.skerry.libp2p.multiformats.Cid;

/** The bytes of a board: section 5 of the protocol. */
public final class BoardCodec {
  private static final String VERSION = "version";
  private static final String CHARTER = "charter";
  private static final String CLAIMS = "claims";
  private static final String MANIFESTS = "manifests";
  private static final String ATTESTATIONS = "attestations";
  private static final String WITHDRAWALS = "withdrawals";
  private static final Set<String> FIELDS =
      Set.of(VERSION, CHARTER, CLAIMS, MANIFESTS, ATTESTATIONS, WITHDRAWALS);

  private BoardCodec() {}

  static Value toValue(Board board) {
    return Value.map(
        Map.of(
            VERSION, new Value.IntValue(Document.SCHEMA_VERSION),
            CHARTER, new Value.BytesValue(board.charter().bytes()),
            CLAIMS, envelopes(board.allClaims()),
            MANIFESTS, envelopes(board.allManifests()),
            ATTESTATIONS, envelopes(board.attestations()),
            WITHDRAWALS, envelopes(board.withdrawals())));
  }

  private static Value envelopes(List<? extends SignedDocument<?>> documents) {
    return Value.list(
        documents.stream().map(document -> new Value.BytesValue(document.bytes())).toList());
  }

  /**
   * Reads and verifies the board of {@code unit} of {@code task}.
   *
   * @throws BoardException when any byte of it is not what {@link Board#encoded} would have written
   *     for documents that belong there, or a signature does not hold
   */
  public static Board decode(Cid task, int unit, byte[] bytes, EnvelopeReader reader) {
    Value value = DagCbor.decode(bytes, Board.MAX_BYTES);
    if (!(value instanceof Value.MapValue map)) {
      throw new BoardException(Refusal.WRONG_TYPE, "a board is not a map");
    }
    requireVersion(map);
    requireFields(map);
    SignedDocument<TaskCharter> charter =
        reader.open(DocumentKind.TASK, bytes(field(map, CHARTER)));
    if (!charter.id().equals(task)) {
      throw new BoardException(
          Refusal.WRONG_TASK, "a board of task " + charter.id() + " stands under " + task);
    }
    return Board.empty(charter, unit)
        .withAllInOrder(
            documents(map, CLAIMS, DocumentKind.CLAIM, reader),
            documents(map, MANIFESTS, DocumentKind.MANIFEST, reader),
            documents(map, ATTESTATIONS, DocumentKind.ATTESTATION, reader),
            documents(map, WITHDRAWALS, DocumentKind.WITHDRAWAL, reader));
  }

  private static void requireVersion(Value.MapValue map) {
    Value version = field(map, VERSION);
    if (!version.equals(new Value.IntValue(Document.SCHEMA_VERSION))) {
      throw new BoardException(
          Refusal.UNKNOWN_SCHEMA_VERSION,
          "a board of another version than " + Document.SCHEMA_VERSION);
    }
  }

  private static void requireFields(Value.MapValue map) {
    if (!FIELDS.containsAll(map.entries().keySet())) {
      throw new BoardException(
          Refusal.UNKNOWN_FIELD, "a board has a field this software does not know");
    }
  }

  private static <T extends Document> List<SignedDocument<T>> documents(
      Value.MapValue map, String name, DocumentKind<T> kind, EnvelopeReader reader) {
    if (!(field(map, name) instanceof Value.ListValue list)) {
      throw new BoardException(Refusal.WRONG_TYPE, name + " of a board are not a list");
    }
    List<SignedDocument<T>> out = new ArrayList<>();
    for (Value item : list.items()) {
      out.add(reader.open(kind, bytes(item)));
    }
    return out;
  }

  private static Value field(Value.MapValue map, String name) {
    Value value = map.entries().get(name);
    if (value == null) {
      throw new BoardException(Refusal.MISSING_FIELD, "a board has no " + name);
    }
    return value;
  }

  private static byte[] bytes(Value value) {
    if (value instanceof Value.BytesValue bytes) {
      return bytes.bytes();
    }
    throw new BoardException(Refusal.WRONG_TYPE, "an envelope on a board is no byte string");
  }
}
