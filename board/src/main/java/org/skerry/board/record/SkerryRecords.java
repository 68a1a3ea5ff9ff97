package org.skerry.board.record;

import java.util.Arrays;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.document.Catalog;
import org.skerry.board.document.DocumentKind;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.BoardCodec;

/**
 * What each key of the namespace may hold, and how two values of it join. Functions of their
 * arguments: a task and a catalog are chosen (the later, of equals the larger bytes), boards merge,
 * and so does what is said about keys.
 */
final class SkerryRecords {
  private SkerryRecords() {}

  static Task task(RecordKey.TaskKey key, byte[] value, EnvelopeReader reader) {
    Task task = Task.decode(value, reader);
    if (!task.id().equals(key.task())) {
      throw new BoardException(
          Refusal.ID_MISMATCH, "task " + task.id() + " stands under " + key.task());
    }
    return task;
  }

  static SignedDocument<Catalog> catalog(
      RecordKey.CatalogKey key, byte[] value, EnvelopeReader reader) {
    SignedDocument<Catalog> catalog = reader.open(DocumentKind.CATALOG, value);
    if (!catalog.signer().equals(key.publisher())) {
      throw new BoardException(
          Refusal.NOT_THE_PUBLISHER,
          "a catalog of " + catalog.signer() + " stands under " + key.publisher());
    }
    return catalog;
  }

  static Board board(RecordKey.BoardKey key, byte[] value, EnvelopeReader reader) {
    return BoardCodec.decode(key.task(), key.unit(), value, reader);
  }

  static KeyRecord statements(RecordKey.StatementsKey key, byte[] value, EnvelopeReader reader) {
    KeyRecord record = KeyRecord.decode(value, reader);
    if (!record.key().equals(key.key()) || !record.signer().equals(key.signer())) {
      throw new BoardException(
          Refusal.ID_MISMATCH,
          "what "
              + record.signer()
              + " says about "
              + record.key()
              + " stands under "
              + key.text());
    }
    return record;
  }

  static int maxBytes(RecordKey key) {
    return switch (key) {
      case RecordKey.TaskKey ignored -> Task.MAX_BYTES;
      case RecordKey.CatalogKey ignored -> DocumentKind.CATALOG.maxEnvelopeBytes();
      case RecordKey.BoardKey ignored -> Board.MAX_BYTES;
      case RecordKey.StatementsKey ignored -> KeyRecord.MAX_BYTES;
    };
  }

  static void validate(RecordKey key, byte[] value, EnvelopeReader reader) {
    if (value.length > maxBytes(key)) {
      throw new BoardException(Refusal.TOO_LARGE, value.length + " bytes under " + key.text());
    }
    switch (key) {
      case RecordKey.TaskKey task -> task(task, value, reader);
      case RecordKey.CatalogKey catalog -> catalog(catalog, value, reader);
      case RecordKey.BoardKey board -> board(board, value, reader);
      case RecordKey.StatementsKey said -> statements(said, value, reader);
    }
  }

  static byte[] merge(
      RecordKey key, byte[] left, byte[] right, EnvelopeReader reader, EquivocationLog log) {
    return switch (key) {
      case RecordKey.TaskKey ignored -> larger(left, right);
      case RecordKey.CatalogKey catalog -> {
        Catalog one = catalog(catalog, left, reader).document();
        Catalog other = catalog(catalog, right, reader).document();
        yield one.sequence() == other.sequence()
            ? larger(left, right)
            : one.sequence() > other.sequence() ? left : right;
      }
      case RecordKey.BoardKey board -> {
        Board one = board(board, left, reader);
        Board other = board(board, right, reader);
        log.addAll(one.equivocations(other));
        yield one.merge(other).encoded();
      }
      case RecordKey.StatementsKey said ->
          statements(said, left, reader).merge(statements(said, right, reader)).encoded();
    };
  }

  private static byte[] larger(byte[] left, byte[] right) {
    return Arrays.compareUnsigned(left, right) >= 0 ? left : right;
  }
}
