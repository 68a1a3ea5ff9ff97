package org.skerry.dht;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.record.ValueRecords;
import org.skerry.libp2p.PeerId;

/**
 * Joins what a key's holders answered, and says afterwards who should be told of the result.
 *
 * <p>Not thread-safe: one owner at a time.
 */
final class ValueQuery {
  private final ValueRecords rules;
  private final byte[] key;
  private final int quorum;
  private final Map<PeerId, Optional<byte[]>> answers = new HashMap<>();
  private int values;
  private byte @Nullable [] best;
  private long publishedMs = Long.MIN_VALUE;

  /**
   * @param quorum after so many valid values the query may end; 0 when it is to ask everybody
   */
  ValueQuery(ValueRecords rules, byte[] key, int quorum) {
    this.rules = rules;
    this.key = key.clone();
    this.quorum = quorum;
  }

  /** Takes the valid value of a holder, published then; the reason when it is not valid. */
  Optional<Rejection> value(PeerId from, byte[] value, long valuePublishedMs, long nowMs) {
    Optional<Rejection> invalid = rules.validate(from, key, value);
    if (invalid.isPresent()) {
      return invalid;
    }
    byte[] before = best;
    best = before == null ? value.clone() : rules.merge(key, before, value);
    publishedMs = Math.max(publishedMs, Math.min(valuePublishedMs, nowMs));
    answers.put(from, Optional.of(value.clone()));
    values++;
    return Optional.empty();
  }

  /** Notes that a peer has no value. */
  void none(PeerId from) {
    answers.put(from, Optional.empty());
  }

  boolean quorumReached() {
    return quorum > 0 && values >= quorum;
  }

  /** The join of all values so far. */
  Optional<byte[]> best() {
    byte[] found = best;
    return found == null ? Optional.empty() : Optional.of(found.clone());
  }

  /** The newest time at which any of the values was published. */
  long publishedMs() {
    return publishedMs;
  }

  /** Those of {@code holders} that answered with an older value than the result, or with none. */
  List<PeerId> outdated(Collection<PeerId> holders) {
    byte[] found = best;
    if (found == null) {
      return List.of();
    }
    return holders.stream()
        .filter(holder -> {
          Optional<byte[]> answer = answers.get(holder);
          return answer != null && answer.map(value -> !Arrays.equals(value, found)).orElse(true);
        })
        .toList();
  }
}
