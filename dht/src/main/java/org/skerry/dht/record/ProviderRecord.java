package org.skerry.dht.record;

import java.util.List;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/** That {@code provider} said at {@code providedMs} that it has {@code content}, and where. */
public record ProviderRecord(
    Multihash content, PeerId provider, List<Multiaddr> addresses, long providedMs) {
  public ProviderRecord {
    addresses = List.copyOf(addresses);
  }
}
