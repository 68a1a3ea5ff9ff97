package org.skerry.libp2p.host;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.StreamHandler;
import org.skerry.libp2p.multistream.Initiator;
import org.skerry.libp2p.multistream.Responder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams over a host's connections and the protocols that they speak: those that it opens, and
 * those of others, each handled on a virtual thread of its own. Thread-safe.
 */
final class ProtocolStreams {
  private static final Logger LOG = LoggerFactory.getLogger(ProtocolStreams.class);

  private final HostContext host;
  private final PeerBook book;
  private final StreamPlaces places;
  private final Map<String, StreamHandler> handlers = new ConcurrentHashMap<>();

  ProtocolStreams(HostContext host, PeerBook book) {
    this.host = host;
    this.book = book;
    this.places = new StreamPlaces(host.limits().streams(), host.metrics());
  }

  /** The protocols that have a handler. */
  Set<String> served() {
    return handlers.keySet();
  }

  /** Returns whether {@code protocol} had no handler before. */
  boolean handle(String protocol, StreamHandler handler) {
    return handlers.put(protocol, handler) == null;
  }

  /** Returns whether {@code protocol} had a handler. */
  boolean unhandle(String protocol) {
    return handlers.remove(protocol) != null;
  }

  /**
   * Opens a stream of the first of {@code protocols} that the peer speaks. One that it said it
   * speaks is not negotiated before the first bytes are written.
   */
  Stream open(MuxedConnection connection, List<String> protocols, Duration timeout)
      throws Libp2pException {
    long deadline = System.nanoTime() + timeout.toNanos();
    PeerId peer = connection.remotePeer();
    Set<String> known = book.protocols(peer);
    Optional<String> sure = protocols.stream().filter(known::contains).findFirst();
    Initiator negotiation = new Initiator(sure.map(List::of).orElse(protocols));
    MuxedStream raw = connection.open(timeout);
    try {
      raw.deadline(least(Deadline.left(deadline), host.limits().negotiationTimeout()));
      StreamNegotiation.start(negotiation, raw);
      host.metrics().count(HostMetrics.STREAMS_OUTBOUND);
      if (sure.isPresent()) {
        raw.noDeadline();
        return NegotiatedStream.optimistic(
            raw, sure.get(), bytes(sure.get()), negotiation, () -> book.protocols(peer, Set.of()));
      }
      String protocol = StreamNegotiation.finish(negotiation, raw);
      raw.noDeadline();
      return NegotiatedStream.chosen(raw, protocol, bytes(protocol));
    } catch (Libp2pException | RuntimeException e) {
      raw.reset();
      throw e;
    }
  }

  private BandwidthMeter.Counts bytes(String protocol) {
    return host.metrics().bandwidth().ofProtocol(protocol);
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Serves a stream that the peer has opened, or resets it where there is no room. */
  void serve(MuxedStream stream) {
    host.metrics().count(HostMetrics.STREAMS_INBOUND);
    Optional<StreamPlaces.Place> place = places.admit(stream.remotePeer());
    if (place.isEmpty()) {
      stream.reset();
      return;
    }
    Thread.ofVirtual()
        .name("libp2p-stream")
        .start(() -> {
          try (StreamPlaces.Place taken = place.get()) {
            serve(stream, taken);
          }
        });
  }

  private void serve(MuxedStream raw, StreamPlaces.Place place) {
    String protocol;
    raw.deadline(host.limits().negotiationTimeout());
    try {
      protocol = StreamNegotiation.finish(new Responder(handlers::keySet), raw);
    } catch (Libp2pException e) {
      host.metrics().refused(HostMetrics.Refusal.STREAM_NEGOTIATION);
      LOG.debug("no protocol for a stream of peer {}: {}", raw.remotePeer(), e.getMessage());
      raw.reset();
      return;
    }
    raw.noDeadline();
    StreamHandler handler = handlers.get(protocol);
    boolean done = false;
    try {
      if (handler != null && place.speaks(protocol)) {
        handler.handle(NegotiatedStream.chosen(raw, protocol, bytes(protocol)));
        done = true;
      }
    } catch (IOException | RuntimeException e) {
      host.metrics().refused(HostMetrics.Refusal.HANDLER_FAILED);
      LOG.debug("{} with peer {} failed", protocol, raw.remotePeer(), e);
    } finally {
      if (done) {
        raw.close();
      } else {
        raw.reset();
      }
    }
  }
}
