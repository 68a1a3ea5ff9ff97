package org.skerry.libp2p.relay;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.host.Tunnel;
import org.skerry.libp2p.wire.RelayWire.HopMessage;
import org.skerry.libp2p.wire.RelayWire.Reservation;
import org.skerry.libp2p.wire.RelayWire.Status;
import org.skerry.libp2p.wire.RelayWire.StopMessage;

/** Dials peers through relays, and is dialled through those where it has reserved a place. */
public final class RelayClient implements Tunnel, Host.Listener, AutoCloseable {
  private static final int MAX_ADDRESSES = 8;
  private static final Duration STREAM_TIME = Duration.ofSeconds(30);

  private final TcpHost host;

  /** Peers that were asked to be a relay of this host. */
  private final Set<PeerId> relays = ConcurrentHashMap.newKeySet();

  /** Dials for {@code host}, and takes what comes through relays, from now on. */
  public RelayClient(TcpHost host) {
    this.host = host;
    host.tunnel(this);
    host.addListener(this);
    host.handle(RelayMessages.STOP, this::serveStop);
  }

  /**
   * Reserves a place at {@code relay}, or renews it.
   *
   * @param isOutside which of the relay's addresses others can use
   * @throws Libp2pException LIMIT_EXCEEDED when it has none
   */
  public Reserved reserve(PeerId relay, Predicate<Multiaddr> isOutside, Duration timeout)
      throws Libp2pException {
    relays.add(relay); // before it can have agreed
    try {
      return ask(relay, isOutside, timeout);
    } catch (Libp2pException | RuntimeException e) {
      relays.remove(relay);
      throw e;
    }
  }

  @Override
  public void disconnected(Connection connection) {
    relays.remove(connection.remotePeer()); // the reservation has gone with it
  }

  private Reserved ask(PeerId relay, Predicate<Multiaddr> isOutside, Duration timeout)
      throws Libp2pException {
    try (Stream stream = host.open(relay, List.of(RelayMessages.HOP), timeout)) {
      stream.timeout(timeout);
      RelayMessages.write(stream, HopMessage.newBuilder().setType(HopMessage.Type.RESERVE).build());
      HopMessage answer = RelayMessages.readHop(stream);
      requireOk(stream, answer);
      Reservation reservation = answer.getReservation();
      return new Reserved(
          Instant.ofEpochSecond(Math.clamp(reservation.getExpire(), 0, Integer.MAX_VALUE)),
          addresses(stream.connection(), reservation.getAddrsList(), isOutside));
    }
  }

  /** Its own words, as far as they name itself; the address that this host sees it at, else. */
  private static List<Multiaddr> addresses(
      Connection relay, List<ByteString> told, Predicate<Multiaddr> isOutside) {
    List<Multiaddr> out = new ArrayList<>();
    for (ByteString bytes : told.subList(0, Math.min(told.size(), MAX_ADDRESSES))) {
      try {
        Multiaddr address = Multiaddr.ofBytes(bytes.toByteArray());
        boolean itself = address.peerId().filter(relay.remotePeer()::equals).isPresent();
        if (itself && !address.isRelayed() && isOutside.test(address)) {
          out.add(address.behind());
        }
      } catch (IllegalArgumentException e) {
        continue; // a transport that this version does not know
      }
    }
    if (out.isEmpty() && relay.initiator()) {
      out.add(relay.remoteAddress().withPeerId(relay.remotePeer()).behind());
    }
    return out;
  }

  @Override
  public Stream dial(Multiaddr address, PeerId peer, Duration timeout) throws Libp2pException {
    Optional<Multiaddr> relay = address.relay();
    Optional<PeerId> relayId = relay.flatMap(Multiaddr::peerId);
    if (relay.isEmpty() || relayId.isEmpty() || relayId.get().equals(peer)) {
      throw new Libp2pException(Reason.UNREACHABLE, address + " names no relay");
    }
    long deadline = System.nanoTime() + timeout.toNanos();
    Connection way =
        relay.get().parts().size() > 1
            ? host.connect(relay.get(), timeout)
            : host.connect(relayId.get(), timeout);
    if (way.remoteAddress().isRelayed()) {
      throw new Libp2pException(Reason.UNREACHABLE, "the relay itself is behind a relay");
    }
    Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    Stream stream = host.open(relayId.get(), List.of(RelayMessages.HOP), left);
    try {
      stream.timeout(STREAM_TIME);
      RelayMessages.write(
          stream,
          HopMessage.newBuilder()
              .setType(HopMessage.Type.CONNECT)
              .setPeer(RelayMessages.peer(peer))
              .build());
      requireOk(stream, RelayMessages.readHop(stream));
      return stream;
    } catch (Libp2pException | RuntimeException e) {
      stream.reset();
      throw e;
    }
  }

  private static void requireOk(Stream stream, HopMessage answer) throws Libp2pException {
    if (answer.getType() != HopMessage.Type.STATUS || answer.getStatus() != Status.OK) {
      Status status = answer.getStatus();
      throw new Libp2pException(
          status == Status.RESERVATION_REFUSED || status == Status.RESOURCE_LIMIT_EXCEEDED
              ? Reason.LIMIT_EXCEEDED
              : Reason.UNREACHABLE,
          "relay "
              + stream.remotePeer().shortText()
              + " says "
              + status.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }
  }

  private void serveStop(Stream stream) throws Libp2pException {
    stream.timeout(STREAM_TIME);
    StopMessage message = RelayMessages.readStop(stream);
    PeerId relay = stream.remotePeer();
    Optional<PeerId> source = RelayMessages.id(message.getPeer());
    Multiaddr at = stream.connection().remoteAddress();
    if (message.getType() != StopMessage.Type.CONNECT || !message.hasType() || source.isEmpty()) {
      RelayMessages.write(stream, RelayMessages.stop(Status.MALFORMED_MESSAGE));
    } else if (!relays.contains(relay) || at.isRelayed()) {
      RelayMessages.write(stream, RelayMessages.stop(Status.PERMISSION_DENIED));
    } else {
      RelayMessages.write(stream, RelayMessages.stop(Status.OK));
      host.accept(stream, at.withPeerId(relay).behind());
    }
  }

  /** Takes nothing through relays any more. */
  @Override
  public void close() {
    host.unhandle(RelayMessages.STOP);
  }
}
