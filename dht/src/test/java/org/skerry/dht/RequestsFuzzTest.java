package org.skerry.dht;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.dht.record.ProviderRecords;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.record.ValueRecords;
import org.skerry.dht.record.WordSetNamespace;
import org.skerry.dht.routing.AddressScope;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.Origin;
import org.skerry.dht.storage.Durability;
import org.skerry.dht.storage.MemoryKeyValueStore;
import org.skerry.dht.wire.KadMessage;
import org.skerry.dht.wire.KadMessageCodec;
import org.skerry.dht.wire.KadMessageCodec.MalformedMessageException;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.libp2p.multiformats.Varint;
import org.skerry.libp2p.testing.Hostile;
import org.skerry.libp2p.testing.RecordedStream;

class RequestsFuzzTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final PeerId SELF = peer("self");
  private static final PeerId NEIGHBOUR = peer("neighbour");

  /** The seeds' sender. */
  private static final PeerId STRANGER = new PeerId(Multihash.ofSha256(new byte[32]));

  private static final List<Multiaddr> ADDRESSES =
      List.of(
          Multiaddr.parse("/ip4/10.0.0.1/tcp/4001"), Multiaddr.parse("/ip4/203.0.113.7/tcp/4001"));

  private static PeerId peer(String name) {
    return new PeerId(Multihash.sha256(name.getBytes(StandardCharsets.US_ASCII)));
  }

  /** One peer, whom this node has a private and a public address of. */
  private static final class OneNeighbour implements KnownPeers {
    @Override
    public List<PeerId> closest(KademliaKey target, int count, PeerId except) {
      return List.of(NEIGHBOUR);
    }

    @Override
    public List<Multiaddr> addresses(PeerId peer) {
      return peer.equals(NEIGHBOUR) ? ADDRESSES : List.of();
    }

    @Override
    public boolean isConnected(PeerId peer) {
      return false;
    }

    @Override
    public Origin origin(PeerId peer) {
      return Origin.UNKNOWN;
    }
  }

  /** All requests of a stream, one after the other, from a public peer. */
  @FuzzTest
  void stream(byte[] in) {
    RecordStore store = RecordStore.inMemory();
    ValueRecords values =
        new ValueRecords(
            SELF,
            peer -> Origin.UNKNOWN,
            Map.of("a", new WordSetNamespace()),
            store,
            ValueRecords.Settings.defaults());
    ProviderRecords providers =
        new ProviderRecords(SELF, store, ProviderRecords.Settings.defaults());
    RequestHandler handler =
        new RequestHandler(20, new OneNeighbour(), values, providers, new Counters());
    RecordedStream stream = new RecordedStream("/ipfs/kad/1.0.0", in);
    MessageStream messages = new MessageStream(stream);
    while (true) {
      int before = stream.unread();
      Optional<byte[]> bytes =
          Hostile.read(Libp2pException.class, () -> messages.read(Duration.ofHours(1)))
              .flatMap(read -> read);
      assertThat(before - stream.unread())
          .isLessThanOrEqualTo(KadMessage.MAX_BYTES + Varint.MAX_BYTES);
      Optional<KadMessage> request =
          bytes.flatMap(some ->
              Hostile.read(MalformedMessageException.class, () -> KadMessageCodec.decode(some)));
      if (request.isEmpty()) {
        return;
      }
      check(handler.handle(STRANGER, AddressScope.PUBLIC, request.get(), NOW));
      assertThat(providers.count()).isLessThanOrEqualTo(in.length);
    }
  }

  private static void check(Kademlia.Outcome outcome) {
    if (outcome instanceof Kademlia.Reply(KadMessage reply)) {
      byte[] written = KadMessageCodec.encode(reply);
      assertThat(
              Hostile.read(MalformedMessageException.class, () -> KadMessageCodec.decode(written)))
          .contains(reply);
      reply.closer().forEach(RequestsFuzzTest::checkPublic);
      reply.providers().forEach(RequestsFuzzTest::checkPublic);
    }
  }

  /** No private address is told to a public peer. */
  private static void checkPublic(KadMessage.Peer peer) {
    assertThat(peer.addresses())
        .allSatisfy(address -> assertThat(AddressScope.of(address)).contains(AddressScope.PUBLIC));
  }

  /** An entry of the peer store, its key behind its size. */
  @FuzzTest
  void storedPeer(byte[] in) {
    int size = in.length == 0 ? 0 : Math.min(in[0] & 0xff, in.length - 1);
    MemoryKeyValueStore entries = new MemoryKeyValueStore();
    byte[] key = Arrays.copyOfRange(in, Math.min(1, in.length), Math.min(1, in.length) + size);
    byte[] value = Arrays.copyOfRange(in, Math.min(1, in.length) + size, in.length);
    entries.put(key, value, Durability.PROCESS_CRASH);
    PeerStore.Loaded loaded = PeerStore.on(entries).load();
    assertThat(loaded.peers().size() + loaded.unreadable()).isOne();
    for (Acquaintance known : loaded.peers()) {
      assertThat(known.peer().bytes()).isEqualTo(key);
    }
  }
}
