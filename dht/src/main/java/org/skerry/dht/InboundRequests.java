package org.skerry.dht;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.wire.KadMessage;
import org.skerry.dht.wire.KadMessageCodec;
import org.skerry.dht.wire.KadMessageCodec.MalformedMessageException;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.StreamHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the streams that other peers open: requests one after another, until one is refused. */
final class InboundRequests implements StreamHandler {
  private static final Logger LOG = LoggerFactory.getLogger(InboundRequests.class);

  private final Kademlia kademlia;
  private final PeerLimiter limiter;
  private final Duration idle;
  private final InstantSource clock;

  InboundRequests(Kademlia kademlia, PeerLimiter limiter, Duration idle, InstantSource clock) {
    this.kademlia = kademlia;
    this.limiter = limiter;
    this.idle = idle;
    this.clock = clock;
  }

  @Override
  public void handle(Stream stream) throws Libp2pException {
    PeerId from = stream.remotePeer();
    PeerLimiter.Client client = new PeerLimiter.Client(from, kademlia.peers().origin(from));
    Optional<Rejection> tooMany = limiter.opened(client);
    if (tooMany.isPresent()) {
      refuse(stream, tooMany.get());
      return;
    }
    try {
      serve(stream, client);
    } finally {
      limiter.closed(client);
    }
  }

  private void serve(Stream stream, PeerLimiter.Client client) throws Libp2pException {
    MessageStream messages = new MessageStream(stream);
    while (true) {
      Optional<byte[]> bytes;
      try {
        bytes = messages.read(idle);
      } catch (Libp2pException e) {
        if (e.reason() == Libp2pException.Reason.PROTOCOL_VIOLATION) {
          refuse(stream, new Rejection(Rejection.Reason.MALFORMED, String.valueOf(e.getMessage())));
          return;
        }
        throw e;
      }
      if (bytes.isEmpty()) {
        return;
      }
      switch (answer(client, bytes.get())) {
        case Kademlia.Reply reply -> messages.write(reply.message(), idle);
        case Kademlia.Silence silence -> {}
        case Kademlia.Refusal refusal -> {
          refuse(stream, refusal.rejection());
          return;
        }
      }
    }
  }

  private Kademlia.Outcome answer(PeerLimiter.Client client, byte[] bytes) {
    long nowMs = clock.millis();
    Optional<Rejection> tooFast = limiter.request(client, nowMs);
    if (tooFast.isPresent()) {
      return new Kademlia.Refusal(tooFast.get());
    }
    try {
      KadMessage request = KadMessageCodec.decode(bytes);
      return kademlia.handle(client.peer(), request, nowMs);
    } catch (MalformedMessageException e) {
      return new Kademlia.Refusal(
          new Rejection(Rejection.Reason.MALFORMED, String.valueOf(e.getMessage())));
    }
  }

  private void refuse(Stream stream, Rejection rejection) {
    kademlia.counters().rejected(stream.remotePeer(), rejection);
    LOG.debug(
        "refused a request of {}: {} ({})",
        stream.remotePeer(),
        rejection.reason(),
        rejection.detail());
    stream.reset();
  }
}
