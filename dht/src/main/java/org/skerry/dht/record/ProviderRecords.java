package org.skerry.dht.record;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * The rules of provider records: bounded in number, forgotten when their provider has not renewed
 * them; the addresses in them are forgotten sooner, since peers move. That a provider speaks for
 * itself only is checked where the message's sender is known.
 *
 * <p>A new record always enters. Where that is one too many, of one content or of all, the {@link
 * Origin} with the most records loses its oldest; of several such origins of a content, the one
 * with the oldest record. So with g origins, an attacker's among them, none that has at most ⌊bound
 * / g⌋ records ever loses one: an attacker with n origins among m others has at most a share of n /
 * (n + m) where all others want their shares too, and has to hold more than (bound − m) origins
 * before it can push out the only record of another one. Within its own origin it can push out
 * everybody. What this node provides itself is not counted and stays.
 *
 * <p>Nothing is kept in memory of a record, only how many each origin has. Thread-safe.
 */
public final class ProviderRecords {
  /** Origins with the most records, of which it is remembered where their oldest are. */
  private static final int MAX_LARGEST = 1024;

  /** What one call removes at most, lest others wait for long. */
  private static final int MAX_EXPIRED = 10_000;

  /**
   * @param ttlMs how long a record lives after it was provided
   * @param addressTtlMs how long its addresses are told to others
   * @param maxPerContent providers of one content
   * @param maxCount records in all
   */
  public record Settings(long ttlMs, long addressTtlMs, int maxPerContent, int maxCount) {
    public Settings {
      if (ttlMs < 1 || addressTtlMs < 1 || maxPerContent < 1 || maxCount < 1) {
        throw new IllegalArgumentException("provider record settings must be positive");
      }
    }

    /** 48 h, 30 min, 512 providers a content, 1,048,576 records. */
    public static Settings defaults() {
      return new Settings(48 * 3_600_000L, 30 * 60_000L, 512, 1 << 20);
    }
  }

  /** A record that had to make room, and where there was none. */
  public record Evicted(ProviderRecord record, Bound bound) {}

  /** What is bounded. */
  public enum Bound {
    CONTENT,
    ALL
  }

  private final PeerId self;
  private final RecordStore store;
  private final Settings settings;

  /** Guards what is below and the order of writes to the store. */
  private final Object lock = new Object();

  private final OriginCounts counts = new OriginCounts();
  private int own;

  /** No record is older. */
  private long oldestMs = Long.MIN_VALUE;

  /** No record of these origins is older; of a few, lest it grow. */
  private final Map<Origin, Long> oldestOfMs =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Origin, Long> eldest) {
          return size() > MAX_LARGEST;
        }
      };

  /** Counts what the store holds from earlier runs. */
  public ProviderRecords(PeerId self, RecordStore store, Settings settings) {
    this.self = self;
    this.store = store;
    this.settings = settings;
    synchronized (lock) {
      store.providersByOrigin().forEach(this::count);
    }
  }

  private void count(Origin origin, int more) {
    if (origin.equals(Origin.SELF)) {
      own += more;
    } else {
      counts.add(origin, more);
    }
  }

  /**
   * Stores that {@code provider} has {@code content}, or renews it.
   *
   * @param from the provider's origin; of no account for this node itself
   * @return the record that is gone for it
   */
  public Optional<Evicted> put(
      Multihash content, PeerId provider, Origin from, List<Multiaddr> addresses, long nowMs) {
    Origin origin = provider.equals(self) ? Origin.SELF : from;
    ProviderRecord record = new ProviderRecord(content, provider, origin, addresses, nowMs);
    synchronized (lock) {
      Optional<ProviderRecord> before = store.provider(content, provider);
      store.putProvider(record);
      before.ifPresent(old -> count(old.origin(), -1));
      count(origin, 1);
      oldestMs = Math.min(oldestMs, nowMs);
      oldestOfMs.computeIfPresent(origin, (any, ms) -> Math.min(ms, nowMs));
      return before.isPresent() || origin.equals(Origin.SELF)
          ? Optional.empty()
          : makeRoom(record, nowMs);
    }
  }

  private Optional<Evicted> makeRoom(ProviderRecord newcomer, long nowMs) {
    Optional<Evicted> evicted = oneTooMany(newcomer, nowMs);
    evicted.ifPresent(gone -> remove(gone.record().content(), gone.record().provider()));
    return evicted;
  }

  private Optional<Evicted> oneTooMany(ProviderRecord newcomer, long nowMs) {
    List<ProviderRecord> others = new ArrayList<>();
    for (ProviderRecord record : store.providers(newcomer.content())) {
      if (isExpired(record.providedMs(), nowMs)) {
        remove(record.content(), record.provider());
      } else if (!record.provider().equals(self)) {
        others.add(record);
      }
    }
    if (others.size() > settings.maxPerContent()) {
      return Optional.of(new Evicted(victim(others, newcomer), Bound.CONTENT));
    }
    return counts.total() > settings.maxCount() ? oldestOfLargest() : Optional.empty();
  }

  private static ProviderRecord victim(List<ProviderRecord> records, ProviderRecord newcomer) {
    Map<Origin, Integer> sizes = new HashMap<>();
    records.forEach(record -> sizes.merge(record.origin(), 1, Integer::sum));
    return records.stream()
        .filter(record -> !record.provider().equals(newcomer.provider()))
        .min(
            Comparator.comparing((ProviderRecord record) -> -sizes.getOrDefault(record.origin(), 0))
                .thenComparing(ProviderRecord::providedMs))
        .orElse(newcomer);
  }

  private Optional<Evicted> oldestOfLargest() {
    List<ProviderRecord> oldest = new ArrayList<>();
    counts
        .largest()
        .ifPresent(origin ->
            store.forEachProvided(
                origin,
                oldestOfMs.getOrDefault(origin, Long.MIN_VALUE),
                (content, provider, providedMs) -> {
                  oldestOfMs.put(origin, providedMs);
                  store.provider(content, provider).ifPresent(oldest::add);
                  return oldest.isEmpty();
                }));
    return oldest.stream().findFirst().map(record -> new Evicted(record, Bound.ALL));
  }

  /**
   * The living records of {@code content}, without addresses that are too old: the newest one of
   * each origin, newest first, then the second of each, and so on, since only so many are told.
   */
  public List<ProviderRecord> get(Multihash content, long nowMs) {
    List<ProviderRecord> living = new ArrayList<>(store.providers(content));
    living.removeIf(record -> isExpired(record.providedMs(), nowMs));
    living.sort(Comparator.comparingLong(ProviderRecord::providedMs).reversed());
    Map<Origin, Integer> seen = new HashMap<>();
    Map<PeerId, Integer> turns = new HashMap<>();
    living.forEach(
        record -> turns.put(record.provider(), seen.merge(record.origin(), 1, Integer::sum)));
    living.sort(Comparator.comparing(record -> turns.getOrDefault(record.provider(), 0)));
    return living.stream()
        .map(record ->
            record.providedMs() + settings.addressTtlMs() > nowMs
                ? record
                : record.withoutAddresses())
        .toList();
  }

  private boolean isExpired(long providedMs, long nowMs) {
    return providedMs <= nowMs - settings.ttlMs();
  }

  public void remove(Multihash content, PeerId provider) {
    synchronized (lock) {
      store.removeProvider(content, provider).ifPresent(old -> count(old.origin(), -1));
    }
  }

  /** Removes what has expired, a bounded number at a time; returns how many. */
  public int expire(long nowMs) {
    synchronized (lock) {
      if (!isExpired(oldestMs, nowMs)) {
        return 0;
      }
      int[] removed = new int[1];
      long[] nextMs = {Long.MAX_VALUE};
      store.forEachProvided(
          oldestMs,
          (content, provider, providedMs) -> {
            if (removed[0] == MAX_EXPIRED || !isExpired(providedMs, nowMs)) {
              nextMs[0] = providedMs;
              return false;
            }
            remove(content, provider);
            removed[0]++;
            return true;
          });
      oldestMs = nextMs[0];
      return removed[0];
    }
  }

  /** How many records are held. */
  public int count() {
    synchronized (lock) {
      return counts.total() + own;
    }
  }
}
