package org.skerry.libp2p.dcutr;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.skerry.libp2p.Multiaddr;

/**
 * Which port the router before this host gives to what leaves from one port of it, as RFC 4787
 * (4.1) names it and RFC 5780 (4.3) finds it out, with peers for servers.
 */
public enum MappingBehaviour {
  /** Too few have looked. */
  UNKNOWN,
  /**
   * One port, whoever is dialled (RFC 4787, REQ-1): who else is told it can dial at the same
   * moment, and both come through.
   */
  ENDPOINT_INDEPENDENT,
  /**
   * Another port for each address, or for each address and port (RFC 4787's address-dependent and
   * address and port-dependent mapping, which make no difference to a peer that is told a port):
   * nobody can know the next one.
   */
  ENDPOINT_DEPENDENT;

  /**
   * Where a peer saw this host.
   *
   * @param remote the peer's own address, which was dialled from the port that is listened on
   * @param observed this host's, as the peer says
   */
  public record Sighting(Multiaddr remote, Multiaddr observed) {}

  /**
   * Concludes from what several peers say. Those at one IP address count as one, and one that says
   * something else than all others is not believed.
   *
   * @param sightings of one transport and one kind of IP address
   */
  public static MappingBehaviour of(Collection<Sighting> sightings) {
    Map<Multiaddr, Set<ByteBuffer>> seenBy = new HashMap<>();
    Set<ByteBuffer> places = new HashSet<>();
    for (Sighting sighting : sightings) {
      Optional<ByteBuffer> place = sighting.remote().ip().map(ByteBuffer::wrap);
      if (place.isPresent()) {
        places.add(place.get());
        seenBy.computeIfAbsent(sighting.observed(), any -> new HashSet<>()).add(place.get());
      }
    }
    if (places.size() < 2) {
      return UNKNOWN;
    }
    int most = seenBy.values().stream().mapToInt(Set::size).max().orElse(0);
    return most >= 2 && 2 * most > places.size() ? ENDPOINT_INDEPENDENT : ENDPOINT_DEPENDENT;
  }
}
