package org.skerry.libp2p.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/**
 * Where peers may be reached and what they speak. Bounded: the peer that was touched longest ago
 * and the address that was learned longest ago leave first. An address that nobody has spoken of
 * for a while is forgotten, unless its peer is connected. Thread-safe.
 */
final class PeerBook {
  static final int MAX_PEERS = 10_000;
  static final int MAX_ADDRESSES = 16;

  /** Twice the connections of the defaults: what a peer speaks takes up to 64 KiB. */
  static final int MAX_SPEAKERS = 1024;

  /** What is said of a peer by anybody. */
  static final Duration TOLD = Duration.ofHours(1);

  /** What the peer has signed, and where it was reached. */
  static final Duration SURE = Duration.ofHours(24);

  private final LongSupplier nanos;
  private final Predicate<PeerId> isConnected;
  private final Map<PeerId, Known> known = latest(MAX_PEERS);

  private final Map<PeerId, Set<String>> protocols = latest(MAX_SPEAKERS);

  /**
   * @param nanos a clock as {@link System#nanoTime} is one
   */
  PeerBook(LongSupplier nanos, Predicate<PeerId> isConnected) {
    this.nanos = nanos;
    this.isConnected = isConnected;
  }

  private static <V> Map<PeerId, V> latest(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<PeerId, V> eldest) {
        return size() > most;
      }
    };
  }

  /**
   * What is known of one peer's addresses.
   *
   * @param addresses the best first
   * @param until when each of them is forgotten
   * @param certified those that the peer has signed
   * @param sequence of its record, unsigned; 0 without one
   * @param worked whether the first address is the one that worked last
   */
  private record Known(
      List<Multiaddr> addresses,
      Map<Multiaddr, Long> until,
      Set<Multiaddr> certified,
      long sequence,
      boolean worked) {
    private static final Known NOTHING = new Known(List.of(), Map.of(), Set.of(), 0, false);

    private Known with(Collection<Multiaddr> ordered, boolean firstWorked) {
      return new Known(List.copyOf(ordered), until, certified, sequence, firstWorked);
    }

    /** Some of its addresses are heard of at {@code now}. */
    private Known renewed(Collection<Multiaddr> heard, Duration life, long now) {
      Map<Multiaddr, Long> ends = new HashMap<>(until);
      ends.keySet().retainAll(addresses);
      long end = now + life.toNanos();
      for (Multiaddr address : addresses) {
        if (heard.contains(address)) {
          ends.merge(address, end, (old, fresh) -> fresh - old > 0 ? fresh : old);
        }
      }
      return new Known(addresses, Map.copyOf(ends), certified, sequence, worked);
    }

    private Known without(Set<Multiaddr> old) {
      List<Multiaddr> left = addresses.stream().filter(one -> !old.contains(one)).toList();
      Set<Multiaddr> sure = new HashSet<>(certified);
      sure.removeAll(old);
      boolean same = worked && !old.contains(addresses.getFirst());
      return new Known(left, until, Set.copyOf(sure), sequence, same);
    }
  }

  private Known known(PeerId peer) {
    Known of = known.get(peer);
    if (of == null) {
      return Known.NOTHING;
    }
    long now = nanos.getAsLong();
    Set<Multiaddr> old = new HashSet<>();
    of.until()
        .forEach((address, end) -> {
          if (now - end >= 0) {
            old.add(address);
          }
        });
    if (old.isEmpty() || isConnected.test(peer)) {
      return of;
    }
    Known left = of.without(old);
    known.put(peer, left);
    return left;
  }

  /** The peer was connected until now: what was true then may be true for a while. */
  synchronized void parted(PeerId peer) {
    Known of = known.get(peer);
    if (of != null) {
      known.put(peer, of.renewed(of.addresses(), TOLD, nanos.getAsLong()));
    }
  }

  /** Adds addresses behind those that are known. */
  synchronized void add(PeerId peer, Collection<Multiaddr> more) {
    Known before = known(peer);
    LinkedHashSet<Multiaddr> all = new LinkedHashSet<>(before.addresses());
    more.forEach(address -> all.add(address.withoutPeerId()));
    List<Multiaddr> ordered = new ArrayList<>(all);
    // The one that worked stays, and those that are signed, and the newest.
    for (int i = 1; i < ordered.size() && ordered.size() > MAX_ADDRESSES; ) {
      if (before.certified().contains(ordered.get(i))) {
        i++;
      } else {
        ordered.remove(i);
      }
    }
    known.put(
        peer,
        before
            .with(ordered, before.worked())
            .renewed(
                more.stream().map(Multiaddr::withoutPeerId).toList(), TOLD, nanos.getAsLong()));
  }

  /**
   * Puts the addresses that a peer has signed before those it has not, behind the one that worked
   * last. Those that it signed before, and no more, are gone.
   *
   * @param sequence of the record, unsigned
   * @return false, and nothing changes, when a record with a greater sequence is known
   */
  synchronized boolean certify(PeerId peer, long sequence, Collection<Multiaddr> signed) {
    Known before = known(peer);
    if (Long.compareUnsigned(sequence, before.sequence()) < 0) {
      return false;
    }
    LinkedHashSet<Multiaddr> certified = new LinkedHashSet<>(signed);
    List<Multiaddr> others = new ArrayList<>(before.addresses());
    others.removeIf(
        address -> before.certified().contains(address) && !certified.contains(address));
    boolean worked =
        before.worked()
            && others.stream().findFirst().equals(before.addresses().stream().findFirst());
    LinkedHashSet<Multiaddr> all = new LinkedHashSet<>();
    if (worked) {
      all.add(others.getFirst());
    }
    all.addAll(certified);
    all.addAll(others);
    List<Multiaddr> ordered = all.stream().limit(MAX_ADDRESSES).toList();
    certified.retainAll(ordered);
    known.put(
        peer,
        new Known(ordered, before.until(), Set.copyOf(certified), sequence, worked)
            .renewed(certified, SURE, nanos.getAsLong()));
    return true;
  }

  /** Puts the address over which the peer was just reached first. */
  synchronized void worked(PeerId peer, Multiaddr address) {
    LinkedHashSet<Multiaddr> all = new LinkedHashSet<>();
    all.add(address.withoutPeerId());
    all.addAll(known(peer).addresses());
    known.put(
        peer,
        known(peer)
            .with(all.stream().limit(MAX_ADDRESSES).toList(), true)
            .renewed(Set.of(address.withoutPeerId()), SURE, nanos.getAsLong()));
  }

  /** Puts an address that failed last. */
  synchronized void failed(PeerId peer, Multiaddr address) {
    Known before = known(peer);
    LinkedHashSet<Multiaddr> all = new LinkedHashSet<>(before.addresses());
    if (all.remove(address)) {
      boolean first = before.addresses().getFirst().equals(address);
      all.add(address);
      known.put(peer, before.with(all, before.worked() && !first));
    }
  }

  synchronized List<Multiaddr> addresses(PeerId peer) {
    return known(peer).addresses();
  }

  /** Those that the peer has signed, the best first. */
  synchronized List<Multiaddr> certified(PeerId peer) {
    Known of = known(peer);
    return of.addresses().stream().filter(of.certified()::contains).toList();
  }

  synchronized void protocols(PeerId peer, Collection<String> spoken) {
    protocols.put(peer, Set.copyOf(spoken));
  }

  /** What the peer said it speaks; empty before identify, and when that is long ago. */
  synchronized Set<String> protocols(PeerId peer) {
    return Optional.ofNullable(protocols.get(peer)).orElse(Set.of());
  }
}
