package org.skerry.dht.record;

import java.util.List;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * That {@code provider} said at {@code providedMs} that it has {@code content}, and where.
 *
 * @param origin from which addresses it said so
 */
public record ProviderRecord(
    Multihash content, PeerId provider, Origin origin, List<Multiaddr> addresses, long providedMs) {
  public ProviderRecord {
    addresses = List.copyOf(addresses);
  }

  ProviderRecord withoutAddresses() {
    return new ProviderRecord(content, provider, origin, List.of(), providedMs);
  }
}
