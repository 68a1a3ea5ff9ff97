package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.board.RefusalCounts;
import org.skerry.board.merge.PeerBudgets;
import org.skerry.board.merge.VerifiedEnvelopes;
import org.skerry.board.record.BoardClient;
import org.skerry.board.record.EquivocationLog;
import org.skerry.board.record.KeyBeliefs;
import org.skerry.board.record.KeyDirectory;
import org.skerry.board.record.MemoryKeyBeliefs;
import org.skerry.board.record.MemorySequenceStore;
import org.skerry.board.record.RecordNetwork;
import org.skerry.board.record.SequenceStore;
import org.skerry.board.record.Sequences;
import org.skerry.board.record.SkerryNamespace;
import org.skerry.dht.Dht;
import org.skerry.dht.DhtConfig;
import org.skerry.dht.PeerStore;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.storage.MemoryKeyValueStore;
import org.skerry.dht.storage.RocksDatabase;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.event.EventSink;
import org.skerry.node.traffic.Traffic;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.fetch.BlobFetcher;
import org.skerry.transfer.fetch.FetchLimits;
import org.skerry.transfer.serve.BlobServer;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;
import org.skerry.transfer.store.FreeSpace;
import org.skerry.transfer.web.WebReader;
import org.skerry.transfer.web.WebRules;

/**
 * Everything between a {@link Host} and a node's loops: the DHT, the boards in it, the blobs. Owns
 * what it opens, and the host.
 */
public final class PeerStack implements AutoCloseable {

  private static final String SEQUENCES = "sequences";
  private static final int REMEMBERED_SIGNATURES = 1 << 16;
  private static final Duration GET_LIMIT = Duration.ofSeconds(10);

  private final Deque<AutoCloseable> toClose;
  private final Host host;
  private final Dht dht;
  private final BoardClient boards;
  private final RefusalCounts refusals = new RefusalCounts();
  private final TransferLedger ledger = new TransferLedger();
  private final Blobs blobs;
  private final Signer signer;
  private final Traffic traffic;
  private final Optional<WeightsJournal> weights;
  private final Originals originals;

  /**
   * How a node takes part.
   *
   * @param database RocksDB's folder; absent: records live as long as the process
   * @param blobs folder of the blob store
   * @param space what the blob store may take
   * @param server whether it holds records for others and serves blobs
   * @param manyPerAddressGroup whether many peers may share an IP group (all on one machine)
   * @param lies whether it serves corrupted chunks
   * @param seen file that remembers, without a database, which catalogs were seen
   * @param keys folder that remembers what is believed of publishers' keys; absent: as long as the
   *     process lives
   * @param former keys that this node had before, under which it is still named
   * @param traffic what all transfers share, owned by this
   * @param web where web seeds may be
   */
  public record Settings(
      Optional<Path> database,
      Path blobs,
      FreeSpace space,
      boolean server,
      boolean manyPerAddressGroup,
      boolean lies,
      Optional<Path> seen,
      Optional<Path> keys,
      List<PrivateKey> former,
      Traffic traffic,
      WebRules web) {
    public Settings {
      former = List.copyOf(former);
    }

    /**
     * Of a node that remembers what it saw in its database, or as long as the process lives, and
     * whose transfers have no limits.
     */
    public Settings(
        Optional<Path> database,
        Path blobs,
        FreeSpace space,
        boolean server,
        boolean manyPerAddressGroup,
        boolean lies) {
      this(
          database,
          blobs,
          space,
          server,
          manyPerAddressGroup,
          lies,
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Traffic.unlimited(),
          WebRules.PUBLIC);
    }
  }

  private PeerStack(
      Host host,
      PrivateKey key,
      Settings settings,
      InstantSource clock,
      EventSink events,
      Deque<AutoCloseable> toClose)
      throws IOException {
    this.toClose = toClose;
    this.host = host;
    RecordStore records;
    PeerStore known;
    SequenceStore sequences;
    if (settings.database().isPresent()) {
      RocksDatabase database = RocksDatabase.open(settings.database().get(), columnFamilies());
      toClose.push(database);
      records = RecordStore.on(database);
      known = PeerStore.on(database.store(PeerStore.COLUMN_FAMILY));
      sequences = new DurableSequences(database.store(SEQUENCES));
      weights = Optional.of(new WeightsJournal(database.store(WeightsJournal.COLUMN_FAMILY)));
      originals = new Originals(database.store(Originals.COLUMN_FAMILY));
    } else {
      records = RecordStore.inMemory();
      known = PeerStore.inMemory();
      sequences =
          settings.seen().isPresent()
              ? new FileSequences(settings.seen().get())
              : new MemorySequenceStore();
      weights = Optional.empty();
      originals = new Originals(new MemoryKeyValueStore());
    }
    VerifiedEnvelopes verified = new VerifiedEnvelopes(REMEMBERED_SIGNATURES);
    EquivocationLog equivocations = new EquivocationLog(refusals);
    this.dht =
        Dht.start(
            host,
            dhtConfig(settings),
            records,
            known,
            Map.of(
                SkerryNamespace.NAME,
                new SkerryNamespace(verified, new PeerBudgets(clock), refusals, equivocations)));
    toClose.push(dht);
    RecordNetwork network = new DhtRecords(dht, GET_LIMIT);
    KeyBeliefs beliefs =
        settings.keys().<KeyBeliefs>map(FileKeyBeliefs::new).orElseGet(MemoryKeyBeliefs::new);
    this.boards =
        new BoardClient(
            network,
            verified,
            sequences,
            refusals,
            equivocations,
            new KeyDirectory(network, verified, beliefs, refusals, clock));
    this.traffic = settings.traffic();
    toClose.push(traffic);
    BlobStore store = BlobStore.open(settings.blobs(), settings.space(), 0);
    toClose.push(store);
    if (settings.server()) {
      BlobServer server =
          new BlobServer(
              host,
              settings.lies() ? new LyingBlobs(store) : store,
              ledger,
              UploadLimits.DEFAULT,
              traffic.uploads());
      server.start();
      toClose.push(server);
    }
    WebReader web = new WebReader(settings.web());
    toClose.push(web);
    this.blobs =
        new Blobs(
            host,
            dht,
            store,
            new BlobFetcher(host, web, store, ledger, FetchLimits.DEFAULT, traffic.downloads()),
            ledger,
            settings.server(),
            events);
    toClose.push(blobs);
    this.signer = new Signer(key, settings.former(), new Sequences(sequences, clock), clock);
  }

  /** Starts all parts on {@code host}, which is closed with them, also when one cannot start. */
  public static PeerStack open(
      Host host, PrivateKey key, Settings settings, InstantSource clock, EventSink events)
      throws IOException {
    Deque<AutoCloseable> toClose = new ArrayDeque<>();
    toClose.push(host);
    try {
      return new PeerStack(host, key, settings, clock, events, toClose);
    } catch (IOException | RuntimeException e) {
      Closing.all(toClose);
      throw e;
    }
  }

  private static List<String> columnFamilies() {
    List<String> families = new ArrayList<>(RecordStore.COLUMN_FAMILIES);
    families.add(PeerStore.COLUMN_FAMILY);
    families.add(SEQUENCES);
    families.add(WeightsJournal.COLUMN_FAMILY);
    families.add(Originals.COLUMN_FAMILY);
    return families;
  }

  private static DhtConfig dhtConfig(Settings settings) {
    DhtConfig config = DhtConfig.defaults();
    if (settings.manyPerAddressGroup()) {
      config = config.withTable(config.table().withoutGroupLimits());
    }
    return settings.server() ? config : config.asClient();
  }

  /**
   * Joins through {@code bootstrap} and peers that were known before.
   *
   * @return how many of them answered
   */
  public int join(List<Multiaddr> bootstrap) {
    return dht.bootstrap(bootstrap);
  }

  public Host host() {
    return host;
  }

  public Dht dht() {
    return dht;
  }

  public BoardClient boards() {
    return boards;
  }

  /** Who speaks for a publisher now. */
  public KeyDirectory keys() {
    return boards.keys();
  }

  public Blobs blobs() {
    return blobs;
  }

  /** What all transfers share. */
  public Traffic traffic() {
    return traffic;
  }

  public Signer signer() {
    return signer;
  }

  /** Which blobs are weights; absent where records live as long as the process. */
  Optional<WeightsJournal> weights() {
    return weights;
  }

  /** Whose tensors were measured first, where this node evaluates. */
  Originals originals() {
    return originals;
  }

  /** Notes that {@code blob} holds weights or a training state of {@code task}. */
  void noteWeights(BlobId blob, Cid task) {
    weights.ifPresent(journal -> journal.add(blob, task));
  }

  public TransferLedger ledger() {
    return ledger;
  }

  public RefusalCounts refusals() {
    return refusals;
  }

  @Override
  public void close() {
    Closing.all(toClose);
  }
}
