package org.skerry.libp2p.dcutr;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.dcutr.MappingBehaviour.Sighting;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.wire.DcutrWire.HolePunch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns relayed connections into direct ones. The side that was dialled through the relay leads: it
 * dials the other side where that says it is reached, and if nobody answers, asks it to dial at the
 * same moment, three times at most.
 */
public final class DirectUpgrade implements Host.Listener, AutoCloseable {
  static final String PROTOCOL = "/libp2p/dcutr";
  private static final Logger LOG = LoggerFactory.getLogger(DirectUpgrade.class);
  static final int MAX_MESSAGE_BYTES = 4096;
  private static final int MAX_TOLD = 8;

  /** Of those that a peer tells: anybody might have others dialled this way. */
  private static final int MAX_DIALLED = 4;

  private static final int MAX_OBSERVERS = 64;
  private static final int ATTEMPTS = 3;

  private static final int AT_ONCE = 4;

  private static final Duration STREAM_TIME = Duration.ofSeconds(15);
  private static final Duration DIAL_TIME = Duration.ofSeconds(4);
  private static final Duration PUNCH_TIME = Duration.ofSeconds(5);

  /** What came of an attempt to reach a peer directly. */
  public enum Outcome {
    /** It was dialled where it said that it is reached. */
    DIALLED,
    /** Both sides dialled at the same moment. */
    PUNCHED,
    /** Neither worked: the peer stays behind its relay. */
    RELAYED
  }

  private final TcpHost host;
  private final Predicate<Multiaddr> isOutside;
  private final Consumer<Outcome> ended;

  /** Connected peers whose upgrade was begun: once is enough while they stay. */
  private final Set<PeerId> tried = ConcurrentHashMap.newKeySet();

  private final Semaphore places = new Semaphore(AT_ONCE);

  /** Where peers see this host, by the peer; guarded by itself. */
  private final Map<PeerId, Sighting> observed = new LinkedHashMap<>();

  /**
   * Upgrades what comes to {@code host} through relays, from now on.
   *
   * @param isOutside which addresses are dialled and told; in production {@link Multiaddr#isPublic}
   * @param ended hears of each upgrade that this side has led
   */
  public DirectUpgrade(TcpHost host, Predicate<Multiaddr> isOutside, Consumer<Outcome> ended) {
    this.host = host;
    this.isOutside = isOutside;
    this.ended = ended;
    host.addListener(this);
    host.handle(PROTOCOL, this::follow);
  }

  @Override
  public void observed(PeerId by, Multiaddr address) {
    // Only what this host dialled left from the port that it listens on.
    Optional<Connection> dialled =
        host.connections().stream()
            .filter(c -> c.remotePeer().equals(by) && c.initiator() && isDirect(c))
            .findFirst();
    if (dialled.isPresent() && isUsable(address)) {
      synchronized (observed) {
        observed.remove(by);
        observed.put(by, new Sighting(dialled.get().remoteAddress(), address));
        if (observed.size() > MAX_OBSERVERS) {
          observed.remove(observed.keySet().iterator().next());
        }
      }
    }
  }

  /** Where peers that were dialled see this host, of all transports. */
  public List<Sighting> sightings() {
    synchronized (observed) {
      return List.copyOf(observed.values());
    }
  }

  @Override
  public void identified(PeerId peer, List<String> protocols, List<Multiaddr> addresses) {
    // The connection for new streams: a relayed one is that only where there is no other.
    boolean mine =
        host.connections().stream()
            .anyMatch(c -> c.remotePeer().equals(peer) && !c.initiator() && !isDirect(c));
    if (mine && tried.add(peer)) {
      Thread.ofVirtual()
          .name("libp2p-dcutr")
          .start(() -> lead(peer, protocols.contains(PROTOCOL), addresses));
    }
  }

  @Override
  public void disconnected(Connection connection) {
    tried.remove(connection.remotePeer());
  }

  private static boolean isDirect(Connection connection) {
    return !connection.remoteAddress().isRelayed();
  }

  private boolean isUsable(Multiaddr address) {
    return (address.isTcp() || address.isQuic())
        && address.peerId().isEmpty()
        && address.ip().isPresent()
        && isOutside.test(address);
  }

  /**
   * Where this host may be reached: what others see; the other transports' ports at those IP
   * addresses, since a router that can keeps the port; what it listens on.
   */
  private List<Multiaddr> own() {
    Set<Multiaddr> all = new LinkedHashSet<>();
    synchronized (observed) {
      observed.values().forEach(sighting -> all.add(sighting.observed()));
    }
    List<Multiaddr> listened = host.listenAddresses();
    for (Multiaddr seen : List.copyOf(all)) {
      listened.stream()
          .filter(own -> own.isTcp() || own.isQuic())
          .filter(own -> all.stream().noneMatch(known -> known.isQuic() == own.isQuic()))
          .map(own -> own.at(seen))
          .flatMap(Optional::stream)
          .findFirst()
          .ifPresent(all::add);
    }
    listened.stream().filter(this::isUsable).forEach(all::add);
    return all.stream().limit(MAX_TOLD).toList();
  }

  // The side that was dialled.

  private void lead(PeerId peer, boolean speaks, List<Multiaddr> addresses) {
    if (!places.tryAcquire()) {
      return;
    }
    try {
      List<Multiaddr> theirs =
          addresses.stream().filter(this::isUsable).limit(MAX_DIALLED).toList();
      Outcome outcome = Outcome.RELAYED;
      if (dial(peer, theirs)) {
        outcome = Outcome.DIALLED;
      } else if (speaks) {
        for (int i = 0; i < ATTEMPTS && outcome == Outcome.RELAYED; i++) {
          outcome = tryPunching(peer);
        }
      }
      LOG.debug("peer {} behind a relay: {}", peer.shortText(), outcome);
      ended.accept(outcome);
    } finally {
      places.release();
    }
  }

  private boolean dial(PeerId peer, List<Multiaddr> addresses) {
    return first(addresses, at -> host.dial(at.withPeerId(peer), DIAL_TIME));
  }

  private Outcome tryPunching(PeerId peer) {
    try {
      List<Multiaddr> theirs = agree(peer);
      if (punch(peer, theirs, false)) {
        return Outcome.PUNCHED;
      }
      // A router that lets everybody in has handed the packets to the socket that listens, where
      // nobody begins. Then an ordinary dial comes through.
      return dial(peer, theirs) ? Outcome.DIALLED : Outcome.RELAYED;
    } catch (Libp2pException e) {
      LOG.debug("no agreement with peer {}: {}", peer.shortText(), e.getMessage());
      return Outcome.RELAYED;
    }
  }

  /** Returns at the moment at which both sides are to dial. */
  private List<Multiaddr> agree(PeerId peer) throws Libp2pException {
    try (Stream stream = host.open(peer, List.of(PROTOCOL), STREAM_TIME)) {
      stream.timeout(STREAM_TIME);
      long asked = System.nanoTime();
      stream.writeMessage(connect().toByteArray());
      List<Multiaddr> theirs = addresses(read(stream, HolePunch.Type.CONNECT));
      long roundTrip = System.nanoTime() - asked;
      stream.writeMessage(
          HolePunch.newBuilder().setType(HolePunch.Type.SYNC).build().toByteArray());
      // By then the other side has heard of it.
      TimeUnit.NANOSECONDS.sleep(roundTrip / 2);
      return theirs;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Libp2pException(Reason.CLOSED, "interrupted while dialling", e);
    }
  }

  // The side that dialled.

  private void follow(Stream stream) throws Libp2pException {
    stream.timeout(STREAM_TIME);
    List<Multiaddr> theirs = addresses(read(stream, HolePunch.Type.CONNECT));
    if (isDirect(stream.connection()) || !stream.connection().initiator()) {
      throw violation(stream, "an upgrade of a connection that needs none");
    }
    stream.writeMessage(connect().toByteArray());
    read(stream, HolePunch.Type.SYNC);
    if (!places.tryAcquire()) {
      return;
    }
    try {
      punch(stream.remotePeer(), theirs, true);
    } finally {
      places.release();
    }
  }

  // Both sides.

  private boolean punch(PeerId peer, List<Multiaddr> theirs, boolean initiator) {
    return first(theirs, at -> host.punch(peer, at, initiator, PUNCH_TIME));
  }

  private interface Dial {
    Connection to(Multiaddr address) throws Libp2pException;
  }

  /** Dials all of {@code addresses} at once; whether one of them has answered. */
  private static boolean first(List<Multiaddr> addresses, Dial dial) {
    BlockingQueue<Boolean> ends = new LinkedBlockingQueue<>();
    List<Thread> dials = new ArrayList<>();
    for (Multiaddr address : addresses) {
      dials.add(
          Thread.ofVirtual()
              .name("libp2p-dcutr-dial")
              .start(() -> {
                boolean reached = false;
                try {
                  dial.to(address);
                  reached = true;
                } catch (Libp2pException e) {
                  LOG.debug("not directly: {}", e.getMessage());
                } finally {
                  ends.add(reached);
                }
              }));
    }
    try {
      for (int i = 0; i < addresses.size(); i++) {
        if (ends.take()) {
          return true;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      dials.forEach(Thread::interrupt);
    }
    return false;
  }

  private HolePunch connect() {
    HolePunch.Builder message = HolePunch.newBuilder().setType(HolePunch.Type.CONNECT);
    own().forEach(address -> message.addObsAddrs(ByteString.copyFrom(address.bytes())));
    return message.build();
  }

  private List<Multiaddr> addresses(HolePunch message) {
    List<Multiaddr> out = new ArrayList<>();
    for (ByteString bytes : message.getObsAddrsList()) {
      if (out.size() < MAX_DIALLED) {
        usable(bytes).ifPresent(out::add);
      }
    }
    return out;
  }

  private Optional<Multiaddr> usable(ByteString bytes) {
    try {
      return Optional.of(Multiaddr.ofBytes(bytes.toByteArray()).withoutPeerId())
          .filter(this::isUsable);
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // a transport that this version does not know
    }
  }

  static HolePunch read(Stream stream, HolePunch.Type expected) throws Libp2pException {
    try {
      HolePunch message = HolePunch.parseFrom(stream.readMessage(MAX_MESSAGE_BYTES));
      if (message.getType() == expected) {
        return message;
      }
    } catch (InvalidProtocolBufferException e) {
      throw violation(stream, "no message");
    }
    throw violation(stream, "another message than " + expected);
  }

  private static Libp2pException violation(Stream stream, String what) {
    return new Libp2pException(
        Reason.PROTOCOL_VIOLATION,
        PROTOCOL + ": peer " + stream.remotePeer().shortText() + " sends " + what);
  }

  /** Leads and follows no more upgrades. */
  @Override
  public void close() {
    host.unhandle(PROTOCOL);
  }
}
