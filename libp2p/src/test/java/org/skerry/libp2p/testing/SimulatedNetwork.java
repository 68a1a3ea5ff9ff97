package org.skerry.libp2p.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;

/**
 * A network in memory whose latency, losses and partitions a test controls. Its hosts move real
 * bytes through bounded buffers on real (virtual) threads; keys, addresses and losses come from the
 * seed. Thread-safe.
 */
public final class SimulatedNetwork implements AutoCloseable {
  private static final int DEFAULT_BUFFER_BYTES = 256 * 1024;

  private final Random random;
  private final Map<Multiaddr, MemoryHost> byAddress = new ConcurrentHashMap<>();
  private final Set<Set<PeerId>> cuts = ConcurrentHashMap.newKeySet();
  private final Object lock = new Object();
  private int hosts;
  private volatile Duration latency = Duration.ZERO;
  private volatile double lossRate;
  private volatile int bufferBytes = DEFAULT_BUFFER_BYTES;

  public SimulatedNetwork(long seed) {
    this.random = new Random(seed);
  }

  /** A new host with a key from the seed. */
  public MemoryHost host() {
    byte[] seed = new byte[32];
    synchronized (lock) {
      random.nextBytes(seed);
    }
    return host(PrivateKey.ofSeed(seed));
  }

  /** A new host that listens at {@code /ip4/10.x.y.z/tcp/4001}. */
  public MemoryHost host(PrivateKey key) {
    int n;
    synchronized (lock) {
      n = ++hosts;
    }
    Multiaddr address =
        Multiaddr.parse(
            "/ip4/10." + (n >> 16 & 255) + "." + (n >> 8 & 255) + "." + (n & 255) + "/tcp/4001");
    MemoryHost host = new MemoryHost(this, PeerId.of(key.publicKey()), address);
    byAddress.put(address, host);
    return host;
  }

  /** Every host learns every other host's address (and connects to none). */
  public void introduceAll() {
    for (MemoryHost one : byAddress.values()) {
      for (MemoryHost other : byAddress.values()) {
        if (one != other) {
          one.addAddresses(other.peerId(), other.listenAddresses());
        }
      }
    }
  }

  /** One-way delay of every byte, dial and stream opening from now on. */
  public void latency(Duration oneWay) {
    latency = oneWay;
  }

  Duration latency() {
    return latency;
  }

  /** Chance in {@code 0..1} that a dial or the opening of a stream gets no answer. */
  public void lossRate(double chance) {
    lossRate = chance;
  }

  /** Bytes a stream holds per direction before its writer blocks; for streams opened from now. */
  public void bufferBytes(int size) {
    bufferBytes = size;
  }

  int bufferBytes() {
    return bufferBytes;
  }

  /** Cuts the two hosts apart: their connection closes and dials between them fail. */
  public void cut(MemoryHost one, MemoryHost other) {
    cuts.add(Set.of(one.peerId(), other.peerId()));
    one.connections().stream()
        .filter(connection -> connection.remotePeer().equals(other.peerId()))
        .forEach(connection -> connection.close());
  }

  /** Cuts {@code group} off from everybody else. */
  public void partition(List<MemoryHost> group) {
    Set<MemoryHost> inside = new HashSet<>(group);
    for (MemoryHost outside : new ArrayList<>(byAddress.values())) {
      if (!inside.contains(outside)) {
        inside.forEach(host -> cut(host, outside));
      }
    }
  }

  /** Ends every cut. */
  public void heal() {
    cuts.clear();
  }

  @Override
  public void close() {
    List.copyOf(byAddress.values()).forEach(MemoryHost::close);
  }

  void leave(MemoryHost host) {
    byAddress.values().remove(host);
  }

  MemoryConnection dial(MemoryHost from, PeerId to, List<Multiaddr> addresses, Duration timeout)
      throws Libp2pException {
    for (Multiaddr address : addresses) {
      MemoryHost remote = byAddress.get(address);
      if (remote == null) {
        continue;
      }
      passPacket(from, remote, timeout);
      if (!remote.peerId().equals(to)) {
        throw new Libp2pException(
            Reason.HANDSHAKE_FAILED,
            address + " is peer " + remote.peerId().shortText() + ", not " + to.shortText());
      }
      return link(from, remote);
    }
    throw new Libp2pException(
        Reason.UNREACHABLE, "peer " + to.shortText() + " answers at none of " + addresses);
  }

  /** One connection a pair, however many dials run at once. */
  private MemoryConnection link(MemoryHost from, MemoryHost to) {
    synchronized (lock) {
      for (var open : from.connections()) {
        if (open.remotePeer().equals(to.peerId()) && open.isOpen()) {
          return (MemoryConnection) open;
        }
      }
      MemoryConnection.Link link = new MemoryConnection.Link();
      MemoryConnection near = new MemoryConnection(from, to, link, true);
      to.connected(new MemoryConnection(to, from, link, false));
      from.connected(near);
      return near;
    }
  }

  /** Takes a round trip's time, or fails as a lost or cut packet would. */
  void passPacket(MemoryHost from, MemoryHost to, Duration timeout) throws Libp2pException {
    boolean lost;
    synchronized (lock) {
      lost = lossRate > 0 && random.nextDouble() < lossRate;
    }
    if (cuts.contains(Set.of(from.peerId(), to.peerId()))) {
      throw new Libp2pException(
          Reason.UNREACHABLE, "no route to peer " + to.peerId().shortText() + " (cut by the test)");
    }
    Duration roundTrip = latency.multipliedBy(2);
    boolean late = roundTrip.compareTo(timeout) > 0;
    pause(late ? timeout : roundTrip);
    if (lost || late) {
      throw new Libp2pException(
          Reason.TIMEOUT, "peer " + to.peerId().shortText() + " did not answer in " + timeout);
    }
  }

  private static void pause(Duration duration) throws Libp2pException {
    if (duration.isZero()) {
      return;
    }
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Libp2pException(Reason.CLOSED, "interrupted", e);
    }
  }
}
