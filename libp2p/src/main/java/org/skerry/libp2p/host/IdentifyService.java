package org.skerry.libp2p.host;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.crypto.PublicKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Identify and its push: asks every new connection who is there, answers the same question, and
 * tells connected peers when this host's protocols change.
 */
final class IdentifyService {
  static final String PROTOCOL = "/ipfs/id/1.0.0";
  static final String PUSH = "/ipfs/id/push/1.0.0";
  private static final Logger LOG = LoggerFactory.getLogger(IdentifyService.class);

  /** Handlers are registered in bursts; one push tells of all. */
  private static final Duration PUSH_DELAY = Duration.ofMillis(50);

  private final TcpHost host;
  private final PublicKey key;
  private final OwnRecord own;
  private final String agentVersion;
  private final AtomicBoolean pushing = new AtomicBoolean();

  /** What listeners have not heard yet; one entry a peer, however often it pushes. */
  private final Map<PeerId, News> news = new ConcurrentHashMap<>();

  private record News(List<String> protocols, List<Multiaddr> addresses) {}

  IdentifyService(TcpHost host, PrivateKey key, String agentVersion) {
    this.host = host;
    this.key = key.publicKey();
    this.own = new OwnRecord(key, InstantSource.system());
    this.agentVersion = agentVersion;
  }

  void serve(Stream stream) throws Libp2pException {
    stream.writeMessage(message(stream.connection()));
  }

  void servePush(Stream stream) throws Libp2pException {
    learn(stream);
  }

  /** What the peer at the other end of {@code connection} is told, also of where it is seen. */
  private byte[] message(Connection connection) {
    List<Multiaddr> addresses = host.listenAddresses();
    Optional<Multiaddr> observed =
        Optional.of(connection.remoteAddress())
            .filter(address -> !address.isRelayed()); // that is where the relay is
    return new IdentifyMessage(
            key,
            agentVersion,
            host.streams().served().stream().sorted().toList(),
            addresses,
            observed,
            ByteString.copyFrom(own.of(addresses)))
        .encode();
  }

  /** Asks the peer of a new connection, in the background. */
  void askLater(MuxedConnection connection) {
    Thread.ofVirtual()
        .name("libp2p-identify")
        .start(() -> {
          Duration limit = host.context().limits().negotiationTimeout();
          try (Stream stream = host.streams().open(connection, List.of(PROTOCOL), limit)) {
            stream.timeout(limit);
            learn(stream);
          } catch (Libp2pException e) {
            LOG.debug("peer {} was not identified: {}", connection.remotePeer(), e.getMessage());
          }
        });
  }

  private void learn(Stream stream) throws Libp2pException {
    PeerId peer = stream.remotePeer();
    byte[] bytes = stream.readMessage(host.context().limits().maxIdentifyBytes());
    Optional<IdentifyMessage> message = IdentifyMessage.decode(bytes, peer);
    if (message.isEmpty()) {
      host.context().metrics().refused(HostMetrics.Refusal.BAD_IDENTIFY);
      return;
    }
    List<String> protocols = message.get().protocols();
    List<Multiaddr> addresses = learnAddresses(peer, message.get());
    host.book().protocols(peer, protocols);
    message
        .get()
        .observed()
        .filter(seen -> !stream.connection().remoteAddress().isRelayed())
        .ifPresent(seen -> host.tellOf(() -> listener -> listener.observed(peer, seen)));
    if (news.put(peer, new News(protocols, addresses)) == null) {
      host.tellOf(() -> {
        News latest = Objects.requireNonNull(news.remove(peer));
        return listener -> listener.identified(peer, latest.protocols(), latest.addresses());
      });
    }
  }

  /**
   * Remembers what the peer signed, or what it only says when it signs nothing. Whose record is bad
   * is believed no address.
   */
  private List<Multiaddr> learnAddresses(PeerId peer, IdentifyMessage message) {
    if (message.signedRecord().isEmpty()) {
      List<Multiaddr> said = believable(peer, message.addresses());
      host.book().add(peer, said);
      return said;
    }
    switch (PeerRecord.read(message.signedRecord().toByteArray(), peer)) {
      case PeerRecord.Reading.Accepted(PeerRecord read) -> {
        List<Multiaddr> signed = believable(peer, read.addresses());
        if (!host.book().certify(peer, read.sequence(), signed)) {
          refused(peer, PeerRecord.Rejection.OUTDATED, "sequence " + read.sequence());
        }
      }
      case PeerRecord.Reading.Rejected(PeerRecord.Rejection why, String detail) ->
          refused(peer, why, detail);
    }
    return host.book().certified(peer);
  }

  private void refused(PeerId peer, PeerRecord.Rejection why, String detail) {
    host.context().metrics().refused("peer_record", why);
    LOG.debug("the record of peer {} is {}: {}", peer, why, detail);
  }

  /** A peer that is reached in public has no say about addresses in this host's own networks. */
  private List<Multiaddr> believable(PeerId peer, List<Multiaddr> addresses) {
    boolean isPublic = host.table().best(peer).map(c -> c.remoteAddress().isPublic()).orElse(true);
    return isPublic ? addresses.stream().filter(Multiaddr::isPublic).toList() : addresses;
  }

  /** Tells all connected peers that take it, soon. */
  void pushLater() {
    if (pushing.getAndSet(true)) {
      return;
    }
    Thread.ofVirtual()
        .name("libp2p-identify-push")
        .start(() -> {
          try {
            Thread.sleep(PUSH_DELAY);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          pushing.set(false);
          host.table().bestOfEach().forEach(this::push);
        });
  }

  private void push(MuxedConnection connection) {
    if (!host.book().protocols(connection.remotePeer()).contains(PUSH)) {
      return;
    }
    Duration limit = host.context().limits().negotiationTimeout();
    try (Stream stream = host.streams().open(connection, List.of(PUSH), limit)) {
      stream.timeout(limit);
      stream.writeMessage(message(connection));
    } catch (Libp2pException e) {
      LOG.debug("no push to peer {}: {}", connection.remotePeer(), e.getMessage());
    }
  }
}
