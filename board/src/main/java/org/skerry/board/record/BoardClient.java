package org.skerry.board.record;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.Catalog;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitDocument;
import org.skerry.board.document.Withdrawal;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.VerifiedEnvelopes;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/**
 * Reads and writes tasks, catalogs and boards. Blocking, for virtual threads; safe for any thread.
 *
 * <p>What was seen is never forgotten while it runs: boards are joined with what this client knew
 * before, so a peer that withholds documents takes nothing away, and what a failed write left
 * behind goes out with the next one. The highest sequence of each catalog is remembered for good.
 */
public final class BoardClient {
  private static final int MAX_TASKS = 64;
  private static final int MAX_BOARDS = 256;
  private static final int MAX_CATALOGS = 256;

  private final RecordNetwork network;
  private final VerifiedEnvelopes verified;
  private final SequenceStore store;
  private final RefusalCounts counts;
  private final EquivocationLog equivocations;
  private final KeyDirectory keys;
  private final Map<Cid, Task> tasks = bounded(MAX_TASKS);
  private final Map<RecordKey.BoardKey, Board> boards = bounded(MAX_BOARDS);
  private final Map<PeerId, SignedDocument<Catalog>> catalogs = bounded(MAX_CATALOGS);

  /**
   * @param store remembers the highest sequence seen of each catalog
   * @param keys tells who speaks for a publisher, and whose word counts no more
   */
  public BoardClient(
      RecordNetwork network,
      VerifiedEnvelopes verified,
      SequenceStore store,
      RefusalCounts counts,
      EquivocationLog equivocations,
      KeyDirectory keys) {
    this.network = network;
    this.verified = verified;
    this.store = store;
    this.counts = counts;
    this.equivocations = equivocations;
    this.keys = keys;
  }

  public KeyDirectory keys() {
    return keys;
  }

  private static <K, V> Map<K, V> bounded(int capacity) {
    return Collections.synchronizedMap(
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > capacity;
          }
        });
  }

  /** Puts a task where its id leads. */
  public void publishTask(Task task) {
    tasks.put(task.id(), task);
    put(new RecordKey.TaskKey(task.id()), task.encoded());
  }

  /**
   * The task with this id.
   *
   * @throws BoardException {@link Refusal#NOT_FOUND} when nobody reachable has it
   */
  public Task task(Cid id) {
    Task known = tasks.get(id);
    if (known != null) {
      return known;
    }
    RecordKey.TaskKey key = new RecordKey.TaskKey(id);
    byte[] value =
        get(key)
            .orElseThrow(() ->
                new BoardException(
                    Refusal.NOT_FOUND,
                    "no reachable peer knows task "
                        + id
                        + "; check the id, and that this node has peers"));
    Task task = counted(() -> SkerryRecords.task(key, value, verified.unlimited()));
    tasks.put(id, task);
    return task;
  }

  /**
   * Puts a publisher's catalog.
   *
   * @throws BoardException {@link Refusal#ROLLED_BACK} when a newer one was seen
   */
  public void publishCatalog(SignedDocument<Catalog> catalog) {
    if (!rememberCatalog(catalog).equals(catalog)) {
      throw new BoardException(
          Refusal.ROLLED_BACK,
          "a newer catalog of " + catalog.signer() + " is known; read it and publish the next one");
    }
    put(new RecordKey.CatalogKey(catalog.signer()), catalog.bytes());
  }

  /**
   * The newest catalog of {@code publisher} that was ever seen here; empty when there never was
   * one.
   *
   * @throws BoardException {@link Refusal#ROLLED_BACK} when the network has only an older one than
   *     this node saw before it was restarted
   */
  public Optional<SignedDocument<Catalog>> catalog(PeerId publisher) {
    RecordKey.CatalogKey key = new RecordKey.CatalogKey(publisher);
    Optional<byte[]> value = get(key);
    if (value.isEmpty()) {
      return Optional.ofNullable(catalogs.get(publisher));
    }
    return Optional.of(
        counted(
            () -> rememberCatalog(SkerryRecords.catalog(key, value.get(), verified.unlimited()))));
  }

  /**
   * The newest catalog of whoever speaks for {@code publisher} now; see {@link KeyDirectory}.
   *
   * @throws BoardException as {@link #catalog} and {@link KeyDirectory#current} do
   */
  public Optional<SignedDocument<Catalog>> currentCatalog(PeerId publisher) {
    return catalog(keys.current(publisher));
  }

  /**
   * The task that {@code catalog} names by {@code id}. A catalog names its signer's own tasks, and
   * those of the keys that its signer succeeded.
   *
   * @throws BoardException {@link Refusal#NOT_THE_PUBLISHER} when it is somebody else's
   */
  public Task offered(SignedDocument<Catalog> catalog, Cid id) {
    Task task = task(id);
    if (!keys.isOf(task.publisher(), catalog.signer())) {
      counts.countOnce(Refusal.NOT_THE_PUBLISHER, id);
      throw new BoardException(
          Refusal.NOT_THE_PUBLISHER,
          "the catalog of "
              + catalog.signer()
              + " names task "
              + id
              + ", which is signed by "
              + task.publisher()
              + ": name it by its id if you trust them");
    }
    return task;
  }

  private SignedDocument<Catalog> rememberCatalog(SignedDocument<Catalog> seen) {
    synchronized (catalogs) {
      SignedDocument<Catalog> known = catalogs.get(seen.signer());
      if (known != null && known.document().sequence() > seen.document().sequence()) {
        counts.count(Refusal.ROLLED_BACK);
        return known;
      }
      String name = "catalog-seen/" + seen.signer();
      long highest = store.last(name).orElse(-1);
      if (seen.document().sequence() < highest) {
        throw new BoardException(
            Refusal.ROLLED_BACK,
            "the catalog of "
                + seen.signer()
                + " has sequence "
                + seen.document().sequence()
                + "; "
                + highest
                + " was seen before: ask again when more peers are reachable");
      }
      if (seen.document().sequence() > highest) {
        store.store(name, seen.document().sequence());
      }
      catalogs.put(seen.signer(), seen);
      return seen;
    }
  }

  /**
   * The board of a unit: what the network holds, joined with what was seen before, without the
   * words of the publisher and the evaluators whose keys are no longer believed.
   */
  public Board board(Task task, int unit) {
    Board board = boardAsWritten(task, unit);
    Set<PeerId> named = new LinkedHashSet<>(task.policy().evaluators());
    named.add(task.publisher());
    for (PeerId peer : named) {
      if (keys.isDisbelieved(peer)) {
        board = board.without(peer);
      }
    }
    return board;
  }

  /** As {@link #board}, with everybody's words. */
  public Board boardAsWritten(Task task, int unit) {
    RecordKey.BoardKey key = new RecordKey.BoardKey(task.id(), unit);
    Board known = remembered(task, key);
    Optional<byte[]> value = get(key);
    if (value.isEmpty()) {
      return known;
    }
    Board read = counted(() -> SkerryRecords.board(key, value.get(), verified.unlimited()));
    return remember(key, read);
  }

  /**
   * {@code task} and those it extends.
   *
   * @throws BoardException when one is not to be had, or does not extend what it says
   */
  public Lineage lineage(Task task) {
    List<Task> versions = new ArrayList<>(List.of(task));
    Optional<Cid> parent = task.manifest().parent();
    while (parent.isPresent() && versions.size() < Lineage.MAX_VERSIONS) {
      Task older = task(parent.get());
      versions.add(older);
      parent = older.manifest().parent();
    }
    return counted(() -> new Lineage(versions));
  }

  /** The boards of all units, each from its home, in the order of the units. */
  public List<Board> boards(Lineage lineage) {
    return lineage.task().units().stream()
        .map(unit -> board(lineage.home(unit.index()), unit.index()))
        .toList();
  }

  /** The boards of all units of {@code task}, in the order of the units. */
  public List<Board> boards(Task task) {
    return task.units().stream().map(unit -> board(task, unit.index())).toList();
  }

  private Board remembered(Task task, RecordKey.BoardKey key) {
    Board known = boards.get(key);
    return known != null ? known : Board.empty(task.charter(), key.unit());
  }

  private Board remember(RecordKey.BoardKey key, Board news) {
    return boards.compute(
        key,
        (same, known) -> {
          if (known == null) {
            return news;
          }
          equivocations.addAll(known.equivocations(news));
          return known.merge(news);
        });
  }

  /**
   * Puts the boards of {@code task} again, on which something stands: records end after two days.
   */
  public void keepBoards(Task task) {
    for (Unit unit : task.units()) {
      Board board = boardAsWritten(task, unit.index());
      if (!board.equals(Board.empty(board.charter(), unit.index()))) {
        put(new RecordKey.BoardKey(task.id(), unit.index()), board.encoded());
      }
    }
  }

  /**
   * Adds a document to the board of its unit: reads, joins, writes. A withdrawal of the whole task
   * goes onto the boards of all its units.
   *
   * @return the board as written; the last one where there were several
   * @throws BoardException {@link Refusal#NETWORK_FAILED} when the write failed; the document is
   *     remembered and goes out with the next one to the same board
   */
  public Board post(Task task, SignedDocument<? extends UnitDocument> document) {
    if (document.document().unit() != Withdrawal.WHOLE_TASK) {
      return post(task, document.document().unit(), document);
    }
    Board last = post(task, 0, document);
    for (int unit = 1; unit < task.units().size(); unit++) {
      last = post(task, unit, document);
    }
    return last;
  }

  private Board post(Task task, int unit, SignedDocument<? extends UnitDocument> document) {
    RecordKey.BoardKey key = new RecordKey.BoardKey(task.id(), unit);
    remember(key, Board.empty(task.charter(), unit).with(document));
    Board joined = boardAsWritten(task, unit);
    put(key, joined.encoded());
    return joined;
  }

  private <T> T counted(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (BoardException e) {
      counts.count(e.refusal());
      throw e;
    }
  }

  private Optional<byte[]> get(RecordKey key) {
    try {
      return network.get(key.bytes());
    } catch (IOException e) {
      counts.count(Refusal.NETWORK_FAILED);
      throw new BoardException(
          Refusal.NETWORK_FAILED, "cannot read " + key.text() + ": " + e.getMessage(), e);
    }
  }

  private void put(RecordKey key, byte[] value) {
    try {
      network.put(key.bytes(), value);
    } catch (IOException e) {
      counts.count(Refusal.NETWORK_FAILED);
      throw new BoardException(
          Refusal.NETWORK_FAILED, "cannot write " + key.text() + ": " + e.getMessage(), e);
    }
  }
}
