package org.skerry.dht.record;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * The rules of provider records: bounded in number, forgotten when their provider has not renewed
 * them; the addresses in them are forgotten sooner, since peers move. That a provider speaks for
 * itself only is checked where the message's sender is known.
 *
 * <p>Thread-safe.
 */
public final class ProviderRecords {
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

    /** 48 h, 30 min, 512 providers a content, 262,144 records. */
    public static Settings defaults() {
      return new Settings(48 * 3_600_000L, 30 * 60_000L, 512, 1 << 18);
    }
  }

  private record Id(Multihash content, PeerId provider) {}

  private final RecordStore store;
  private final Settings settings;

  /** Guards the maps below and the order of writes to the store. */
  private final Object lock = new Object();

  private final Map<Id, Long> providedMs = new HashMap<>();
  private final Map<Multihash, Integer> perContent = new HashMap<>();

  /** Reads what the store holds from earlier runs. */
  public ProviderRecords(RecordStore store, Settings settings) {
    this.store = store;
    this.settings = settings;
    synchronized (lock) {
      store.forEachProvider(
          record -> index(new Id(record.content(), record.provider()), record.providedMs()));
    }
  }

  /** Stores that {@code provider} has {@code content}, or renews it. */
  public Optional<Rejection> put(
      Multihash content, PeerId provider, List<Multiaddr> addresses, long nowMs) {
    Id id = new Id(content, provider);
    synchronized (lock) {
      if (!hasRoom(id)) {
        expire(nowMs);
      }
      if (!hasRoom(id)) {
        return Optional.of(
            new Rejection(
                Rejection.Reason.QUOTA_EXCEEDED,
                "the provider records of this content, or all of them, are at their bound"));
      }
      store.putProvider(new ProviderRecord(content, provider, addresses, nowMs));
      index(id, nowMs);
      return Optional.empty();
    }
  }

  private boolean hasRoom(Id id) {
    return providedMs.containsKey(id)
        || (providedMs.size() < settings.maxCount()
            && perContent.getOrDefault(id.content(), 0) < settings.maxPerContent());
  }

  private void index(Id id, long nowMs) {
    if (providedMs.put(id, nowMs) == null) {
      perContent.merge(id.content(), 1, Integer::sum);
    }
  }

  /** The living records of {@code content}, newest first, without addresses that are too old. */
  public List<ProviderRecord> get(Multihash content, long nowMs) {
    return store.providers(content).stream()
        .filter(record -> record.providedMs() + settings.ttlMs() > nowMs)
        .sorted((a, b) -> Long.compare(b.providedMs(), a.providedMs()))
        .map(record ->
            record.providedMs() + settings.addressTtlMs() > nowMs
                ? record
                : new ProviderRecord(content, record.provider(), List.of(), record.providedMs()))
        .toList();
  }

  public void remove(Multihash content, PeerId provider) {
    synchronized (lock) {
      store.removeProvider(content, provider);
      if (providedMs.remove(new Id(content, provider)) != null) {
        perContent.computeIfPresent(content, (any, count) -> count == 1 ? null : count - 1);
      }
    }
  }

  /** Removes what has expired; returns how many. */
  public int expire(long nowMs) {
    synchronized (lock) {
      List<Id> old = new ArrayList<>();
      providedMs.forEach((id, since) -> {
        if (since + settings.ttlMs() <= nowMs) {
          old.add(id);
        }
      });
      old.forEach(id -> remove(id.content(), id.provider()));
      return old.size();
    }
  }

  /** How many records are held. */
  public int count() {
    synchronized (lock) {
      return providedMs.size();
    }
  }
}
