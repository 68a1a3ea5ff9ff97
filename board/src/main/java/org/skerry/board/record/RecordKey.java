package org.skerry.board.record;

import java.nio.charset.StandardCharsets;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.document.TaskCharter;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.Multihash;

/** The keys of the namespace {@code skerry}. Each has one spelling. */
public sealed interface RecordKey {
  /** {@code /skerry/task/<cid>}. */
  record TaskKey(Cid task) implements RecordKey {
    @Override
    public String text() {
      return PREFIX + "task/" + task;
    }
  }

  /** {@code /skerry/catalog/<publisher>}. */
  record CatalogKey(PeerId publisher) implements RecordKey {
    @Override
    public String text() {
      return PREFIX + "catalog/" + publisher;
    }
  }

  /** {@code /skerry/board/<task>/<unit>}. */
  record BoardKey(Cid task, int unit) implements RecordKey {
    @Override
    public String text() {
      return PREFIX + "board/" + task + "/" + unit;
    }
  }

  /** {@code /skerry/key/<key>/<signer>}: what somebody says about a publisher's key. */
  record StatementsKey(PeerId key, PeerId signer) implements RecordKey {
    @Override
    public String text() {
      return PREFIX + "key/" + key + "/" + signer;
    }
  }

  String PREFIX = "/skerry/";
  int MAX_BYTES = 160;

  String text();

  default byte[] bytes() {
    return text().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads a key.
   *
   * @throws BoardException when it is none, or a second spelling of one
   */
  static RecordKey parse(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw malformed("it has " + bytes.length + " bytes");
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String[] parts = text.split("/", -1);
    RecordKey key;
    try {
      key = parse(parts);
    } catch (IllegalArgumentException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
    if (!key.text().equals(text)) {
      throw malformed("it is a second spelling of " + key.text());
    }
    return key;
  }

  private static RecordKey parse(String[] parts) {
    if (parts.length < 4 || !parts[0].isEmpty() || !parts[1].equals("skerry")) {
      throw new IllegalArgumentException("it is not /skerry/<kind>/<id>");
    }
    if (parts[2].equals("task") && parts.length == 4) {
      return new TaskKey(taskId(parts[3]));
    }
    if (parts[2].equals("catalog") && parts.length == 4) {
      return new CatalogKey(PeerId.parse(parts[3]));
    }
    if (parts[2].equals("board") && parts.length == 5) {
      int unit = Integer.parseInt(parts[4]);
      if (unit < 0 || unit >= TaskCharter.MAX_UNITS) {
        throw new IllegalArgumentException("it names unit " + unit);
      }
      return new BoardKey(taskId(parts[3]), unit);
    }
    if (parts[2].equals("key") && parts.length == 5) {
      return new StatementsKey(PeerId.parse(parts[3]), PeerId.parse(parts[4]));
    }
    throw new IllegalArgumentException("it is neither task, catalog, board nor key");
  }

  private static Cid taskId(String text) {
    Cid cid = Cid.parse(text);
    if (cid.codec() != Cid.DAG_CBOR || cid.hash().code() != Multihash.SHA2_256) {
      throw new IllegalArgumentException("it names no document");
    }
    return cid;
  }

  private static BoardException malformed(String why) {
    return new BoardException(Refusal.KEY_MALFORMED, "not a key of namespace skerry: " + why);
  }
}
