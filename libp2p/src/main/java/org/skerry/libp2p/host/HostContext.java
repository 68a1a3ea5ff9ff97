package org.skerry.libp2p.host;

import org.skerry.libp2p.PeerId;

/** What every connection of a host shares. */
record HostContext(
    PeerId self,
    Security security,
    HostLimits limits,
    HostMetrics metrics,
    BufferBudget budget,
    Leftovers leftovers,
    ConnectionEvents.Factory events) {}
