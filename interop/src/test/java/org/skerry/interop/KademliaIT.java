package org.skerry.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.skerry.dht.Dht;
import org.skerry.dht.DhtConfig;
import org.skerry.dht.PeerStore;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.routing.RoutingTable;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.Multihash;
import tools.jackson.databind.JsonNode;

/** A DHT of three Java nodes that js-libp2p nodes join. */
final class KademliaIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int RAW = 0x55;

  private static final List<Host> hosts = new ArrayList<>();
  private static final List<Dht> nodes = new ArrayList<>();
  private static JsPeer js;
  private static JsPeer jsLiar;

  @BeforeAll
  static void join() throws Exception {
    DhtConfig config =
        DhtConfig.defaults().withTable(RoutingTable.Settings.defaults().withoutGroupLimits());
    for (int i = 0; i < 3; i++) {
      hosts.add(Hosts.start());
      nodes.add(
          Dht.start(
              hosts.get(i),
              config,
              RecordStore.inMemory(),
              PeerStore.inMemory(),
              Map.of(TestNamespace.NAME, new TestNamespace())));
    }
    for (int i = 1; i < 3; i++) {
      assertThat(nodes.get(i).bootstrap(List.of(Hosts.address(hosts.getFirst())))).isEqualTo(1);
    }
    js = JsPeer.start(Map.of("dht", true));
    jsLiar = JsPeer.start(Map.of("dht", true, "acceptInvalid", true));
    for (JsPeer peer : List.of(js, jsLiar)) {
      for (Host host : hosts) {
        peer.run("dial", Map.of("address", Hosts.address(host).toString()));
      }
      await()
          .atMost(LIMIT)
          .until(() -> peer.run("routingTable", Map.of()).get("size").asInt() >= hosts.size());
    }
    for (Dht node : nodes) {
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(node.peers()).contains(js.peerId(), jsLiar.peerId()));
    }
  }

  @AfterAll
  static void stop() {
    if (jsLiar != null) {
      jsLiar.close();
    }
    if (js != null) {
      js.close();
    }
    nodes.forEach(Dht::close);
    hosts.forEach(Host::close);
  }

  @Test
  void javaGetsWhatJsPut() {
    JsonNode put = js.run("put", Map.of("key", "/skerrytest/from-js", "value", "hello from js"));
    assertThat(put.get("errors")).isEmpty();
    assertThat(put.get("stored").asInt()).isGreaterThanOrEqualTo(hosts.size());
    for (Dht node : nodes) {
      assertThat(node.get(key("from-js"), LIMIT)).map(KademliaIT::text).contains("hello from js");
    }
  }

  @Test
  void jsGetsWhatJavaPut() {
    assertThat(nodes.get(2).put(key("from-java"), "hello from java".getBytes(UTF_8)).stored())
        .isGreaterThanOrEqualTo(hosts.size() + 1);
    assertThat(values(js.run("get", Map.of("key", "/skerrytest/from-java"))))
        .isNotEmpty()
        .containsOnly("hello from java");
  }

  @Test
  void bothSelectTheGreaterValue() {
    js.run("put", Map.of("key", "/skerrytest/contest", "value", "a lower"));
    nodes.getFirst().put(key("contest"), "b higher".getBytes(UTF_8));
    assertThat(nodes.get(1).get(key("contest"), LIMIT)).map(KademliaIT::text).contains("b higher");
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(values(js.run("get", Map.of("key", "/skerrytest/contest"))))
                .contains("b higher"));
  }

  @Test
  void javaFindsJsAsProvider() {
    Multihash content = Multihash.sha256("provided by js".getBytes(UTF_8));
    JsonNode provided = js.run("provide", Map.of("cid", new Cid(RAW, content).toString()));
    assertThat(provided.get("errors")).isEmpty();
    List<PeerAddresses> found = nodes.get(1).findProviders(content, 5, LIMIT);
    assertThat(found)
        .singleElement()
        .satisfies(provider -> {
          assertThat(provider.peer()).isEqualTo(js.peerId());
          assertThat(provider.addresses()).contains(js.address().withoutPeerId());
        });
  }

  @Test
  void jsFindsJavaAsProvider() {
    Multihash content = Multihash.sha256("provided by java".getBytes(UTF_8));
    assertThat(nodes.get(2).provide(content)).isPositive();
    JsonNode found = js.run("findProviders", Map.of("cid", new Cid(RAW, content).toString()));
    JsonNode addresses = found.get("providers").get(hosts.get(2).peerId().toString());
    assertThat(addresses).as("providers %s", found).isNotNull();
    assertThat(addresses.values())
        .extracting(JsonNode::asString)
        .contains(hosts.get(2).listenAddresses().getFirst().toString());
  }

  @Test
  void eachFindsPeersOfTheOther() {
    Optional<PeerAddresses> found = nodes.get(2).findPeer(js.peerId());
    assertThat(found).map(PeerAddresses::addresses).isPresent().get().asList().isNotEmpty();
    JsonNode seen = js.run("findPeer", Map.of("peer", hosts.get(1).peerId().toString()));
    assertThat(seen.get("peer").asString()).isEqualTo(hosts.get(1).peerId().toString());
    assertThat(seen.get("addresses").values())
        .extracting(JsonNode::asString)
        .contains(hosts.get(1).listenAddresses().getFirst().toString());
  }

  @Test
  void javaRefusesAndCountsAnInvalidRecordFromJs() {
    long before = rejected("invalid_record");
    jsLiar.run("put", Map.of("key", "/skerrytest/lie", "value", "bad record"));
    assertThat(rejected("invalid_record") - before).isEqualTo(hosts.size());
    for (Dht node : nodes) {
      assertThat(node.get(key("lie"), LIMIT)).isEmpty();
    }
  }

  @Test
  void javaRefusesAndCountsANamespaceItDoesNotKnow() {
    long before = rejected("unknown_namespace");
    jsLiar.run("put", Map.of("key", "/elsewhere/x", "value", "x"));
    assertThat(rejected("unknown_namespace") - before).isEqualTo(hosts.size());
  }

  private static long rejected(String reason) {
    return nodes.stream()
        .mapToLong(node -> node.counters().getOrDefault("rejected." + reason, 0L))
        .sum();
  }

  private static byte[] key(String name) {
    return ("/" + TestNamespace.NAME + "/" + name).getBytes(UTF_8);
  }

  private static String text(byte[] value) {
    return new String(value, UTF_8);
  }

  private static List<String> values(JsonNode got) {
    return got.get("values").values().stream().map(v -> v.get("value").asString()).toList();
  }
}
