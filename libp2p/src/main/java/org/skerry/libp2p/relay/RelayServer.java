package org.skerry.libp2p.relay;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.SignedEnvelope;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.wire.RelayWire.HopMessage;
import org.skerry.libp2p.wire.RelayWire.Limit;
import org.skerry.libp2p.wire.RelayWire.Reservation;
import org.skerry.libp2p.wire.RelayWire.Status;
import org.skerry.libp2p.wire.RelayWire.StopMessage;
import org.skerry.libp2p.wire.RelayWire.Voucher;

/**
 * Carries connections to peers that nobody can dial. It dials nobody for it: who wants to be
 * reached through it reserves a place over a connection of its own, and keeps that open. What it
 * carries is encrypted between the two ends. Nothing is relayed twice: what comes over a relayed
 * connection is refused.
 */
public final class RelayServer implements Host.Listener, AutoCloseable {
  static final String VOUCHER_DOMAIN = "libp2p-relay-rsvp";
  static final byte[] VOUCHER_TYPE = {0x03, 0x02};
  private static final String PROTECTION = "reserved";
  private static final Duration STREAM_TIME = Duration.ofSeconds(30);

  private final Host host;
  private final PrivateKey key;
  private final Predicate<Multiaddr> isOutside;
  private final RelayLimits limits;
  private final InstantSource clock;
  private final Pace pace;
  private final LongAdder carriedBytes = new LongAdder();

  /** Guarded by itself. */
  private final Places places;

  /**
   * Serves on {@code host} from {@link #open} on.
   *
   * @param key of the host, which signs vouchers
   * @param isOutside which of the host's addresses are told to others; in production {@link
   *     Multiaddr#isPublic}
   */
  public RelayServer(
      Host host,
      PrivateKey key,
      Predicate<Multiaddr> isOutside,
      RelayLimits limits,
      InstantSource clock) {
    this.host = host;
    this.key = key;
    this.isOutside = isOutside;
    this.limits = limits;
    this.clock = clock;
    this.pace = new Pace(limits.bytesPerSecond());
    this.places = new Places(limits);
    host.addListener(this);
  }

  /** Takes reservations and circuits from now on, until it is closed, and then again. */
  public void open() {
    host.handle(RelayMessages.HOP, this::serve);
  }

  /** Peers that have a reservation. */
  public int reservations() {
    synchronized (places) {
      return places.reservations();
    }
  }

  /** Connections that are being carried. */
  public int circuits() {
    synchronized (places) {
      return places.circuits();
    }
  }

  /** What was carried so far, both ways. */
  public long carriedBytes() {
    return carriedBytes.sum();
  }

  @Override
  public void disconnected(Connection connection) {
    host.unprotect(connection.remotePeer(), PROTECTION);
    synchronized (places) {
      places.leave(connection.remotePeer());
    }
  }

  private void serve(Stream stream) throws Libp2pException {
    stream.timeout(STREAM_TIME);
    HopMessage message = RelayMessages.readHop(stream);
    if (stream.connection().remoteAddress().isRelayed()) {
      refuse(stream, Status.PERMISSION_DENIED);
    } else if (message.getType() == HopMessage.Type.RESERVE && message.hasType()) {
      reserve(stream);
    } else if (message.getType() == HopMessage.Type.CONNECT) {
      Optional<PeerId> target = RelayMessages.id(message.getPeer());
      if (target.isPresent()) {
        connect(stream, target.get());
      } else {
        refuse(stream, Status.MALFORMED_MESSAGE);
      }
    } else {
      refuse(stream, Status.UNEXPECTED_MESSAGE);
    }
  }

  private static void refuse(Stream stream, Status status) throws Libp2pException {
    RelayMessages.write(stream, RelayMessages.hop(status).build());
  }

  private void reserve(Stream stream) throws Libp2pException {
    PeerId peer = stream.remotePeer();
    String origin =
        stream.connection().remoteAddress().ip().map(HexFormat.of()::formatHex).orElse("");
    Optional<Long> expiresMs;
    synchronized (places) {
      expiresMs = places.reserve(peer, origin, clock.millis());
    }
    if (expiresMs.isEmpty()) {
      refuse(stream, Status.RESERVATION_REFUSED);
      return;
    }
    host.protect(peer, PROTECTION);
    long expires = expiresMs.get() / 1000;
    Reservation.Builder reservation =
        Reservation.newBuilder()
            .setExpire(expires)
            .setVoucher(ByteString.copyFrom(voucher(peer, expires)));
    host.listenAddresses().stream()
        .filter(isOutside)
        .forEach(address ->
            reservation.addAddrs(ByteString.copyFrom(address.withPeerId(host.peerId()).bytes())));
    RelayMessages.write(
        stream, RelayMessages.hop(Status.OK).setReservation(reservation).setLimit(limit()).build());
  }

  private byte[] voucher(PeerId peer, long expires) {
    byte[] payload =
        Voucher.newBuilder()
            .setRelay(ByteString.copyFrom(host.peerId().bytes()))
            .setPeer(ByteString.copyFrom(peer.bytes()))
            .setExpiration(expires)
            .build()
            .toByteArray();
    return SignedEnvelope.seal(key, VOUCHER_DOMAIN, VOUCHER_TYPE, payload).bytes();
  }

  private Limit limit() {
    return Limit.newBuilder()
        .setDuration(Math.toIntExact(limits.circuitTime().toSeconds()))
        .setData(limits.circuitBytes())
        .build();
  }

  private void connect(Stream hop, PeerId target) throws Libp2pException {
    PeerId source = hop.remotePeer();
    boolean reserved;
    boolean open;
    synchronized (places) {
      reserved = places.isReserved(target, clock.millis());
      open = reserved && places.open(source, target);
    }
    if (!open) {
      refuse(hop, reserved ? Status.RESOURCE_LIMIT_EXCEEDED : Status.NO_RESERVATION);
      return;
    }
    try {
      carry(hop, source, target);
    } finally {
      synchronized (places) {
        places.close(source, target);
      }
    }
  }

  private void carry(Stream hop, PeerId source, PeerId target) throws Libp2pException {
    Optional<Stream> stop = stop(source, target);
    if (stop.isEmpty()) {
      refuse(hop, Status.CONNECTION_FAILED);
      return;
    }
    try (Stream out = stop.get()) {
      RelayMessages.write(hop, RelayMessages.hop(Status.OK).setLimit(limit()).build());
      new Circuit(hop, out, limits, pace, carriedBytes::add).run();
    }
  }

  /** A stream to the target, which has agreed to what is to come over it. */
  private Optional<Stream> stop(PeerId source, PeerId target) {
    boolean connected =
        host.connections().stream()
            .anyMatch(c -> c.remotePeer().equals(target) && !c.remoteAddress().isRelayed());
    if (!connected) {
      return Optional.empty(); // It is never dialled.
    }
    try {
      Stream stop = host.open(target, List.of(RelayMessages.STOP), STREAM_TIME);
      try {
        stop.timeout(STREAM_TIME);
        RelayMessages.write(
            stop,
            StopMessage.newBuilder()
                .setType(StopMessage.Type.CONNECT)
                .setPeer(RelayMessages.peer(source))
                .setLimit(limit())
                .build());
        StopMessage answer = RelayMessages.readStop(stop);
        if (answer.getType() == StopMessage.Type.STATUS && answer.getStatus() == Status.OK) {
          return Optional.of(stop);
        }
        stop.reset();
      } catch (Libp2pException | RuntimeException e) {
        stop.reset();
        throw e;
      }
    } catch (Libp2pException e) {
      // Its answer to the source is the same as to a refusal.
    }
    return Optional.empty();
  }

  /** Takes no new reservations and circuits. */
  @Override
  public void close() {
    host.unhandle(RelayMessages.HOP);
  }
}
