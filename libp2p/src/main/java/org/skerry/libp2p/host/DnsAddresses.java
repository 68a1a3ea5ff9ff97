package org.skerry.libp2p.host;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.Multiaddr.Protocol;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the addresses behind {@code /dnsaddr/NAME/p2p/PEER}: the texts {@code dnsaddr=ADDRESS} of
 * {@code _dnsaddr.NAME} that end in the same peer, which may be such names themselves.
 *
 * @see <a href="https://github.com/multiformats/multiaddr/blob/master/protocols/DNSADDR.md">
 *     dnsaddr</a>
 */
final class DnsAddresses {
  private static final Logger LOG = LoggerFactory.getLogger(DnsAddresses.class);
  private static final String PREFIX = "dnsaddr=";

  /** Names may lead to names, and in circles. */
  static final int MAX_LOOKUPS = 8;

  static final int MAX_ADDRESSES = 32;

  private final TextRecords records;

  DnsAddresses(TextRecords records) {
    this.records = records;
  }

  static boolean isDnsAddress(Multiaddr address) {
    return address.parts().getFirst().protocol() == Protocol.DNSADDR;
  }

  /**
   * The addresses of {@code peer} that {@code address} stands for; itself when it is no such name.
   * Blocks; the names behind names that are not looked up after {@code timeout} are left out.
   *
   * @throws Libp2pException UNREACHABLE when there are none
   */
  Set<Multiaddr> expand(Multiaddr address, PeerId peer, Duration timeout) throws Libp2pException {
    long deadline = System.nanoTime() + timeout.toNanos();
    Set<Multiaddr> found = new LinkedHashSet<>();
    Set<Multiaddr> seen = new LinkedHashSet<>();
    Deque<Multiaddr> names = new ArrayDeque<>();
    sort(address, found, names);
    while (!names.isEmpty()
        && seen.size() < MAX_LOOKUPS
        && found.size() < MAX_ADDRESSES
        && System.nanoTime() - deadline < 0) {
      Multiaddr name = names.removeFirst();
      if (!seen.add(name)) {
        continue;
      }
      for (Multiaddr behind : lookUp(name, seen.size() == 1)) {
        if (behind.peerId().filter(peer::equals).isPresent() && found.size() < MAX_ADDRESSES) {
          sort(behind, found, names);
        }
      }
    }
    if (found.isEmpty()) {
      throw new Libp2pException(
          Reason.UNREACHABLE, address + " stands for no address of peer " + peer);
    }
    return found;
  }

  private static void sort(Multiaddr address, Set<Multiaddr> found, Deque<Multiaddr> names) {
    if (isDnsAddress(address)) {
      names.addLast(address);
    } else {
      found.add(address);
    }
  }

  /** What is behind one name; of names behind names, some may fail. */
  private List<Multiaddr> lookUp(Multiaddr name, boolean isFirst) throws Libp2pException {
    try {
      return records.lookUp("_dnsaddr." + name.parts().getFirst().value()).stream()
          .filter(text -> text.startsWith(PREFIX))
          .flatMap(text -> parsed(text.substring(PREFIX.length())).stream())
          .toList();
    } catch (Libp2pException e) {
      if (isFirst) {
        throw e;
      }
      LOG.debug("{} is left out: {}", name, e.getMessage());
      return List.of();
    }
  }

  private static List<Multiaddr> parsed(String text) {
    try {
      return List.of(Multiaddr.parse(text));
    } catch (MultiformatException e) {
      return List.of(); // of a kind that is not spoken here
    }
  }
}
