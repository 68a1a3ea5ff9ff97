package org.skerry.libp2p.host;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.host.HostMetrics.Refusal;

/** The inbound streams that are being served, held to {@link StreamLimits}. Thread-safe. */
final class StreamPlaces {
  private final StreamLimits limits;
  private final HostMetrics metrics;
  private final Tally<PeerId> perPeer = new Tally<>();
  private final Tally<String> perProtocol = new Tally<>();
  private int taken;

  StreamPlaces(StreamLimits limits, HostMetrics metrics) {
    this.limits = limits;
    this.metrics = metrics;
  }

  /** The room that one stream takes while it is served. */
  final class Place implements AutoCloseable {
    private final PeerId peer;
    private @Nullable String protocol;

    private Place(PeerId peer) {
      this.peer = peer;
    }

    /** The stream's protocol is known; false, and counted, when that has no room. */
    boolean speaks(String chosen) {
      synchronized (StreamPlaces.this) {
        if (perProtocol.of(chosen) >= limits.inboundPerProtocol()) {
          metrics.refused(Refusal.STREAMS_PER_PROTOCOL);
          return false;
        }
        perProtocol.add(chosen);
        protocol = chosen;
        return true;
      }
    }

    @Override
    public void close() {
      synchronized (StreamPlaces.this) {
        taken--;
        perPeer.take(peer);
        if (protocol != null) {
          perProtocol.take(protocol);
        }
      }
    }
  }

  /**
   * A place for a stream that {@code peer} has opened; nothing, and counted, when there is none.
   */
  synchronized Optional<Place> admit(PeerId peer) {
    boolean full = taken >= limits.inbound();
    if (full || perPeer.of(peer) >= limits.inboundPerPeer()) {
      metrics.refused(full ? Refusal.STREAMS : Refusal.STREAMS_PER_PEER);
      return Optional.empty();
    }
    taken++;
    perPeer.add(peer);
    return Optional.of(new Place(peer));
  }
}
