package org.skerry.libp2p.host;

import java.util.Optional;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.pnet.PreSharedKey;

/** What every connection of a host shares. */
record HostContext(
    PeerId self,
    Security security,
    Optional<PreSharedKey> privateNetwork,
    HostLimits limits,
    HostMetrics metrics,
    Gate gate,
    BufferBudget budget,
    Leftovers leftovers,
    ConnectionEvents.Factory events) {}
