package org.skerry.transfer.fetch;

import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.skerry.transfer.SourceId;
import org.skerry.transfer.fetch.Source.Phase;

/** The sources that a {@link FetchPlan} knows, which of them have a place, and who never will. */
final class SourceTable {
  private static final long LONGEST_RETRY_MS = 30_000;

  private final FetchLimits limits;
  private final Map<SourceId, Source> sources = new LinkedHashMap<>();
  private final Set<SourceId> banned;

  SourceTable(FetchLimits limits, Set<SourceId> banned) {
    this.limits = limits;
    this.banned = new HashSet<>(banned);
  }

  /** Remembers a candidate, unless it is banned or the table is full. */
  void add(SourceId id) {
    if (!banned.contains(id) && sources.size() < limits.candidates()) {
      sources.putIfAbsent(id, new Source(id));
    }
  }

  void ban(SourceId id) {
    banned.add(id);
    sources.remove(id);
  }

  Set<SourceId> banned() {
    return Set.copyOf(banned);
  }

  /** As they stand: what is done with one may change any of them. */
  List<Source> all() {
    return List.copyOf(sources.values());
  }

  Optional<Source> find(SourceId id) {
    return Optional.ofNullable(sources.get(id));
  }

  Optional<Source> active(SourceId id) {
    return find(id).filter(source -> source.phase == Phase.ACTIVE);
  }

  Stream<Source> active() {
    return sources.values().stream().filter(source -> source.phase == Phase.ACTIVE);
  }

  int activeCount() {
    return (int) active().count();
  }

  /** Whether a candidate may be tried now. */
  boolean waits(long nowMs) {
    return candidates(nowMs).findAny().isPresent();
  }

  /** The candidates that get the free places, those first that failed least; they have them now. */
  List<Source> connect(long nowMs) {
    List<Source> next =
        candidates(nowMs)
            .sorted(Comparator.comparingInt(source -> source.failures))
            .limit(places())
            .toList();
    for (Source source : next) {
      source.phase = Phase.CONNECTING;
      source.triedAtMs = nowMs;
    }
    return next;
  }

  /** Takes a source's place from it, for longer each time that it fails in a row. */
  void retire(Source source, FetchPlan.Failure failure, long leaveAloneMs, long nowMs) {
    source.phase = Phase.CANDIDATE;
    source.failures++;
    long firstMs =
        switch (failure) {
          case LOST, BUSY -> 500;
          case NOT_FOUND -> 1_000;
        };
    long waitMs = Math.min(LONGEST_RETRY_MS, firstMs << Math.min(source.failures, 10));
    source.retryAtMs = nowMs + Math.max(waitMs, leaveAloneMs);
  }

  long places() {
    long taken = sources.values().stream().filter(s -> s.phase != Phase.CANDIDATE).count();
    return Math.max(0, limits.sources() - taken);
  }

  private Stream<Source> candidates(long nowMs) {
    return sources.values().stream()
        .filter(source -> source.phase == Phase.CANDIDATE && source.retryAtMs <= nowMs);
  }
}
