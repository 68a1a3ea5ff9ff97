package org.skerry.libp2p.autonat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.Subnet;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.BlockList;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.testing.LeakCheck;
import org.skerry.libp2p.wire.AutonatWire.DialBack;
import org.skerry.libp2p.wire.AutonatWire.DialDataResponse;
import org.skerry.libp2p.wire.AutonatWire.DialRequest;
import org.skerry.libp2p.wire.AutonatWire.DialResponse;
import org.skerry.libp2p.wire.AutonatWire.DialStatus;
import org.skerry.libp2p.wire.AutonatWire.Message;

/** Hosts at several loopback addresses, which stand for places in the world. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class AutonatIT {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final Predicate<Multiaddr> ANY = address -> true;

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : toClose) {
      one.close();
    }
  }

  private <T extends AutoCloseable> T closing(T one) {
    toClose.push(one);
    return one;
  }

  private TcpHost host(String ip) throws Libp2pException {
    return listening(Multiaddr.parse("/ip4/" + ip + "/tcp/0"));
  }

  private TcpHost listening(Multiaddr... addresses) throws Libp2pException {
    return closing(
        TcpHost.start(
            PrivateKey.generate(new SecureRandom()), HostConfig.listening("test", addresses)));
  }

  /** A host at {@code ip} that dials others back, wherever they are. */
  private TcpHost server(String ip) throws Libp2pException {
    TcpHost host = host(ip);
    serve(host, ANY, AutonatServer.Limits.DEFAULT);
    return host;
  }

  private void serve(TcpHost host, Predicate<Multiaddr> mayDial, AutonatServer.Limits limits)
      throws Libp2pException {
    closing(new AutonatServer(host, mayDial, limits, InstantSource.system()));
  }

  private static Multiaddr at(TcpHost host) {
    return host.listenAddresses().getFirst();
  }

  private static void connect(TcpHost from, TcpHost to) throws Libp2pException {
    from.connect(at(to).withPeerId(to.peerId()), LIMIT);
  }

  private static Multiaddr closedPort() {
    return Multiaddr.parse("/ip4/127.0.0.1/tcp/1");
  }

  @Test
  void aServerProvesWhatItReachesAndSaysWhatItDoesNot() throws Exception {
    TcpHost client = host("127.0.0.1");
    TcpHost server = server("127.0.0.2");
    connect(client, server);
    AutonatClient autonat = closing(new AutonatClient(client, ANY));

    assertThat(autonat.ask(server.peerId(), List.of(at(client)), LIMIT))
        .isEqualTo(new Verdict.Reachable(at(client)));
    assertThat(autonat.ask(server.peerId(), List.of(closedPort(), at(client)), LIMIT))
        .as("one address is dialled, and no other")
        .isEqualTo(new Verdict.Unreachable(closedPort()));
    assertThat(client.connections()).as("the connection that was there stays").hasSize(1);
  }

  @Test
  void aServerDialsQuicBackAsItDoesTcp() throws Exception {
    TcpHost client =
        listening(
            Multiaddr.parse("/ip4/127.0.0.1/tcp/0"),
            Multiaddr.parse("/ip4/127.0.0.1/udp/0/quic-v1"));
    TcpHost server = server("127.0.0.2");
    connect(client, server);
    Deque<ReachabilityMonitor.State> states = new ConcurrentLinkedDeque<>();
    monitor(client, ANY, states);
    await()
        .atMost(LIMIT)
        .until(() -> states.stream().anyMatch(s -> s.addresses().equals(client.listenAddresses())));
  }

  @Test
  void anAddressElsewhereIsDialledOnceItIsPaidFor() throws Exception {
    TcpHost client = host("127.0.0.9");
    TcpHost server = server("127.0.0.2");
    connect(client, server); // which comes from 127.0.0.1
    AutonatClient autonat = closing(new AutonatClient(client, ANY));
    assertThat(autonat.ask(server.peerId(), List.of(at(client)), LIMIT))
        .isEqualTo(new Verdict.Reachable(at(client)));

    AtomicInteger dialled = new AtomicInteger();
    client.unhandle(AutonatMessages.DIAL_BACK);
    client.handle(AutonatMessages.DIAL_BACK, stream -> dialled.incrementAndGet());
    try (Stream stream = client.open(server.peerId(), requests(), LIMIT)) {
      request(stream, at(client), 7);
      long wanted = AutonatMessages.read(stream).getDialDataRequest().getNumBytes();
      assertThat(wanted).isBetween(30_000L, 100_000L);
      for (long sent = 0; sent < wanted - 2 * 4096; sent += 4096) {
        data(stream, 4096);
      }
      data(stream, 1); // too small a piece, and not the last
      assertThat(endsInOrder(stream)).as("an answer comes").isFalse();
    }
    assertThat(dialled).hasValue(0);
  }

  @Test
  void aBlockedPlaceIsNotDialledForAnybody() throws Exception {
    TcpHost client = host("127.0.0.9");
    TcpHost server = server("127.0.0.2");
    connect(client, server); // which comes from 127.0.0.1
    server.block(new BlockList(Set.of(), List.of(Subnet.parse("127.0.0.9"))));
    AutonatClient autonat = closing(new AutonatClient(client, ANY));
    assertThat(autonat.ask(server.peerId(), List.of(at(client)), LIMIT))
        .isInstanceOf(Verdict.Undecided.class);
    server.block(BlockList.NONE);
    assertThat(autonat.ask(server.peerId(), List.of(at(client)), LIMIT))
        .isEqualTo(new Verdict.Reachable(at(client)));
  }

  private static List<String> requests() {
    return List.of(AutonatMessages.DIAL_REQUEST);
  }

  private static void request(Stream stream, Multiaddr address, long nonce) throws Exception {
    stream.writeMessage(
        Message.newBuilder()
            .setDialRequest(
                DialRequest.newBuilder()
                    .addAddrs(ByteString.copyFrom(address.bytes()))
                    .setNonce(nonce))
            .build()
            .toByteArray());
  }

  private static void data(Stream stream, int size) throws Exception {
    stream.writeMessage(
        Message.newBuilder()
            .setDialDataResponse(
                DialDataResponse.newBuilder().setData(ByteString.copyFrom(new byte[size])))
            .build()
            .toByteArray());
  }

  private static boolean endsInOrder(Stream stream) {
    try {
      AutonatMessages.read(stream);
      return true;
    } catch (Libp2pException e) {
      return false;
    }
  }

  @Test
  void whatIsNotPublicIsNotDialledForAnybody() throws Exception {
    TcpHost client = host("127.0.0.1");
    TcpHost server = host("127.0.0.2");
    serve(server, Multiaddr::isPublic, AutonatServer.Limits.DEFAULT);
    connect(client, server);
    AutonatClient autonat = closing(new AutonatClient(client, ANY));
    List<Multiaddr> never =
        List.of(
            at(client),
            at(server),
            Multiaddr.parse("/ip4/192.168.1.1/tcp/80"),
            Multiaddr.parse("/dns4/example.org/tcp/80"));
    assertThat(autonat.ask(server.peerId(), never, LIMIT))
        .isInstanceOfSatisfying(
            Verdict.Undecided.class, undecided -> assertThat(undecided.why()).contains("101"));
  }

  @Test
  void aPeerThatAsksTooOftenIsRefused() throws Exception {
    TcpHost client = host("127.0.0.1");
    TcpHost server = host("127.0.0.2");
    serve(server, ANY, new AutonatServer.Limits(10, 2, 1));
    connect(client, server);
    AutonatClient autonat = closing(new AutonatClient(client, ANY));
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      verdicts.add(autonat.ask(server.peerId(), List.of(at(client)), LIMIT));
    }
    // A minute may end between two of them.
    assertThat(verdicts.stream().filter(Verdict.Reachable.class::isInstance)).hasSizeBetween(2, 4);
    assertThat(verdicts)
        .filteredOn(Verdict.Undecided.class::isInstance)
        .isNotEmpty()
        .allSatisfy(verdict -> assertThat(verdict.toString()).contains("100"));
  }

  @Test
  void aServerThatClaimsADialIsNotBelieved() throws Exception {
    TcpHost client = host("127.0.0.1");
    TcpHost liar = host("127.0.0.2");
    List<String> refusals = new CopyOnWriteArrayList<>();
    liar.handle(
        AutonatMessages.DIAL_REQUEST,
        stream -> {
          long nonce = AutonatMessages.read(stream).getDialRequest().getNonce();
          // The nonce comes, but over the connection that the client itself has opened.
          try (Stream back =
              liar.open(client.peerId(), List.of(AutonatMessages.DIAL_BACK), LIMIT)) {
            back.writeMessage(DialBack.newBuilder().setNonce(nonce).build().toByteArray());
            back.readMessage(64);
          } catch (Libp2pException e) {
            refusals.add(e.reason().name());
          }
          stream.writeMessage(
              Message.newBuilder()
                  .setDialResponse(
                      DialResponse.newBuilder()
                          .setStatus(DialResponse.ResponseStatus.OK)
                          .setDialStatus(DialStatus.OK))
                  .build()
                  .toByteArray());
        });
    connect(client, liar);
    AutonatClient autonat = closing(new AutonatClient(client, ANY));
    assertThat(autonat.ask(liar.peerId(), List.of(at(client)), LIMIT))
        .isInstanceOfSatisfying(
            Verdict.Undecided.class,
            undecided -> assertThat(undecided.why()).contains("never arrived"));
    assertThat(refusals).hasSize(1);
  }

  @Test
  void theMonitorFindsWhereOthersReachThisHost() throws Exception {
    TcpHost host = host("127.0.0.9");
    Deque<ReachabilityMonitor.State> states = new ArrayDeque<>();
    ReachabilityMonitor monitor = monitor(host, ANY, states);
    for (String place : List.of("127.0.0.2", "127.0.0.3", "127.0.0.4")) {
      connect(host, server(place));
    }
    await().until(() -> monitor.state().overall() == Reachability.REACHABLE);
    // It is seen at 127.0.0.1, where it dials from; but there it does not listen.
    assertThat(monitor.state().addresses()).containsExactly(at(host));
  }

  @Test
  void theMonitorKnowsWhenNobodyReachesThisHost() throws Exception {
    TcpHost host = host("127.0.0.9");
    Deque<ReachabilityMonitor.State> states = new ArrayDeque<>();
    // As behind a router: what it listens on is not outside, and where it is seen nobody listens.
    Predicate<Multiaddr> outside = address -> !address.toString().contains("127.0.0.9");
    ReachabilityMonitor monitor = monitor(host, outside, states);
    connect(host, server("127.0.0.2"));
    connect(host, server("127.0.0.3"));
    await().until(() -> monitor.state().overall() == Reachability.UNREACHABLE);
    assertThat(monitor.state().addresses()).isEmpty();
    assertThat(states).hasSize(1);
  }

  private ReachabilityMonitor monitor(
      TcpHost host, Predicate<Multiaddr> isOutside, Deque<ReachabilityMonitor.State> states) {
    AutonatClient client = closing(new AutonatClient(host, isOutside));
    ReachabilityMonitor monitor =
        closing(new ReachabilityMonitor(host, client, isOutside, states::add));
    monitor.start();
    return monitor;
  }

  @Test
  void whatIsAnnouncedReachesThePeers() throws Exception {
    TcpHost host = host("127.0.0.9");
    TcpHost other = host("127.0.0.2");
    connect(host, other);
    Multiaddr outside = Multiaddr.parse("/ip4/127.0.0.77/tcp/4001");
    host.announce(List.of(outside));
    await().until(() -> other.addresses(host.peerId()).contains(outside));
    assertThat(host.listenAddresses()).hasSize(2).startsWith(outside);
    host.announce(List.of());
    assertThat(host.listenAddresses()).hasSize(1);
  }
}
