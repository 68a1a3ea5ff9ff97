package org.skerry.dht.record;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * The rules of values: who may stand under a key, what becomes of two values under one key, when a
 * value expires and when its holder passes it on again.
 *
 * <p>A value lives a TTL from when it was last <em>published</em>. Holders pass it on with the time
 * they know, so that their republishing keeps a value at k peers but does not keep it alive for
 * ever. A holder that received a value within the republish interval does not pass it on, since
 * whoever sent it did so to all holders (section 2.5 of the Kademlia paper).
 *
 * <p>Nothing is kept in memory of a value, only what each namespace holds together. Thread-safe.
 * Namespaces are never called under the lock: a merge is retried when the value changed meanwhile.
 */
public final class ValueRecords {
  /** Longer keys are refused. */
  public static final int MAX_KEY_BYTES = 512;

  /** What one call removes at most, lest others wait for long. */
  private static final int MAX_EXPIRED = 10_000;

  /**
   * @param ttlMs how long a value lives after it was published
   * @param republishMs how long after it was last received a holder passes it on
   * @param maxCount values of one namespace
   * @param maxBytes bytes of keys and values of one namespace
   */
  public record Settings(long ttlMs, long republishMs, int maxCount, long maxBytes) {
    public Settings {
      if (ttlMs < 1 || republishMs < 1 || maxCount < 1 || maxBytes < 1) {
        throw new IllegalArgumentException("value record settings must be positive");
      }
    }

    /** 48 h, 1 h, 1,048,576 values and 2 GiB a namespace. */
    public static Settings defaults() {
      return new Settings(48 * 3_600_000L, 3_600_000L, 1 << 20, 2L << 30);
    }
  }

  private static final class Usage {
    int count;
    long bytes;

    void add(int values, long more) {
      count += values;
      bytes += more;
    }
  }

  private final PeerId self;
  private final Function<PeerId, Origin> origins;
  private final Map<String, RecordNamespace> namespaces;
  private final RecordStore store;
  private final Settings settings;

  /** Guards what is below and the order of writes to the store. */
  private final Object lock = new Object();

  private final Map<String, Usage> usage = new HashMap<>();

  /** No value was published before. */
  private long oldestMs = Long.MIN_VALUE;

  /**
   * Counts what the store holds from earlier runs; records of unknown namespaces are dropped.
   *
   * @param origins where a peer is, as far as known
   */
  public ValueRecords(
      PeerId self,
      Function<PeerId, Origin> origins,
      Map<String, RecordNamespace> namespaces,
      RecordStore store,
      Settings settings) {
    this.self = self;
    this.origins = origins;
    this.namespaces = Map.copyOf(namespaces);
    this.store = store;
    this.settings = settings;
    synchronized (lock) {
      store.forEachPublished(
          Long.MIN_VALUE,
          (key, valueBytes, publishedMs) -> {
            Optional<String> name = namespaceOf(key).filter(this.namespaces::containsKey);
            if (name.isPresent()) {
              use(name.get(), 1, key.length + (long) valueBytes);
            } else {
              store.removeValue(key);
            }
            return true;
          });
    }
  }

  /**
   * Why {@code value} may not stand under {@code key}, or nothing when it may.
   *
   * @param from who sent it, perhaps this node
   */
  public Optional<Rejection> validate(PeerId from, byte[] key, byte[] value) {
    Optional<Rejection> badKey = checkKey(key);
    if (badKey.isPresent()) {
      return badKey;
    }
    RecordNamespace namespace = namespace(key);
    if (value.length > namespace.maxValueBytes()) {
      return Optional.of(
          new Rejection(
              Rejection.Reason.TOO_LARGE,
              "value of " + value.length + " bytes, at most " + namespace.maxValueBytes()));
    }
    try {
      return namespace.validate(sender(from), key.clone(), value.clone());
    } catch (RuntimeException e) {
      // A value that makes its validator stumble is not a valid one.
      return Optional.of(Rejection.invalid("the namespace failed on it: " + e));
    }
  }

  private Sender sender(PeerId peer) {
    return peer.equals(self) ? new Sender.Self() : new Sender.Remote(peer, origins.apply(peer));
  }

  private Optional<Rejection> checkKey(byte[] key) {
    if (key.length > MAX_KEY_BYTES) {
      return Optional.of(
          new Rejection(
              Rejection.Reason.TOO_LARGE,
              "key of " + key.length + " bytes, at most " + MAX_KEY_BYTES));
    }
    if (namespaceOf(key).filter(namespaces::containsKey).isEmpty()) {
      return Optional.of(
          new Rejection(
              Rejection.Reason.UNKNOWN_NAMESPACE,
              "a key must start with /NAMESPACE/, one of " + namespaces.keySet()));
    }
    return Optional.empty();
  }

  /** The join of two values that both passed {@link #validate}. */
  public byte[] merge(byte[] key, byte[] current, byte[] incoming) {
    return Arrays.equals(current, incoming)
        ? current.clone()
        : namespace(key).merge(key.clone(), current.clone(), incoming.clone());
  }

  /**
   * Stores a value, joined with the one that is there.
   *
   * @param from who sent it, perhaps this node
   * @param publishedMs when it was published, as far as the sender says
   */
  public Optional<Rejection> put(
      PeerId from, byte[] key, byte[] value, long publishedMs, long nowMs) {
    if (publishedMs + settings.ttlMs() <= nowMs) {
      return Optional.of(
          new Rejection(
              Rejection.Reason.EXPIRED,
              "published " + (nowMs - publishedMs) + " ms ago; is the sender's clock right?"));
    }
    Optional<Rejection> invalid = validate(from, key, value);
    if (invalid.isPresent()) {
      return invalid;
    }
    while (true) {
      Optional<ValueRecord> before = get(key, nowMs);
      byte[] merged = before.map(b -> merge(key, b.value(), value)).orElse(value);
      long published =
          Math.max(Math.min(publishedMs, nowMs), before.map(ValueRecord::publishedMs).orElse(0L));
      ValueRecord after = new ValueRecord(key, merged, published, nowMs);
      synchronized (lock) {
        if (!get(key, nowMs).equals(before)) {
          continue;
        }
        Optional<Rejection> full = checkQuota(after, nowMs);
        if (full.isEmpty()) {
          write(after);
        }
        return full;
      }
    }
  }

  /** The value under {@code key} unless it has expired. */
  public Optional<ValueRecord> get(byte[] key, long nowMs) {
    return store.value(key).filter(record -> !isExpired(record.publishedMs(), nowMs));
  }

  private boolean isExpired(long publishedMs, long nowMs) {
    return publishedMs <= nowMs - settings.ttlMs();
  }

  private Optional<Rejection> checkQuota(ValueRecord record, long nowMs) {
    String name = namespaceOf(record.key()).orElseThrow();
    if (fits(name, record)) {
      return Optional.empty();
    }
    expire(nowMs);
    return fits(name, record)
        ? Optional.empty()
        : Optional.of(
            new Rejection(
                Rejection.Reason.QUOTA_EXCEEDED,
                "namespace '"
                    + name
                    + "' holds its "
                    + settings.maxCount()
                    + " values or "
                    + settings.maxBytes()
                    + " bytes"));
  }

  private boolean fits(String name, ValueRecord record) {
    Usage used = usage.getOrDefault(name, new Usage());
    Optional<ValueRecord> old = store.value(record.key());
    return used.count + (old.isPresent() ? 0 : 1) <= settings.maxCount()
        && used.bytes + sizeBytes(record) - old.map(ValueRecords::sizeBytes).orElse(0L)
            <= settings.maxBytes();
  }

  private static long sizeBytes(ValueRecord record) {
    return (long) record.key().length + record.valueBytes();
  }

  private void write(ValueRecord record) {
    Optional<ValueRecord> old = store.value(record.key());
    store.putValue(record);
    old.ifPresent(before -> count(before, -1));
    count(record, 1);
    oldestMs = Math.min(oldestMs, record.publishedMs());
  }

  private void remove(byte[] key) {
    Optional<ValueRecord> old = store.value(key);
    store.removeValue(key);
    old.ifPresent(before -> count(before, -1));
  }

  private void count(ValueRecord record, int times) {
    namespaceOf(record.key()).ifPresent(name -> use(name, times, times * sizeBytes(record)));
  }

  private void use(String name, int values, long bytes) {
    usage.computeIfAbsent(name, any -> new Usage()).add(values, bytes);
  }

  /** Removes what has expired, a bounded number at a time; returns how many. */
  public int expire(long nowMs) {
    synchronized (lock) {
      if (!isExpired(oldestMs, nowMs)) {
        return 0;
      }
      int[] removed = new int[1];
      long[] nextMs = {Long.MAX_VALUE};
      store.forEachPublished(
          oldestMs,
          (key, valueBytes, publishedMs) -> {
            if (removed[0] == MAX_EXPIRED || !isExpired(publishedMs, nowMs)) {
              nextMs[0] = publishedMs;
              return false;
            }
            remove(key);
            removed[0]++;
            return true;
          });
      oldestMs = nextMs[0];
      return removed[0];
    }
  }

  /** Up to {@code limit} keys whose values are due to be passed on, longest unheard of first. */
  public List<byte[]> dueForRepublish(long nowMs, int limit) {
    List<byte[]> due = new ArrayList<>();
    store.forEachReceived((key, receivedMs, publishedMs) -> {
      if (due.size() == limit || receivedMs + settings.republishMs() > nowMs) {
        return false;
      }
      if (receivedMs + settings.republishMs() + jitterMs(key) <= nowMs
          && !isExpired(publishedMs, nowMs)) {
        due.add(key);
      }
      return true;
    });
    return due;
  }

  /**
   * Holders received a value at the same moment; each waits another while, so that the first one's
   * republishing spares the others theirs. Up to a quarter of the interval, by holder and key.
   */
  private long jitterMs(byte[] key) {
    byte[] digest = Multihash.sha256Digest(self.bytes(), key);
    int fraction = ((digest[0] & 0xff) << 8) | (digest[1] & 0xff);
    return settings.republishMs() / 4 * fraction / 65536;
  }

  /** Notes that this node has just passed the value on. */
  public void republished(byte[] key, long nowMs) {
    synchronized (lock) {
      store
          .value(key)
          .ifPresent(record ->
              store.putValue(new ValueRecord(key, record.value(), record.publishedMs(), nowMs)));
    }
  }

  /** How many values are held. */
  public int count() {
    synchronized (lock) {
      return usage.values().stream().mapToInt(used -> used.count).sum();
    }
  }

  private RecordNamespace namespace(byte[] key) {
    RecordNamespace namespace = namespaces.get(namespaceOf(key).orElse(""));
    if (namespace == null) {
      throw new IllegalStateException("the key was not validated before");
    }
    return namespace;
  }

  /** The first segment of {@code /segment/rest}. */
  static Optional<String> namespaceOf(byte[] key) {
    if (key.length == 0 || key[0] != '/') {
      return Optional.empty();
    }
    for (int i = 1; i < key.length; i++) {
      if (key[i] == '/') {
        return i == 1
            ? Optional.empty()
            : Optional.of(new String(key, 1, i - 1, StandardCharsets.UTF_8));
      }
    }
    return Optional.empty();
  }
}
