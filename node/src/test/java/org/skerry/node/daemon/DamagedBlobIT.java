package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.fetch.Progress;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DamagedBlobIT {
  private static final int SIZE = 600_000;
  private static final long SEED = 11;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"cut short", "one bit"})
  void isWholeAgainWhenItIsFetchedAgain(String damage) throws Exception {
    byte[] bytes = new byte[SIZE];
    new Random(SEED).nextBytes(bytes);
    try (SimulatedNetwork network = new SimulatedNetwork(SEED);
        TestPeer author = new TestPeer(network, TestPeer.key(1), folder.resolve("author"));
        TestPeer consumer = new TestPeer(network, TestPeer.key(2), folder.resolve("consumer"))) {
      consumer.join(author);
      BlobId blob = author.stack().blobs().add(Files.write(folder.resolve("file"), bytes));
      Path file = fetch(consumer, blob, author);
      byte[] damaged = Arrays.copyOf(bytes, damage.equals("cut short") ? SIZE / 2 : SIZE);
      damaged[SIZE / 3] ^= 1;
      Files.write(file, damaged);

      assertThat(fetch(consumer, blob, author)).hasBinaryContent(bytes);
    }
  }

  /** Whoever serves a blob that the disk has spoilt fetches just the spoilt chunk again. */
  @Test
  void mendsItselfWhenAReaderFindsTheDamage() throws Exception {
    byte[] bytes = new byte[SIZE];
    new Random(SEED).nextBytes(bytes);
    try (SimulatedNetwork network = new SimulatedNetwork(SEED);
        TestPeer author = new TestPeer(network, TestPeer.key(1), folder.resolve("author"));
        TestPeer server = new TestPeer(network, TestPeer.key(2), folder.resolve("server"))) {
      server.join(author);
      BlobId blob = author.stack().blobs().add(Files.write(folder.resolve("file"), bytes));
      Path file = fetch(server, blob, author);
      long before = received(server);
      byte[] damaged = bytes.clone();
      damaged[SIZE / 2] ^= 1;
      Files.write(file, damaged);

      try (ChunkSource source = server.stack().blobs().store().find(blob).orElseThrow()) {
        assertThat(source.chunk(0)).isPresent();
        assertThat(source.chunk(1)).isEmpty();
      }
      await().untilAsserted(() -> assertThat(file).hasBinaryContent(bytes));
      assertThat(received(server) - before).isEqualTo(BlobHead.CHUNK_BYTES);
    }
  }

  @Test
  void servesWhatIsGoodWhileNobodyElseHasTheBlob() throws Exception {
    byte[] bytes = new byte[SIZE];
    new Random(SEED).nextBytes(bytes);
    try (SimulatedNetwork network = new SimulatedNetwork(SEED);
        TestPeer author = new TestPeer(network, TestPeer.key(1), folder.resolve("author"))) {
      Blobs blobs = author.stack().blobs();
      BlobId blob = blobs.add(Files.write(folder.resolve("file"), bytes));
      bytes[SIZE / 2] ^= 1;
      Files.write(blobs.store().path(blob), bytes);

      try (ChunkSource source = blobs.store().find(blob).orElseThrow()) {
        assertThat(source.chunk(1)).isEmpty();
        await().during(2, TimeUnit.SECONDS).until(() -> blobs.store().has(blob));
        assertThat(source.chunk(0)).isPresent();
      }
    }
  }

  private static long received(TestPeer peer) {
    return peer.stack().ledger().traffic().stream()
        .mapToLong(TransferLedger.Traffic::bytesDown)
        .sum();
  }

  private static Path fetch(TestPeer consumer, BlobId blob, TestPeer author) throws Exception {
    return consumer.stack().blobs().fetchWhole(blob, List.of(author.id()), Progress.Listener.NONE);
  }
}
