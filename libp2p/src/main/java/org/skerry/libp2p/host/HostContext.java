package org.skerry.libp2p.host;

import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.noise.NoiseIdentity;

/** What every connection of a host shares. */
record HostContext(
    PeerId self,
    NoiseIdentity noise,
    HostLimits limits,
    HostMetrics metrics,
    BufferBudget budget,
    Leftovers leftovers,
    ConnectionUpgrade.YamuxEvents events) {}
