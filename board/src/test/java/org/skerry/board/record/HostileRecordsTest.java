package org.skerry.board.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.PUBLISHER;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Succession;
import org.skerry.board.document.Task;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.PeerBudgets;
import org.skerry.board.merge.VerifiedEnvelopes;
import org.skerry.dht.Dht;
import org.skerry.dht.DhtConfig;
import org.skerry.dht.PeerStore;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.record.RefusalLedger;
import org.skerry.dht.wire.KadMessage;
import org.skerry.dht.wire.KadMessageCodec;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.testing.FakeClock;
import org.skerry.libp2p.testing.SimulatedNetwork;

/** Records of hostile peers, put to a node of a DHT: refused, and counted under the sender's id. */
final class HostileRecordsTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int BUDGET = 8;
  private static final Task TASK = Samples.task();
  private static final byte[] TASK_KEY = new RecordKey.TaskKey(TASK.id()).bytes();
  private static final byte[] CATALOG_KEY =
      new RecordKey.CatalogKey(Samples.peer(PUBLISHER)).bytes();
  private static final byte[] BOARD_KEY = new RecordKey.BoardKey(TASK.id(), 0).bytes();

  private final SimulatedNetwork wire = new SimulatedNetwork(7);
  private final FakeClock clock = new FakeClock();
  private final List<Dht> nodes = new ArrayList<>();
  private final Host victim = wire.host();
  private final Host honest = wire.host();
  private final Host liar = wire.host();

  @BeforeEach
  void start() {
    for (Host host : List.of(victim, honest)) {
      nodes.add(
          Dht.start(
              host,
              DhtConfig.defaults(),
              RecordStore.inMemory(),
              PeerStore.inMemory(),
              Map.of(SkerryNamespace.NAME, namespace()),
              clock,
              Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory()),
              RandomGenerator.of("L64X128MixRandom")));
    }
    liar.addAddresses(victim.peerId(), victim.listenAddresses());
    assertThat(
            nodes
                .get(1)
                .bootstrap(
                    List.of(victim.listenAddresses().getFirst().withPeerId(victim.peerId()))))
        .isEqualTo(1);
  }

  private SkerryNamespace namespace() {
    RefusalCounts counts = new RefusalCounts();
    return new SkerryNamespace(
        new VerifiedEnvelopes(1000),
        new PeerBudgets(1, BUDGET, clock),
        counts,
        new EquivocationLog(counts));
  }

  @AfterEach
  void stop() {
    nodes.forEach(Dht::close);
    wire.close();
  }

  private Dht node() {
    return nodes.getFirst();
  }

  private static byte[] catalog(long sequence) {
    return SignedDocument.seal(PUBLISHER, Samples.catalog(sequence)).bytes();
  }

  private static byte[] board(long sequence) {
    return Board.empty(TASK.charter(), 0)
        .with(
            SignedDocument.seal(VOLUNTEER, Samples.claim(VOLUNTEER, TASK.id(), 0, NOW + sequence)))
        .encoded();
  }

  /** With one bit of the last signature turned. */
  private static byte[] forged(byte[] record, byte[] signedPart) {
    byte[] out = record.clone();
    for (int at = 0; at + signedPart.length <= out.length; at++) {
      if (java.util.Arrays.equals(
          out, at, at + signedPart.length, signedPart, 0, signedPart.length)) {
        out[at + signedPart.length - 1] ^= 1;
        return out;
      }
    }
    throw new AssertionError("the record does not hold the envelope");
  }

  private void put(Host from, byte[] key, byte[] value) throws Libp2pException {
    try (Stream stream = from.open(victim.peerId(), List.of(DhtConfig.PROTOCOL), LIMIT)) {
      stream.timeout(LIMIT);
      stream.writeMessage(
          KadMessageCodec.encode(
              KadMessage.of(KadMessage.Type.PUT_VALUE, key)
                  .withRecord(new KadMessage.Record(key, value, ""))));
      stream.readMessage(KadMessage.MAX_BYTES);
    }
  }

  private void assertRefused(Host from, byte[] key, byte[] value) {
    assertThatThrownBy(() -> put(from, key, value)).isInstanceOf(Libp2pException.class);
  }

  @Test
  void refusesForgedTasksCatalogsAndBoardsUnderTheSendersName() throws Exception {
    byte[] charter = TASK.charter().bytes();
    assertRefused(liar, TASK_KEY, forged(TASK.encoded(), charter));
    assertRefused(liar, CATALOG_KEY, forged(catalog(NOW), catalog(NOW)));
    assertRefused(liar, BOARD_KEY, forged(board(1), charter));
    assertRefused(
        liar,
        CATALOG_KEY,
        SignedDocument.seal(VOLUNTEER, Samples.claim(VOLUNTEER, TASK.id(), 0, NOW)).bytes());
    assertThat(node().refusals())
        .containsExactlyInAnyOrder(
            new RefusalLedger.Refusal(liar.peerId(), "BAD_SIGNATURE", 3),
            new RefusalLedger.Refusal(liar.peerId(), "WRONG_KIND", 1));
    assertThat(node().valueCount()).isZero();
    assertThat(nodes.get(1).put(BOARD_KEY, board(1)).stored()).isEqualTo(2);
    assertThat(nodes.get(1).refusals()).isEmpty();
  }

  @Test
  void refusesForgedStatementsAboutKeysAndThoseUnderAnotherSignersName() throws Exception {
    SignedDocument<Succession> said = Samples.succession(PUBLISHER, PUBLISHER, VOLUNTEER);
    byte[] key =
        new RecordKey.StatementsKey(Samples.peer(PUBLISHER), Samples.peer(PUBLISHER)).bytes();
    byte[] record = KeyRecord.of(said).encoded();
    assertRefused(liar, key, forged(record, said.bytes()));
    assertRefused(liar, key, forged(record, said.document().consent().bytes()));
    SignedDocument<Succession> stranger = Samples.succession(VOLUNTEER, PUBLISHER, VOLUNTEER);
    assertRefused(liar, key, KeyRecord.of(stranger).encoded());
    assertThat(node().refusals())
        .containsExactlyInAnyOrder(
            new RefusalLedger.Refusal(liar.peerId(), "BAD_SIGNATURE", 2),
            new RefusalLedger.Refusal(liar.peerId(), "ID_MISMATCH", 1));
    assertThat(node().valueCount()).isZero();
    put(liar, key, record);
    assertThat(node().valueCount()).isEqualTo(1);
  }

  @Test
  void doesNotLetALiarsSpentBudgetCostAnHonestPeerAnything() throws Exception {
    for (int i = 0; i < BUDGET; i++) {
      assertRefused(liar, CATALOG_KEY, forged(catalog(NOW + i), catalog(NOW + i)));
    }
    assertRefused(liar, CATALOG_KEY, catalog(NOW + 100));
    assertThat(node().refusals())
        .containsExactly(
            new RefusalLedger.Refusal(liar.peerId(), "BAD_SIGNATURE", BUDGET),
            new RefusalLedger.Refusal(liar.peerId(), "BUDGET_EXHAUSTED", 1));
    assertThat(nodes.get(1).put(CATALOG_KEY, catalog(NOW + 100)).stored()).isEqualTo(2);
    put(liar, CATALOG_KEY, catalog(NOW + 100)); // known by now, so it costs nothing
    assertRefused(liar, CATALOG_KEY, catalog(NOW + 101));
    clock.advance(Duration.ofSeconds(1));
    put(liar, CATALOG_KEY, catalog(NOW + 101));
    assertThat(nodes.get(1).get(CATALOG_KEY, LIMIT)).hasValue(catalog(NOW + 101));
  }
}
