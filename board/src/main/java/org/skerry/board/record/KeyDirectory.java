package org.skerry.board.record;

import java.io.IOException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.merge.VerifiedEnvelopes;
import org.skerry.board.trust.KeyBelief;
import org.skerry.board.trust.KeyStanding;
import org.skerry.libp2p.PeerId;

/**
 * Tells which key speaks for a publisher now: asks the network what is said about a key, joins it
 * with what was believed before, and remembers that for good. Blocking, for virtual threads; safe
 * for any thread.
 */
public final class KeyDirectory {
  /** How often a publisher's key may have changed, for a reader who knows the first one. */
  public static final int MAX_SUCCESSIONS = 8;

  private static final long FRESH_MS = 10_000;
  private static final int MAX_FRESH = 1024;

  private final RecordNetwork network;
  private final VerifiedEnvelopes verified;
  private final KeyBeliefs beliefs;
  private final RefusalCounts counts;
  private final InstantSource clock;
  private final Object lock = new Object();

  /** Guarded by {@link #lock}, as is every change of a belief. */
  private final Map<PeerId, Fresh> fresh =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerId, Fresh> eldest) {
          return size() > MAX_FRESH;
        }
      };

  private record Fresh(KeyBelief belief, long askedAtMs) {}

  public KeyDirectory(
      RecordNetwork network,
      VerifiedEnvelopes verified,
      KeyBeliefs beliefs,
      RefusalCounts counts,
      InstantSource clock) {
    this.network = network;
    this.verified = verified;
    this.beliefs = beliefs;
    this.counts = counts;
    this.clock = clock;
  }

  /**
   * The key whose catalog is the one of the publisher who had {@code key}.
   *
   * @throws BoardException {@link Refusal#KEY_REVOKED} or {@link Refusal#KEY_DISPUTED} when nobody
   *     is to be believed in its place
   */
  public PeerId current(PeerId key) {
    PeerId at = key;
    Set<PeerId> passed = new HashSet<>(Set.of(key));
    for (int hop = 0; hop <= MAX_SUCCESSIONS; hop++) {
      switch (belief(at).standing()) {
        case KeyStanding.Current ignored -> {
          return at;
        }
        case KeyStanding.Succeeded(PeerId successor) -> {
          if (!passed.add(successor)) {
            throw refused(Refusal.KEY_DISPUTED, key, "its successors lead in a circle");
          }
          at = successor;
        }
        case KeyStanding.Revoked(String reason) ->
            throw refused(Refusal.KEY_REVOKED, at, "it is revoked: " + reason);
        case KeyStanding.Disputed(String why) -> throw refused(Refusal.KEY_DISPUTED, at, why);
      }
    }
    throw refused(
        Refusal.KEY_DISPUTED, key, "it has more than " + MAX_SUCCESSIONS + " successors in a row");
  }

  private BoardException refused(Refusal refusal, PeerId key, String why) {
    counts.countOnce(refusal, key);
    return new BoardException(
        refusal,
        "the key "
            + key
            + " is not to be believed ("
            + why
            + "); ask its owner, by another way, which key to allow");
  }

  /** Whether {@code key} is {@code last}, or one that {@code last} succeeded. */
  public boolean isOf(PeerId key, PeerId last) {
    if (key.equals(last)) {
      return true;
    }
    try {
      return current(key).equals(last);
    } catch (BoardException e) {
      return false;
    }
  }

  /**
   * Whether what {@code key} accepted, or took back, counts no more, even if another key succeeded
   * it: it is revoked, or nobody knows whose word it is.
   */
  public boolean isDisbelieved(PeerId key) {
    KeyBelief belief = belief(key);
    return belief.revoked().isPresent() || belief.standing() instanceof KeyStanding.Disputed;
  }

  /** Whether nobody is to be believed in the place of {@code key}, itself included. */
  public boolean isEnded(PeerId key) {
    return switch (belief(key).standing()) {
      case KeyStanding.Current ignored -> false;
      case KeyStanding.Succeeded ignored -> false;
      case KeyStanding.Revoked ignored -> true;
      case KeyStanding.Disputed ignored -> true;
    };
  }

  /** What is believed of {@code key}, the network having been asked within ten seconds. */
  public KeyBelief belief(PeerId key) {
    long now = clock.millis();
    synchronized (lock) {
      Fresh last = fresh.get(key);
      if (last != null && now >= last.askedAtMs() && now - last.askedAtMs() < FRESH_MS) {
        return last.belief();
      }
    }
    read(key, key).ifPresent(this::learn);
    known(key).recovery().flatMap(other -> read(key, other)).ifPresent(this::learn);
    KeyBelief belief = known(key);
    synchronized (lock) {
      fresh.put(key, new Fresh(belief, now));
    }
    return belief;
  }

  private KeyBelief known(PeerId key) {
    return beliefs.of(key).orElseGet(() -> KeyBelief.nothing(key));
  }

  /** Takes note of {@code record}, without telling anybody. */
  public void learn(KeyRecord record) {
    synchronized (lock) {
      KeyBelief before = known(record.key());
      KeyBelief after = before.hear(record);
      if (!after.equals(before)) {
        beliefs.store(after);
        fresh.remove(record.key());
      }
    }
  }

  /** A record that is not to be had, or is none, leaves what is believed as it is. */
  private Optional<KeyRecord> read(PeerId key, PeerId signer) {
    RecordKey.StatementsKey name = new RecordKey.StatementsKey(key, signer);
    try {
      Optional<byte[]> value = network.get(name.bytes());
      return value.map(bytes -> SkerryRecords.statements(name, bytes, verified.unlimited()));
    } catch (IOException e) {
      counts.count(Refusal.NETWORK_FAILED);
      return Optional.empty();
    } catch (BoardException e) {
      counts.count(e.refusal());
      return Optional.empty();
    }
  }

  /**
   * Passes on everything that is known about keys: whoever saw a revocation keeps it alive.
   *
   * @return how many of the records no peer took
   */
  public int announceAll() {
    int failed = 0;
    for (KeyBelief belief : beliefs.all()) {
      for (KeyRecord record : belief.records()) {
        RecordKey name = new RecordKey.StatementsKey(record.key(), record.signer());
        try {
          network.put(name.bytes(), record.encoded());
        } catch (IOException e) {
          counts.count(Refusal.NETWORK_FAILED);
          failed++;
        }
      }
    }
    return failed;
  }
}
