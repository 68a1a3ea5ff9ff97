package org.skerry.dht.routing;

import java.util.List;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** A peer and where it may be reached; the addresses carry no {@code /p2p} part. */
public record PeerAddresses(PeerId peer, List<Multiaddr> addresses) {
  /** More addresses than this of one peer are not kept. */
  public static final int MAX_ADDRESSES = 16;

  public PeerAddresses {
    addresses =
        addresses.size() == 1
            ? List.of(addresses.getFirst().withoutPeerId())
            : addresses.stream()
                .map(Multiaddr::withoutPeerId)
                .distinct()
                .limit(MAX_ADDRESSES)
                .toList();
  }
}
