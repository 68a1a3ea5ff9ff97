package org.skerry.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.skerry.dht.TestNetwork.TIMEOUT;
import static org.skerry.dht.TestNetwork.bytes;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.record.RefusalLedger;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.wire.KadMessage;
import org.skerry.dht.wire.KadMessageCodec;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.libp2p.testing.MemoryHost;
import org.skerry.libp2p.testing.SimulatedNetwork;

class DhtTest {
  private static final int SIZE = 8;
  private static final byte[] KEY = bytes("/words/colours");
  private static final Multihash CONTENT = Multihash.sha256(bytes("a blob"));

  private final SimulatedNetwork wire = new SimulatedNetwork(42);
  private final TestNetwork network = new TestNetwork();

  @BeforeEach
  void startNodes() {
    for (int i = 0; i < SIZE; i++) {
      join(wire.host(), DhtConfig.defaults());
    }
    await().untilAsserted(() -> network.nodes.forEach(this::assertKnowsAll));
  }

  private void assertKnowsAll(Dht node) {
    if (node.routingTableSize() < SIZE - 1) {
      node.closest(KEY);
    }
    assertThat(node.routingTableSize()).isEqualTo(SIZE - 1);
  }

  private Dht join(Host host, DhtConfig config) {
    Dht node = network.add(host, config, RecordStore.inMemory());
    if (network.nodes.size() > 1) {
      assertThat(node.bootstrap(network.bootstrapAddresses())).isEqualTo(1);
    }
    return node;
  }

  @AfterEach
  void stop() {
    network.close();
    wire.close();
  }

  private Dht node(int i) {
    return network.nodes.get(i);
  }

  @Test
  void storesAValueAtEveryNodeOfASmallNetworkAndFindsItFromEach() {
    assertThat(node(1).put(KEY, bytes("red"))).extracting(PutResult::stored).isEqualTo(SIZE);
    for (Dht node : network.nodes) {
      assertThat(node.get(KEY, TIMEOUT)).hasValue(bytes("red"));
      assertThat(node.valueCount()).isEqualTo(1);
    }
  }

  @Test
  void mergesValuesOfAllWritersAtAllHolders() {
    for (int i = 0; i < SIZE; i++) {
      node(i).put(KEY, bytes("word" + i));
    }
    for (Dht node : network.nodes) {
      assertThat(node.get(KEY, TIMEOUT))
          .hasValue(bytes("word0 word1 word2 word3 word4 word5 word6 word7"));
    }
  }

  @Test
  void tellsHoldersWithAnOlderValueOfTheResultOfAGet() {
    wire.partition(List.of((MemoryHost) network.hosts.get(1), (MemoryHost) network.hosts.get(2)));
    node(1).put(KEY, bytes("left"));
    node(5).put(KEY, bytes("right"));
    wire.heal();
    network.clock.advance(Duration.ofMinutes(1));
    assertThat(node(1).get(KEY, TIMEOUT)).isPresent();
    await()
        .untilAsserted(() -> {
          for (Dht node : network.nodes) {
            assertThat(node.get(KEY, TIMEOUT)).hasValue(bytes("left right"));
          }
        });
    assertThat(network.nodes.stream().mapToLong(n -> n.counters().getOrDefault("repaired", 0L)))
        .satisfies(
            counts -> assertThat(counts.stream().mapToLong(Long::longValue).sum()).isPositive());
  }

  @Test
  void refusesAnInvalidValueBeforeAskingAnybody() {
    PutResult result = node(0).put(KEY, bytes("NOT WORDS"));
    assertThat(result.stored()).isZero();
    assertThat(result.refusal())
        .get()
        .extracting(Rejection::reason)
        .isEqualTo(Rejection.Reason.INVALID_RECORD);
    assertThat(node(0).put(bytes("/other/x"), bytes("red")).refusal())
        .get()
        .extracting(Rejection::reason)
        .isEqualTo(Rejection.Reason.UNKNOWN_NAMESPACE);
  }

  @Test
  void findsProvidersWithTheirAddressesFromEveryNode() {
    assertThat(node(3).provide(CONTENT)).isEqualTo(SIZE - 1);
    PeerAddresses expected =
        new PeerAddresses(network.hosts.get(3).peerId(), network.hosts.get(3).listenAddresses());
    for (int i = 0; i < SIZE; i++) {
      if (i != 3) {
        assertThat(node(i).findProviders(CONTENT, 5, TIMEOUT)).containsExactly(expected);
      }
    }
    assertThat(node(3).findProviders(CONTENT, 5, TIMEOUT)).isEmpty();
  }

  @Test
  void announcesAgainWhenDueAndForgetsProvidersThatDoNot() throws Exception {
    node(3).provide(CONTENT);
    node(4).provide(CONTENT);
    node(4).stopProviding(CONTENT);
    network.clock.advance(Duration.ofHours(23));
    node(3).maintain();
    network.clock.advance(Duration.ofHours(26));
    assertThat(node(0).findProviders(CONTENT, 5, TIMEOUT))
        .extracting(PeerAddresses::peer)
        .containsExactly(network.hosts.get(3).peerId());
  }

  @Test
  void findsAPeerItIsNotConnectedTo() {
    Host late = wire.host();
    Dht node = join(late, DhtConfig.defaults());
    late.connections().stream()
        .filter(c -> c.remotePeer().equals(network.hosts.get(5).peerId()))
        .forEach(c -> c.close());
    assertThat(node.findPeer(network.hosts.get(5).peerId()))
        .hasValueSatisfying(
            peer -> assertThat(peer.addresses()).isEqualTo(network.hosts.get(5).listenAddresses()));
    assertThat(node.findPeer(PeerId.ofBytes(Multihash.sha256(bytes("nobody")).bytes()))).isEmpty();
  }

  @Test
  void countsItselfAmongTheClosestAndAClientDoesNot() {
    assertThat(node(2).closest(KEY)).hasSize(SIZE).contains(network.hosts.get(2).peerId());
    Host clientHost = wire.host();
    Dht client = join(clientHost, DhtConfig.defaults().asClient());
    assertThat(client.closest(KEY)).hasSize(SIZE).doesNotContain(clientHost.peerId());
    assertThat(client.put(KEY, bytes("red")).stored()).isEqualTo(SIZE);
    assertThat(client.valueCount()).isZero();
    assertThat(node(0).peers()).doesNotContain(clientHost.peerId());
  }

  @Test
  void leavesTheTablesOfOthersWhenItCeasesToServeAndComesBack() {
    PeerId self = network.hosts.get(2).peerId();
    node(1).put(KEY, bytes("red"));
    node(2).serve(false);
    assertThat(node(2).isServing()).isFalse();
    await()
        .untilAsserted(() -> {
          for (int i = 0; i < SIZE; i++) {
            assertThat(node(i).peers()).doesNotContain(self);
          }
        });
    assertThat(node(2).closest(KEY)).hasSize(SIZE - 1).doesNotContain(self);
    assertThat(node(3).put(KEY, bytes("blue")).stored()).isEqualTo(SIZE - 1);
    assertThat(node(2).get(KEY, TIMEOUT)).as("it still asks").hasValue(bytes("blue red"));
    assertThat(node(2).valueCount()).as("what it held it keeps").isEqualTo(1);
    node(2).serve(true);
    await()
        .untilAsserted(() -> {
          for (int i = 0; i < SIZE; i++) {
            if (i != 2) {
              assertThat(node(i).peers()).contains(self);
            }
          }
        });
    assertThat(node(3).put(KEY, bytes("green")).stored()).isEqualTo(SIZE);
  }

  @Test
  void passesValuesOnToNodesThatCameLater() throws Exception {
    node(1).put(KEY, bytes("red"));
    Dht late = join(wire.host(), DhtConfig.defaults());
    assertThat(late.valueCount()).isZero();
    network.clock.advance(Duration.ofMinutes(80));
    node(2).maintain();
    assertThat(late.valueCount()).isEqualTo(1);
    assertThat(node(2).counters()).containsEntry("republished", 1L);
    node(3).maintain();
    assertThat(node(3).counters()).doesNotContainKey("republished");
  }

  @Test
  void letsAValueExpireThatOnlyItsHoldersPassOn() throws Exception {
    node(1).put(KEY, bytes("red"));
    for (int hour = 0; hour < 47; hour++) {
      network.clock.advance(Duration.ofHours(1));
      node(hour % SIZE).maintain();
    }
    assertThat(node(0).get(KEY, TIMEOUT)).isPresent();
    network.clock.advance(Duration.ofHours(1));
    for (Dht node : network.nodes) {
      assertThat(node.get(KEY, TIMEOUT)).isEmpty();
      node.maintain();
      assertThat(node.valueCount()).isZero();
    }
  }

  @Test
  void refusesAndCountsHostileRequestsAndStaysWell() throws Exception {
    Host stranger = wire.host();
    Host victim = network.hosts.get(0);
    stranger.addAddresses(victim.peerId(), victim.listenAddresses());
    byte[] longKey = new byte[5000];
    KadMessage put = KadMessage.of(KadMessage.Type.PUT_VALUE, KEY);
    KadMessage.Peer other =
        new KadMessage.Peer(
            network.hosts.get(1).peerId(), List.of(), KadMessage.ConnectionType.CONNECTED);
    assertRefused(stranger, victim, new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f});
    assertRefused(stranger, victim, new byte[] {3, 1, 2, 3});
    assertRefused(stranger, victim, new byte[] {2, 8, 77});
    assertRefused(stranger, victim, message(KadMessage.of(KadMessage.Type.FIND_NODE, longKey)));
    assertRefused(stranger, victim, message(KadMessage.of(KadMessage.Type.GET_VALUE, new byte[0])));
    assertRefused(stranger, victim, message(put));
    assertRefused(
        stranger,
        victim,
        message(put.withRecord(new KadMessage.Record(bytes("/words/x"), bytes("red"), ""))));
    assertRefused(
        stranger,
        victim,
        message(put.withRecord(new KadMessage.Record(KEY, bytes("INVALID"), ""))));
    assertRefused(
        stranger,
        victim,
        message(
            KadMessage.of(KadMessage.Type.ADD_PROVIDER, CONTENT.bytes())
                .withProviders(List.of(other))));
    assertRefused(
        stranger,
        victim,
        message(KadMessage.of(KadMessage.Type.ADD_PROVIDER, bytes("no multihash"))));
    assertThat(node(0).counters())
        .containsEntry("rejected.malformed", 3L)
        .containsEntry("rejected.too_large", 1L)
        .containsEntry("rejected.incomplete", 4L)
        .containsEntry("rejected.invalid_record", 1L)
        .containsEntry("rejected.not_the_sender", 1L);
    assertThat(node(0).refusals())
        .containsExactlyInAnyOrder(
            new RefusalLedger.Refusal(stranger.peerId(), "MALFORMED", 3),
            new RefusalLedger.Refusal(stranger.peerId(), "TOO_LARGE", 1),
            new RefusalLedger.Refusal(stranger.peerId(), "INCOMPLETE", 4),
            new RefusalLedger.Refusal(stranger.peerId(), "INVALID_RECORD", 1),
            new RefusalLedger.Refusal(stranger.peerId(), "NOT_THE_SENDER", 1));
    assertThat(node(0).providerCount()).isZero();
    assertThat(node(0).valueCount()).isZero();
    assertThat(node(0).put(KEY, bytes("red")).stored()).isEqualTo(SIZE);
  }

  @Test
  void refusesAndCountsMoreThanAPeersShareAndServesOthers() throws Exception {
    Host host = wire.host();
    Dht busy =
        join(
            host,
            DhtConfig.defaults().withInbound(new DhtConfig.InboundLimits(1, 3, 2, 100, TIMEOUT)));
    Host stranger = wire.host();
    stranger.addAddresses(host.peerId(), host.listenAddresses());
    byte[] ping = message(KadMessage.of(KadMessage.Type.PING, new byte[0]));
    try (Stream stream = stranger.open(host.peerId(), List.of(DhtConfig.PROTOCOL), TIMEOUT)) {
      stream.timeout(TIMEOUT);
      for (int i = 0; i < 3; i++) {
        stream.write(ByteBuffer.wrap(ping));
        assertThat(stream.readMessage(100)).isEqualTo(new byte[] {8, 5});
      }
      assertThat(outcome(stream, ping)).isEqualTo(Libp2pException.Reason.STREAM_RESET);
    }
    List<Stream> idle = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      idle.add(stranger.open(host.peerId(), List.of(DhtConfig.PROTOCOL), TIMEOUT));
    }
    await()
        .untilAsserted(() -> {
          assertRefused(stranger, host, ping);
          assertThat(busy.counters()).containsKey("rejected.too_many_at_once");
        });
    assertThat(busy.counters()).containsKey("rejected.rate_limited");
    idle.forEach(Stream::reset);
    assertThat(node(2).put(KEY, bytes("red")).stored()).isEqualTo(SIZE + 1);
  }

  @Test
  void refusesWhatALiarAnswersUnderItsNameAndTakesTheValueOfTheOthers() throws Exception {
    Host invalid = liar(bytes("INVALID"), KEY);
    Host elsewhere = liar(bytes("red"), bytes("/words/other"));
    node(1).put(KEY, bytes("red"));
    for (Host liar : List.of(invalid, elsewhere)) {
      await().until(() -> node(0).peers().contains(liar.peerId()));
    }
    assertThat(node(0).get(KEY, TIMEOUT)).hasValue(bytes("red"));
    assertThat(node(0).refusals())
        .containsExactlyInAnyOrder(
            new RefusalLedger.Refusal(invalid.peerId(), "INVALID_RECORD", 1),
            new RefusalLedger.Refusal(elsewhere.peerId(), "INCOMPLETE", 1));
  }

  private static KadMessage decode(byte[] bytes) {
    try {
      return KadMessageCodec.decode(bytes);
    } catch (KadMessageCodec.MalformedMessageException e) {
      throw new AssertionError(e);
    }
  }

  /** A host that joins as a server and answers every GET_VALUE with one record. */
  private Host liar(byte[] value, byte[] key) throws Libp2pException {
    Host liar = wire.host();
    liar.handle(
        DhtConfig.PROTOCOL,
        stream -> {
          KadMessage request = decode(stream.readMessage(KadMessage.MAX_BYTES));
          KadMessage reply = KadMessage.of(request.type(), request.key());
          stream.writeMessage(
              KadMessageCodec.encode(
                  request.type() == KadMessage.Type.GET_VALUE
                      ? reply.withRecord(new KadMessage.Record(key, value, ""))
                      : reply));
        });
    Host victim = network.hosts.get(0);
    victim.addAddresses(liar.peerId(), liar.listenAddresses());
    victim.connect(liar.peerId(), TIMEOUT);
    return liar;
  }

  private static byte[] message(KadMessage message) {
    byte[] body = KadMessageCodec.encode(message);
    byte[] size = org.skerry.libp2p.multiformats.Varint.encode(body.length);
    return ByteBuffer.allocate(size.length + body.length).put(size).put(body).array();
  }

  private static void assertRefused(Host from, Host to, byte[] sent) throws Exception {
    try (Stream stream = from.open(to.peerId(), List.of(DhtConfig.PROTOCOL), TIMEOUT)) {
      stream.timeout(TIMEOUT);
      assertThat(outcome(stream, sent)).isEqualTo(Libp2pException.Reason.STREAM_RESET);
    }
  }

  /** Why the request failed: the reset may come before it is written. */
  private static Libp2pException.Reason outcome(Stream stream, byte[] sent) {
    try {
      stream.write(ByteBuffer.wrap(sent));
      stream.read(ByteBuffer.allocate(1));
      throw new AssertionError("the request was answered");
    } catch (Libp2pException e) {
      return e.reason();
    }
  }

  @Test
  void returnsFromBootstrapWhenNobodyAnswers() {
    Host lonely = wire.host();
    Dht node = network.add(lonely);
    Multiaddr nobody =
        Multiaddr.parse("/ip4/10.9.9.9/tcp/4001")
            .withPeerId(PeerId.ofBytes(Multihash.sha256(bytes("nobody")).bytes()));
    assertThat(node.bootstrap(List.of(nobody, Multiaddr.parse("/ip4/10.9.9.9/tcp/4001")))).isZero();
    assertThat(node.put(KEY, bytes("red"))).extracting(PutResult::stored).isEqualTo(1);
    assertThat(node.get(KEY, TIMEOUT)).hasValue(bytes("red"));
  }

  @Test
  void joinsAgainByItselfOnceABootstrapPeerIsBack() throws Exception {
    Host host = wire.host();
    Dht node = network.add(host);
    wire.partition(List.of((MemoryHost) host));
    assertThat(node.bootstrap(network.bootstrapAddresses())).isZero();
    wire.heal();
    node.maintain();
    assertThat(node.routingTableSize()).isEqualTo(SIZE);
  }
}
