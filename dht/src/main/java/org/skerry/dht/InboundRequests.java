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

  private final RequestHandler handler;
  private final PeerTable peers;
  private final PeerLimiter limiter;
  private final Duration idle;
  private final InstantSource clock;
  private final Counters counters;

  InboundRequests(
      RequestHandler handler,
      PeerTable peers,
      PeerLimiter limiter,
      Duration idle,
      InstantSource clock,
      Counters counters) {
    this.handler = handler;
    this.peers = peers;
    this.limiter = limiter;
    this.idle = idle;
    this.clock = clock;
    this.counters = counters;
  }

  @Override
  public void handle(Stream stream) throws Libp2pException {
    PeerId from = stream.remotePeer();
    Optional<Rejection> tooMany = limiter.opened(from, clock.millis());
    if (tooMany.isPresent()) {
      refuse(stream, tooMany.get());
      return;
    }
    try {
      serve(stream, from);
    } finally {
      limiter.closed(from);
    }
  }

  private void serve(Stream stream, PeerId from) throws Libp2pException {
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
      switch (answer(from, bytes.get())) {
        case RequestHandler.Reply reply -> messages.write(reply.message(), idle);
        case RequestHandler.Silence silence -> {}
        case RequestHandler.Refusal refusal -> {
          refuse(stream, refusal.rejection());
          return;
        }
      }
    }
  }

  private RequestHandler.Outcome answer(PeerId from, byte[] bytes) {
    long nowMs = clock.millis();
    Optional<Rejection> tooFast = limiter.request(from, nowMs);
    if (tooFast.isPresent()) {
      return new RequestHandler.Refusal(tooFast.get());
    }
    try {
      KadMessage request = KadMessageCodec.decode(bytes);
      counters.inbound(request.type());
      return handler.handle(from, peers.scope(from), request, nowMs);
    } catch (MalformedMessageException e) {
      return new RequestHandler.Refusal(
          new Rejection(Rejection.Reason.MALFORMED, String.valueOf(e.getMessage())));
    }
  }

  private void refuse(Stream stream, Rejection rejection) {
    counters.rejected(stream.remotePeer(), rejection);
    LOG.debug(
        "refused a request of {}: {} ({})",
        stream.remotePeer(),
        rejection.reason(),
        rejection.detail());
    stream.reset();
  }
}
