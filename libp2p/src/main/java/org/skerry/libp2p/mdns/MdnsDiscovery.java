package org.skerry.libp2p.mdns;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Subnet;
import org.skerry.libp2p.mdns.MdnsPackets.Heard;
import org.skerry.libp2p.pnet.PreSharedKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the peers of the local network of this host, and a listener of them, by multicast DNS over
 * IPv4. Who asks also answers itself, so one query is enough for all to learn of a newcomer.
 *
 * <p>Anybody in the local network may say anything: what is found is only where a peer may be,
 * which the handshake proves. Packets from elsewhere are not read.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a packet that is lost is asked for again
public final class MdnsDiscovery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MdnsDiscovery.class);
  private static final List<Subnet> LOOPBACK =
      List.of(Subnet.parse("127.0.0.0/8"), Subnet.parse("::1"));
  private static final int NAME_BYTES = 16;
  private static final int MAX_PACKET_BYTES = 9000;

  /** The first query is repeated after a second, and then ever more rarely (RFC 6762, 5.2). */
  private static final long FIRST_PAUSE_MS = 1_000;

  private static final long LONGEST_PAUSE_MS = 300_000;

  /** Who all answer at once wait a little, and nobody says the same twice a second (6). */
  private static final long LEAST_DELAY_MS = 20;

  private static final long MOST_DELAY_MS = 120;
  private static final long LEAST_PAUSE_MS = 1_000;

  /** The listener hears of a peer again after so long, or when its addresses are others. */
  private static final long NEWS_MS = 60_000;

  private static final int MAX_KNOWN = 1024;

  /** News for the listener, in a second: a flood of made-up peers ends here. */
  private static final int MAX_NEWS_PER_SECOND = 32;

  /** News that a slow listener may have before it; what is more it hears of a minute later. */
  private static final int MAX_WAITING = 64;

  /** Told of peers, one after the other, on a virtual thread. */
  public interface Listener {
    /** {@code peer} says that it is at {@code addresses}; without the peer in them. */
    void found(PeerId peer, List<Multiaddr> addresses);
  }

  /**
   * Where packets go.
   *
   * @param port of UDP, on which others may listen, too
   * @param links the network interfaces; each has an IPv4 address
   */
  public record Place(int port, List<NetworkInterface> links) {
    private static final int PORT = 5353;
    private static final InetAddress GROUP = InetAddress.ofLiteral("224.0.0.251");

    public Place {
      links = List.copyOf(links);
    }

    private InetSocketAddress group() {
      return new InetSocketAddress(GROUP, port);
    }

    /** The usual port, on all interfaces of this machine that can. */
    public static Place usual() throws Libp2pException {
      try {
        return new Place(PORT, NetworkInterface.networkInterfaces().filter(Place::isLink).toList());
      } catch (SocketException e) {
        throw new Libp2pException(
            Reason.UNREACHABLE, "the network interfaces cannot be listed: " + e.getMessage(), e);
      }
    }

    private static boolean isLink(NetworkInterface link) {
      try {
        return link.isUp()
            && link.supportsMulticast()
            && !link.isPointToPoint()
            && link.inetAddresses().anyMatch(Inet4Address.class::isInstance);
      } catch (SocketException e) {
        return false; // gone meanwhile
      }
    }
  }

  private record Known(List<Multiaddr> addresses, long toldAtNanos) {}

  private final Host host;
  private final MdnsPackets packets;
  private final String name = HexFormat.of().formatHex(randomName());
  private final Place place;
  private final Listener listener;
  private final LongAdder malformed = new LongAdder();
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("libp2p-mdns", true), NioIoHandler.newFactory());
  private final ExecutorService events =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MAX_WAITING),
          Thread.ofVirtual().name("libp2p-mdns").factory());
  private final NioDatagramChannel channel;

  // Owned by the channel's event loop.
  private final Map<PeerId, Known> known =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerId, Known> eldest) {
          return size() > MAX_KNOWN;
        }
      };
  private boolean answering;
  private long answeredAtNanos = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(LEAST_PAUSE_MS);
  private long newsSecond;
  private int news;

  private static byte[] randomName() {
    byte[] name = new byte[NAME_BYTES];
    new SecureRandom().nextBytes(name);
    return name;
  }

  private MdnsDiscovery(
      Host host, Optional<PreSharedKey> privateNetwork, Place place, Listener listener)
      throws Libp2pException {
    this.host = host;
    this.packets = new MdnsPackets(service(privateNetwork));
    this.place = place;
    this.listener = listener;
    ChannelFuture bound =
        new Bootstrap()
            .group(group)
            .channelFactory(() -> new NioDatagramChannel(SocketProtocolFamily.INET))
            .option(ChannelOption.SO_REUSEADDR, true) // others on this machine speak mDNS, too
            .option(ChannelOption.IP_MULTICAST_TTL, 255)
            .handler(new Packets())
            .bind(place.port())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      close(group);
      throw new Libp2pException(
          Reason.ADDRESS_IN_USE,
          "cannot listen for peers of the local network on UDP port "
              + place.port()
              + " ("
              + bound.cause().getMessage()
              + "): stop what has the port for itself, or switch local discovery off",
          bound.cause());
    }
    this.channel = (NioDatagramChannel) bound.channel();
  }

  /** In a private network it has the fingerprint of the key, so that others are not even seen. */
  private static String service(Optional<PreSharedKey> privateNetwork) {
    String suffix =
        privateNetwork.map(key -> "-" + HexFormat.of().formatHex(key.fingerprint())).orElse("");
    return "_p2p" + suffix + "._udp.local.";
  }

  /**
   * Begins to ask and to answer.
   *
   * @param privateNetwork the key of the host's private network, if it is in one
   * @throws Libp2pException ADDRESS_IN_USE when another program keeps the port to itself
   */
  public static MdnsDiscovery start(
      Host host, Optional<PreSharedKey> privateNetwork, Place place, Listener listener)
      throws Libp2pException {
    MdnsDiscovery discovery = new MdnsDiscovery(host, privateNetwork, place, listener);
    for (NetworkInterface link : place.links()) {
      ChannelFuture joined =
          discovery.channel.joinGroup(place.group(), link).awaitUninterruptibly();
      if (!joined.isSuccess()) {
        LOG.warn("no local discovery on {}: {}", link.getName(), joined.cause().getMessage());
      }
    }
    discovery.channel.eventLoop().execute(() -> discovery.ask(FIRST_PAUSE_MS));
    return discovery;
  }

  /** Packets that were none of DNS. */
  public long malformed() {
    return malformed.sum();
  }

  private void ask(long pauseMs) {
    send(packets.query(channel.alloc()));
    channel
        .eventLoop()
        .schedule(
            () -> ask(Math.min(2 * pauseMs, LONGEST_PAUSE_MS)), pauseMs, TimeUnit.MILLISECONDS);
  }

  /** On every link; owns {@code packet}. */
  private void send(ByteBuf packet) {
    assert channel.eventLoop().inEventLoop();
    for (NetworkInterface link : place.links()) {
      channel.config().setNetworkInterface(link);
      channel.writeAndFlush(new DatagramPacket(packet.retainedDuplicate(), place.group()));
    }
    packet.release();
  }

  private final class Packets extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
      InetSocketAddress from = packet.sender();
      if (from.getPort() != place.port()
          || packet.content().readableBytes() > MAX_PACKET_BYTES
          || !isNear(from.getAddress())) {
        return;
      }
      switch (packets.read(packet.content())) {
        case Heard.PeersWanted() -> answerSoon();
        case Heard.ServicesWanted() -> send(packets.services(ctx.alloc()));
        case Heard.Peers(Map<PeerId, List<Multiaddr>> peers) ->
            peers.forEach((peer, addresses) -> found(peer, addresses, from.getAddress()));
        case Heard.Other() -> {}
        case Heard.Malformed(String detail) -> {
          malformed.increment();
          LOG.debug("a packet of {} is not read: {}", from, detail);
        }
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.debug("local discovery: {}", cause.getMessage());
    }
  }

  /** Whether {@code address} is on one of the links, so that no router brought the packet. */
  private boolean isNear(InetAddress address) {
    return place.links().stream()
        .flatMap(link -> link.getInterfaceAddresses().stream())
        .filter(own -> own.getAddress() instanceof Inet4Address)
        .anyMatch(own -> isIn(own, address));
  }

  private static boolean isIn(InterfaceAddress own, InetAddress address) {
    BigInteger here = new BigInteger(1, own.getAddress().getAddress());
    BigInteger there = new BigInteger(1, address.getAddress());
    return address instanceof Inet4Address
        && here.xor(there).bitLength() <= Integer.SIZE - own.getNetworkPrefixLength();
  }

  private void answerSoon() {
    if (answering) {
      return;
    }
    answering = true;
    long delay = ThreadLocalRandom.current().nextLong(LEAST_DELAY_MS, MOST_DELAY_MS);
    long since = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - answeredAtNanos);
    channel
        .eventLoop()
        .schedule(this::answer, Math.max(delay, LEAST_PAUSE_MS - since), TimeUnit.MILLISECONDS);
  }

  private void answer() {
    answering = false;
    answeredAtNanos = System.nanoTime();
    List<Multiaddr> told = told();
    if (!told.isEmpty()) {
      send(packets.answer(channel.alloc(), name, told));
    }
  }

  /** Loopback addresses help others only when there are no others. */
  private List<Multiaddr> told() {
    List<Multiaddr> all = host.listenAddresses();
    List<Multiaddr> outside = all.stream().filter(address -> !isLoopback(address)).toList();
    return (outside.isEmpty() ? all : outside)
        .stream().map(address -> address.withPeerId(host.peerId())).toList();
  }

  private static boolean isLoopback(Multiaddr address) {
    return address
        .ip()
        .filter(ip -> LOOPBACK.stream().anyMatch(subnet -> subnet.contains(ip)))
        .isPresent();
  }

  private void found(PeerId peer, List<Multiaddr> said, InetAddress from) {
    List<Multiaddr> addresses =
        said.stream().filter(address -> !isLoopback(address) || isThisMachine(from)).toList();
    Known before = known.get(peer);
    long now = System.nanoTime();
    if (peer.equals(host.peerId())
        || addresses.isEmpty()
        || (before != null
            && before.addresses().equals(addresses)
            && now - before.toldAtNanos() < TimeUnit.MILLISECONDS.toNanos(NEWS_MS))
        || !mayTell(now)) {
      return;
    }
    known.remove(peer); // or it would keep its place among the eldest
    known.put(peer, new Known(addresses, now));
    try {
      events.execute(() -> listener.found(peer, addresses));
    } catch (RejectedExecutionException e) {
      LOG.debug("nobody is told of peer {}: the listener is too slow, or gone", peer);
    }
  }

  private boolean mayTell(long nowNanos) {
    long second = TimeUnit.NANOSECONDS.toSeconds(nowNanos);
    if (second != newsSecond) {
      newsSecond = second;
      news = 0;
    }
    return news++ < MAX_NEWS_PER_SECOND;
  }

  private static boolean isThisMachine(InetAddress address) {
    try {
      return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return false;
    }
  }

  private static void close(EventLoopGroup group) {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    close(group);
    events.shutdown();
  }
}
