package org.skerry.node.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.merge.Board;
import org.skerry.board.record.RecordKey;
import org.skerry.dht.DhtConfig;
import org.skerry.dht.wire.KadMessage;
import org.skerry.dht.wire.KadMessageCodec;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.node.NodeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer that lies, for showing that nobody is harmed: it offers itself as a source of every blob
 * of a task (and serves them through {@link LyingBlobs}), and puts boards with forged signatures to
 * whoever holds the true ones.
 */
final class LiarLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(LiarLoop.class);
  private static final long ROUND_MS = 20_000;
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final PeerStack stack;
  private final TaskFinder finder;
  private final Pulse pulse = new Pulse();

  LiarLoop(PeerStack stack, TaskFinder finder) {
    this.stack = stack;
    this.finder = finder;
  }

  @Override
  public void run() {
    try {
      while (!pulse.isStopped()) {
        for (Task task : finder.tasks()) {
          lieAbout(task);
        }
        pulse.sleep(ROUND_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void stop() {
    pulse.stop();
  }

  private void lieAbout(Task task) {
    for (Unit unit : task.units()) {
      try (Blobs.Hold hold = stack.blobs().hold()) {
        UnitData.fetch(stack.blobs(), unit.indexBlob(), List.of(task.publisher()), hold);
        forge(task, unit);
      } catch (IOException | NodeException | RuntimeException e) {
        LOG.info("a lie about unit {} did not work: {}", unit.index(), e.getMessage());
      }
    }
  }

  private void forge(Task task, Unit unit) {
    Board board = stack.boards().board(task, unit.index());
    byte[] value = board.encoded();
    value[value.length - 1] ^= 1; // the last byte is of a signature, or of the charter's
    byte[] key = new RecordKey.BoardKey(task.id(), unit.index()).bytes();
    KadMessage lie =
        KadMessage.of(KadMessage.Type.PUT_VALUE, key)
            .withRecord(new KadMessage.Record(key, value, ""));
    for (PeerId peer : stack.dht().closest(key)) {
      if (!peer.equals(stack.host().peerId())) {
        send(peer, lie);
      }
    }
  }

  private void send(PeerId peer, KadMessage lie) {
    try (Stream stream = stack.host().open(peer, List.of(DhtConfig.PROTOCOL), LIMIT)) {
      stream.timeout(LIMIT);
      stream.writeMessage(KadMessageCodec.encode(lie));
      stream.readMessage(1 << 20);
    } catch (IOException e) {
      LOG.debug("{} does not listen to lies: {}", peer.shortText(), e.getMessage());
    }
  }
}
