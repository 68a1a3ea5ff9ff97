package org.skerry.libp2p.host;

import io.netty.channel.Channel;
import io.netty.handler.codec.quic.QuicChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.StreamHandler;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.ping.Ping;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A host over TCP and QUIC that serves identify and ping.
 *
 * <p>Listeners hear of events one after the other on one virtual thread; a listener that has more
 * to do than to take note hands it on.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
public final class TcpHost implements Host {
  private static final Logger LOG = LoggerFactory.getLogger(TcpHost.class);

  private final HostConfig config;
  private final HostContext context;
  private final ConnectionTable table;
  private final ProtocolStreams streams;
  private final PeerBook book;
  private final DnsAddresses names;
  private final EventLoops loops;
  private final TcpTransport tcp;
  private final Optional<QuicTransport> quic;
  private final Attempts attempts;
  private final Connector connector;
  private final IdentifyService identify;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final List<Channel> servers = new ArrayList<>();
  private final ExecutorService events =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("libp2p-events").factory());
  private volatile List<Multiaddr> listenAddresses = List.of();
  private volatile List<Multiaddr> announced = List.of();
  private volatile @Nullable Tunnel tunnel;
  private volatile boolean closed;

  private TcpHost(PrivateKey key, HostConfig config) {
    this.config = config;
    PeerId self = PeerId.of(key.publicKey());
    HostLimits limits = config.limits();
    HostMetrics metrics = new HostMetrics();
    this.context =
        new HostContext(
            self,
            Security.of(key, config.security()),
            config.privateNetwork(),
            limits,
            metrics,
            new Gate(metrics),
            new BufferBudget(limits.maxBufferedBytes(), limits.maxBufferedBytesPerPeer()),
            new Leftovers(),
            TableEvents::new);
    this.table = new ConnectionTable(self, limits.connections());
    this.book = new PeerBook(System::nanoTime, peer -> table.best(peer).isPresent());
    this.streams = new ProtocolStreams(context, book);
    this.loops = EventLoops.start(config.sockets());
    this.tcp = new TcpTransport(loops);
    this.names = new DnsAddresses(DnsTexts.ofSystem(loops));
    this.quic = QuicTransport.start(context, loops);
    this.attempts = new Attempts(tcp, quic, this::dialTunnel, table, context);
    this.connector =
        new Connector(new Dialer(attempts, book, SocketAddresses::resolve), table, book, self);
    this.identify = new IdentifyService(this, key, config.agentVersion());
    streams.handle(Ping.PROTOCOL, Ping::serve);
    streams.handle(IdentifyService.PROTOCOL, identify::serve);
    streams.handle(IdentifyService.PUSH, identify::servePush);
  }

  /**
   * Starts a host that listens at all of the configuration's addresses.
   *
   * @throws Libp2pException ADDRESS_IN_USE when one of them cannot be bound, UNREACHABLE when it is
   *     of no kind that a host can listen on here; nothing is left open
   */
  public static TcpHost start(PrivateKey key, HostConfig config) throws Libp2pException {
    TcpHost host = new TcpHost(key, config);
    try {
      List<Multiaddr> bound = new ArrayList<>();
      for (Multiaddr address : config.listen()) {
        bound.addAll(host.listen(address.withoutPeerId()));
      }
      host.listenAddresses = bound.stream().distinct().toList();
      return host;
    } catch (Libp2pException | RuntimeException e) {
      host.close();
      throw e;
    }
  }

  /** Whether hosts can listen on and dial QUIC addresses here: its native library runs. */
  public static boolean speaksQuic() {
    return QuicTransport.isAvailable();
  }

  private List<Multiaddr> listen(Multiaddr address) throws Libp2pException {
    if (address.isTcp()) {
      Channel server = tcp.listen(address, this::accepted);
      servers.add(server);
      return SocketAddresses.listening((InetSocketAddress) server.localAddress(), Multiaddr::tcp);
    }
    if (!address.isQuic()) {
      throw SocketAddresses.unfit(address);
    }
    QuicTransport transport = quic.orElseThrow(() -> QuicTransport.unavailable(address));
    return SocketAddresses.listening(transport.listen(address, this::accept), Multiaddr::quic);
  }

  @Override
  public PeerId peerId() {
    return context.self();
  }

  @Override
  public List<Multiaddr> listenAddresses() {
    Set<Multiaddr> all = new LinkedHashSet<>(announced);
    all.addAll(listenAddresses);
    return List.copyOf(all);
  }

  /** Tells others of these addresses too, in place of those announced before. */
  public void announce(Collection<Multiaddr> reachable) {
    List<Multiaddr> now = List.copyOf(reachable);
    if (!now.equals(announced)) {
      announced = now;
      identify.pushLater();
    }
  }

  /** How this host runs. */
  public HostConfig config() {
    return config;
  }

  /**
   * Has no connections with those in {@code list} from now on, and closes those that there are; in
   * place of the list before.
   */
  public void block(BlockList list) {
    context.gate().block(list);
    table.all().stream().filter(list::blocks).forEach(MuxedConnection::close);
  }

  /** With whom this host has no connections. */
  public BlockList blocked() {
    return context.gate().blocked();
  }

  /** What this host has moved and refused. */
  public HostMetrics metrics() {
    return context.metrics();
  }

  /** Bytes received and not yet read by anybody, over all connections. */
  public long bufferedBytes() {
    return context.budget().usedBytes();
  }

  /** The protocols that {@code peer} said it serves; empty before identify. */
  public Set<String> protocols(PeerId peer) {
    return book.protocols(peer);
  }

  /** Where {@code peer} is to be reached by its own signed word; empty without one. */
  public List<Multiaddr> certifiedAddresses(PeerId peer) {
    return book.certified(peer);
  }

  ProtocolStreams streams() {
    return streams;
  }

  PeerBook book() {
    return book;
  }

  ConnectionTable table() {
    return table;
  }

  HostContext context() {
    return context;
  }

  @Override
  public void handle(String protocol, StreamHandler handler) {
    if (streams.handle(protocol, handler)) {
      identify.pushLater();
    }
  }

  @Override
  public void unhandle(String protocol) {
    if (streams.unhandle(protocol)) {
      identify.pushLater();
    }
  }

  @Override
  public void addAddresses(PeerId peer, Collection<Multiaddr> addresses) {
    book.add(peer, addresses);
  }

  @Override
  public List<Multiaddr> addresses(PeerId peer) {
    return book.addresses(peer);
  }

  @Override
  public List<Connection> connections() {
    return List.copyOf(table.bestOfEach());
  }

  @Override
  public void protect(PeerId peer, String reason) {
    table.protect(peer, reason);
  }

  @Override
  public void unprotect(PeerId peer, String reason) {
    table.unprotect(peer, reason);
  }

  @Override
  public void addListener(Listener listener) {
    listeners.add(listener);
  }

  private void tell(Consumer<Listener> event) {
    tellOf(() -> event);
  }

  /** Tells of an event that is looked at only when the listeners' turn has come. */
  void tellOf(Supplier<Consumer<Listener>> event) {
    try {
      events.execute(() -> {
        Consumer<Listener> now = event.get();
        for (Listener listener : listeners) {
          try {
            now.accept(listener);
          } catch (RuntimeException e) {
            LOG.warn("a listener of connections failed", e);
          }
        }
      });
    } catch (RejectedExecutionException e) {
      LOG.debug("an event after the end of the host is dropped");
    }
  }

  // Dialling.

  @Override
  public Connection connect(PeerId peer, Duration timeout) throws Libp2pException {
    return connection(peer, timeout);
  }

  @Override
  public Connection connect(Multiaddr address, Duration timeout) throws Libp2pException {
    requireOpen();
    PeerId peer = expected(address);
    long deadline = System.nanoTime() + timeout.toNanos();
    book.add(peer, names.expand(address, peer, timeout));
    return connection(peer, Deadline.left(deadline));
  }

  /**
   * A new connection over this very address, whatever connections and addresses of the peer there
   * are.
   *
   * @param address one that ends in {@code /p2p/PEER}
   */
  public Connection dial(Multiaddr address, Duration timeout) throws Libp2pException {
    PeerId peer = expected(address);
    return connector.dialOnly(peer, address.withoutPeerId(), timeout);
  }

  /**
   * A connection that both sides make at the same time, each from a port that it listens on, so
   * that the routers before them let it through.
   *
   * @param initiator whether this side is the one that begins the handshakes
   * @throws Libp2pException UNREACHABLE at once when this host listens on no port for it
   */
  public Connection punch(PeerId peer, Multiaddr address, boolean initiator, Duration timeout)
      throws Libp2pException {
    return attempts.punch(peer, address.withoutPeerId(), initiator, timeout);
  }

  private static PeerId expected(Multiaddr address) throws Libp2pException {
    Optional<PeerId> peer = address.peerId();
    if (peer.isEmpty()) {
      throw new Libp2pException(
          Reason.UNREACHABLE, address + " does not say whom to expect: add /p2p/PEER at its end");
    }
    return peer.get();
  }

  private MuxedConnection connection(PeerId peer, Duration timeout) throws Libp2pException {
    requireOpen();
    return connector.connection(peer, timeout);
  }

  private void requireOpen() throws Libp2pException {
    if (closed) {
      throw new Libp2pException(Reason.CLOSED, "this host is closed");
    }
  }

  // Streams.

  @Override
  public Stream open(PeerId peer, List<String> protocols, Duration timeout) throws Libp2pException {
    long deadline = System.nanoTime() + timeout.toNanos();
    MuxedConnection connection = connection(peer, timeout);
    try {
      return streams.open(connection, protocols, Deadline.left(deadline));
    } catch (Libp2pException e) {
      boolean ended = e.reason() == Reason.CLOSED || e.reason() == Reason.STREAM_RESET;
      if (!ended || connection.takesStreams() || closed) {
        throw e;
      }
      // The connection ended just as it was chosen, before the stream was of any use.
      return streams.open(
          connection(peer, Deadline.left(deadline)), protocols, Deadline.left(deadline));
    }
  }

  // Connections.

  private void accepted(Channel channel) {
    InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
    Optional<ConnectionTable.Place> place = place(channel, remote);
    if (place.isEmpty()) {
      channel.close();
      return;
    }
    Multiaddr from = Multiaddr.tcp(Objects.requireNonNull(remote).getAddress(), remote.getPort());
    new ConnectionUpgrade(channel, false, Optional.empty(), from, context)
        .start()
        .whenComplete((connection, failure) -> place.get().handshakeOver());
  }

  private Optional<QuicUpgrade> accept(QuicChannel channel) {
    InetSocketAddress remote = (InetSocketAddress) channel.remoteSocketAddress();
    return place(channel, remote)
        .map(place -> {
          QuicUpgrade upgrade =
              new QuicUpgrade(Objects.requireNonNull(remote), Optional.empty(), context);
          upgrade.result().whenComplete((connection, failure) -> place.handshakeOver());
          return upgrade;
        });
  }

  /**
   * The room for a connection that somebody dialled, until its channel closes; nothing when there
   * is none.
   *
   * @param remote null when the channel was gone before it was looked at
   */
  private Optional<ConnectionTable.Place> place(
      Channel channel, @Nullable InetSocketAddress remote) {
    if (remote == null || closed || context.gate().refusal(remote).isPresent()) {
      return Optional.empty();
    }
    return switch (table.admitInbound(remote.getAddress(), System.nanoTime())) {
      case ConnectionTable.Admission.Refused(HostMetrics.Refusal refusal) -> {
        context.metrics().refused(refusal);
        yield Optional.empty();
      }
      case ConnectionTable.Admission.Admitted(ConnectionTable.Place place) -> {
        channel.closeFuture().addListener(done -> place.leave());
        yield Optional.of(place);
      }
    };
  }

  /** Dials addresses with {@code /p2p-circuit} in them through {@code tunnel} from now on. */
  public void tunnel(Tunnel tunnel) {
    this.tunnel = tunnel;
  }

  private Stream dialTunnel(Multiaddr address, PeerId peer, Duration timeout)
      throws Libp2pException {
    Tunnel way = tunnel;
    if (way == null) {
      throw new Libp2pException(Reason.UNREACHABLE, "this host uses no relays");
    }
    return way.dial(address, peer, timeout);
  }

  /**
   * Takes a connection that a peer behind {@code from} makes over {@code stream}, and returns when
   * it has ended. It takes a place among those from the relay's IP address.
   *
   * @throws Libp2pException LIMIT_EXCEEDED when there is no place
   */
  public void accept(Stream stream, Multiaddr from) throws Libp2pException {
    switch (table.admitInbound(origin(from), System.nanoTime())) {
      case ConnectionTable.Admission.Refused(HostMetrics.Refusal refusal) -> {
        context.metrics().refused(refusal);
        throw new Libp2pException(Reason.LIMIT_EXCEEDED, "no place for a relayed connection");
      }
      case ConnectionTable.Admission.Admitted(ConnectionTable.Place place) -> {
        Channel channel =
            tcp.attach(
                stream,
                active ->
                    new ConnectionUpgrade(active, false, Optional.empty(), from, context)
                        .start()
                        .whenComplete((connection, failure) -> place.handshakeOver()));
        channel.closeFuture().awaitUninterruptibly();
        place.leave();
      }
    }
  }

  private static InetAddress origin(Multiaddr relayed) throws Libp2pException {
    try {
      return InetAddress.getByAddress(relayed.ip().orElse(new byte[4]));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of 4 or 16 bytes", e);
    }
  }

  /** What follows from the events of one connection; called on its event loop. */
  private final class TableEvents implements ConnectionEvents {
    private final MuxedConnection connection;

    private TableEvents(MuxedConnection connection) {
      this.connection = connection;
    }

    @Override
    public Connection connection() {
      return connection;
    }

    @Override
    public void ready() {
      context
          .metrics()
          .count(
              connection.initiator()
                  ? HostMetrics.CONNECTIONS_OUTBOUND
                  : HostMetrics.CONNECTIONS_INBOUND);
      synchronized (table) { // or listeners hear of a peer's last end after its new beginning
        if (!table.hasRoomFor(connection.remotePeer())) {
          context.metrics().refused(HostMetrics.Refusal.CONNECTIONS_PER_PEER);
          connection.close();
          return;
        }
        if (table.add(connection)) {
          tell(listener -> listener.connected(connection));
        }
      }
      table.surplus(connection.remotePeer()).forEach(MuxedConnection::closeWhenIdle);
      for (MuxedConnection idle : table.excess(System.nanoTime())) {
        context.metrics().count(HostMetrics.CONNECTIONS_TRIMMED);
        idle.close();
      }
      identify.askLater(connection);
      // The list may have changed since the handshake was held to it.
      if (closed || context.gate().blocked().blocks(connection)) {
        connection.close();
      }
    }

    @Override
    public void inbound(MuxedStream stream) {
      streams.serve(stream);
    }

    @Override
    public void closed() {
      boolean wasLast;
      synchronized (table) {
        wasLast = table.remove(connection);
        if (wasLast) {
          tell(listener -> listener.disconnected(connection));
        }
      }
      if (wasLast) {
        book.parted(connection.remotePeer());
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    servers.forEach(server -> server.close().awaitUninterruptibly(1, TimeUnit.SECONDS));
    table.all().forEach(MuxedConnection::close);
    quic.ifPresent(QuicTransport::close);
    tcp.close();
    loops.close();
    context.leftovers().close();
    events.shutdown();
  }
}
