package org.skerry.dht;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.wire.KadMessage;
import org.skerry.dht.wire.KadMessageCodec;
import org.skerry.dht.wire.KadMessageCodec.MalformedMessageException;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;

/** One request to one peer: a stream of its own, one message out, at most one back. */
final class KadClient {
  private final Host host;
  private final String protocol;
  private final Duration timeout;
  private final Counters counters;

  KadClient(Host host, String protocol, Duration timeout, Counters counters) {
    this.host = host;
    this.protocol = protocol;
    this.timeout = timeout;
    this.counters = counters;
  }

  /**
   * Sends {@code request} and reads the reply, which must be of the same type. A type that has no
   * reply is answered by itself once the peer has taken it.
   */
  KadMessage exchange(PeerId peer, KadMessage request) throws Libp2pException {
    counters.outbound(request.type());
    try {
      Optional<byte[]> reply = exchangeOnce(peer, request);
      return request.type() == KadMessage.Type.ADD_PROVIDER ? request : reply(peer, request, reply);
    } catch (Libp2pException e) {
      counters.outboundFailed(e.reason());
      throw e;
    }
  }

  private KadMessage reply(PeerId peer, KadMessage request, Optional<byte[]> bytes)
      throws Libp2pException {
    if (bytes.isEmpty()) {
      throw new Libp2pException(
          Reason.STREAM_RESET, "peer " + peer.shortText() + " gave no answer");
    }
    try {
      KadMessage reply = KadMessageCodec.decode(bytes.get());
      if (reply.type() != request.type()) {
        throw violation(peer, "answered " + request.type() + " with " + reply.type());
      }
      return reply;
    } catch (MalformedMessageException e) {
      throw violation(peer, String.valueOf(e.getMessage()));
    }
  }

  private Libp2pException violation(PeerId peer, String what) {
    counters.rejected(peer, new Rejection(Rejection.Reason.MALFORMED, what));
    return new Libp2pException(Reason.PROTOCOL_VIOLATION, "peer " + peer.shortText() + ": " + what);
  }

  private Optional<byte[]> exchangeOnce(PeerId peer, KadMessage request) throws Libp2pException {
    try (Stream stream = host.open(peer, List.of(protocol), timeout)) {
      MessageStream messages = new MessageStream(stream);
      messages.write(request, timeout);
      stream.closeWrite();
      return messages.read(timeout);
    }
  }
}
