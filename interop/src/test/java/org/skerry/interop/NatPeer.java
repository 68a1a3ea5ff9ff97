package org.skerry.interop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.autonat.AutonatClient;
import org.skerry.libp2p.autonat.AutonatServer;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.dcutr.DirectUpgrade;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.portmap.PortMapper;
import org.skerry.libp2p.portmap.PortMapping;
import org.skerry.libp2p.relay.RelayClient;
import org.skerry.libp2p.relay.RelayLimits;
import org.skerry.libp2p.relay.RelayServer;

/** A process of the NAT laboratory, {@code nat/lab.sh}: the relay, the target or the dialler. */
final class NatPeer {
  private static final String ECHO = "/echo/1.0.0";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private NatPeer() {}

  public static void main(String[] args) throws Exception {
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    Multiaddr listen = Multiaddr.parse(args[1]);
    TcpHost host = TcpHost.start(key, HostConfig.listening("nat", listen));
    host.handle(ECHO, NatPeer::echo);
    switch (args[0]) {
      case "relay" -> {
        new RelayServer(host, key, Multiaddr::isPublic, RelayLimits.DEFAULT, InstantSource.system())
            .open();
        serveAutonat(host); // js-libp2p tells of no public address that nobody has reached
        System.out.println("address " + own(host));
      }
      case "target" -> target(host, Multiaddr.parse(args[2]), args[3].equals("mapped"));
      case "dialler" -> {
        List<Multiaddr> ways = Stream.of(args).skip(3).map(Multiaddr::parse).toList();
        dial(host, Multiaddr.parse(args[2]), ways);
      }
      case "reach" -> reach(host, Path.of(args[2]));
      default -> throw new IllegalArgumentException(args[0]);
    }
    new CountDownLatch(1).await();
  }

  private static Multiaddr own(TcpHost host) {
    return host.listenAddresses().getFirst().withPeerId(host.peerId());
  }

  private static void serveAutonat(TcpHost host) throws Libp2pException {
    new AutonatServer(
        host, Multiaddr::isPublic, AutonatServer.Limits.DEFAULT, InstantSource.system());
  }

  /** Serves AutoNAT, and asks the first other one that does, once something is in {@code turn}. */
  private static void reach(TcpHost host, Path turn) throws Exception {
    serveAutonat(host);
    AutonatClient client = new AutonatClient(host, Multiaddr::isPublic);
    BlockingQueue<PeerId> servers = new LinkedBlockingQueue<>();
    host.addListener(
        new Host.Listener() {
          @Override
          public void identified(PeerId peer, List<String> protocols, List<Multiaddr> addresses) {
            if (protocols.stream().anyMatch(protocol -> protocol.contains("/autonat/"))) {
              servers.add(peer);
            }
          }
        });
    System.out.println("address " + own(host));
    Files.readString(turn);
    System.out.println("verdict " + client.ask(servers.take(), host.listenAddresses(), LIMIT));
  }

  private static void echo(org.skerry.libp2p.Stream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1024);
    while (stream.read(buffer.clear()) >= 0) {
      stream.write(buffer.flip());
    }
  }

  private static void target(TcpHost host, Multiaddr relay, boolean asksRouter) throws Exception {
    RelayClient client = new RelayClient(host);
    new DirectUpgrade(host, Multiaddr::isPublic, outcome -> System.out.println("led " + outcome));
    join(host, relay);
    PeerId relayId = relay.peerId().orElseThrow();
    List<Multiaddr> all = new ArrayList<>();
    if (asksRouter) {
      all.addAll(mapped(host));
    }
    host.listenAddresses().stream().filter(Multiaddr::isPublic).forEach(all::add);
    all.addAll(client.reserve(relayId, Multiaddr::isPublic, LIMIT).addresses());
    System.out.println(
        "addresses "
            + all.stream()
                .map(address -> address.withPeerId(host.peerId()).toString())
                .collect(Collectors.joining(" ")));
  }

  /** Where the router lets others in, once it does. */
  private static List<Multiaddr> mapped(TcpHost host) throws Exception {
    BlockingQueue<PortMapping> outcomes = new LinkedBlockingQueue<>();
    Optional<PortMapper> mapper =
        PortMapper.start(host.listenAddresses(), InstantSource.system(), outcomes::add);
    if (mapper.isEmpty()) {
      throw new IllegalStateException("a peer that listens at no private address");
    }
    PortMapping outcome = outcomes.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    System.out.println("router " + outcome);
    if (outcome instanceof PortMapping.Mapped(String router, List<Multiaddr> addresses)) {
      return addresses;
    }
    throw new IllegalStateException("no port is mapped: " + outcome);
  }

  /** Prints how the target was reached in the end, and after how many milliseconds it answered. */
  private static void dial(TcpHost host, Multiaddr relay, List<Multiaddr> ways) throws Exception {
    new RelayClient(host);
    new DirectUpgrade(host, Multiaddr::isPublic, outcome -> {});
    join(host, relay); // as one that is in the network already
    PeerId target = ways.getFirst().peerId().orElseThrow();
    host.addAddresses(target, ways);
    long start = System.nanoTime();
    ask(host, target);
    long firstMs = (System.nanoTime() - start) / 1_000_000;
    boolean atOnce = direct(host, target).isPresent();
    while (direct(host, target).isEmpty() && System.nanoTime() - start < LIMIT.toNanos()) {
      Thread.sleep(5);
    }
    Optional<Connection> direct = direct(host, target);
    if (direct.isPresent()) {
      ask(host, target);
    }
    long directMs = (System.nanoTime() - start) / 1_000_000;
    String how =
        atOnce
            ? "direct"
            : direct.map(c -> c.initiator() ? "punched" : "reversed").orElse("relayed");
    System.out.println("outcome " + how + " " + firstMs + " " + directMs);
  }

  /** Connects, and waits until the relay has said where it sees this host. */
  private static void join(TcpHost host, Multiaddr relay) throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    host.addListener(
        new Host.Listener() {
          @Override
          public void observed(PeerId by, Multiaddr address) {
            seen.countDown();
          }
        });
    host.connect(relay, LIMIT);
    if (!seen.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("the relay does not say where it sees this host");
    }
  }

  private static Optional<Connection> direct(TcpHost host, PeerId peer) {
    return host.connections().stream()
        .filter(c -> c.remotePeer().equals(peer) && !c.remoteAddress().isRelayed())
        .findFirst();
  }

  private static void ask(TcpHost host, PeerId peer) throws Libp2pException {
    try (org.skerry.libp2p.Stream stream = host.open(peer, List.of(ECHO), LIMIT)) {
      stream.write(ByteBuffer.wrap(new byte[] {1}));
      stream.readFully(1);
    }
  }
}
