package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;
import org.skerry.transfer.limit.UploadQueue;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;
import org.skerry.transfer.store.PartialBlob;

/**
 * A transfer whose fetching process is killed again and again, and starts again on the same store.
 * After each kill:
 *
 * <ul>
 *   <li>Whatever the store claims to hold is there and verifies, and nothing it held is lost.
 *   <li>Nothing stands under the blob's name unless it is the whole blob.
 *   <li>No chunk that was held is sent again.
 *   <li>Of what the process read and does not hold, there is at most one chunk per stream.
 *   <li>What was sent and is not held, is at most what a stream has on its way: that chunk, a
 *       window that is received and not read (320 KiB at first), and what the server has counted
 *       and not sent (256 KiB); three whole chunks and no fourth.
 * </ul>
 */
final class KilledTransfer implements AutoCloseable {
  private static final int SEEDS = 2;
  private static final long ON_THE_WAY = SEEDS * 3L * BlobHead.CHUNK_BYTES;

  /** Of a message with its proof, and of all other messages of one life. */
  private static final long FRAMING_OF_CHUNK = 512;

  private static final long FRAMING_OF_LIFE = 16 << 10;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** When a process is killed. */
  enum Moment {
    /** Right after the file of the blob's tree appeared, or the process began with it. */
    AT_FIRST,
    /** Up to 400 ms after the first chunk was sent. */
    MIDWAY,
    /** All chunks were sent: when the tree moves to its place, and the blob after it. */
    AT_PUBLISH
  }

  /** What a killed process left. */
  enum Left {
    NOTHING,
    TREE_WITHOUT_CHUNK,
    SOME_CHUNKS,
    ALL_CHUNKS,
    /** The tree stands in its place, the blob does not yet. */
    TREE_PUBLISHED,
    WHOLE
  }

  private final Path folder;
  private final Random random;
  private final BlobHead head;
  private final BlobId id;
  private final List<Peer> seeds = new ArrayList<>();
  private final BitSet sent = new BitSet(); // in this life; guarded by itself
  private final Map<Left, Integer> lefts = new EnumMap<>(Left.class);
  private BitSet held = new BitSet();
  private int kills;
  private long refetchedBytes;
  private long mostRefetchedBytes;
  private long mostReadInVain;

  /**
   * @param folder an empty one
   * @param rate bytes a second of both seeds together
   */
  KilledTransfer(Path folder, byte[] blob, long rate, long seed) throws IOException {
    this.folder = folder;
    this.random = new Random(seed);
    this.head = MerkleTree.of(blob).head();
    this.id = head.id();
    for (int i = 0; i < SEEDS; i++) {
      TcpHost host =
          TcpHost.start(
              PrivateKey.generate(new SecureRandom()),
              HostConfig.listening("test", Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
      Peer peer =
          new Peer(
              host,
              folder.resolve("seed-" + i),
              finder -> Gated.over(finder, this::sending),
              UploadLimits.DEFAULT,
              FetchLimits.DEFAULT,
              new UploadQueue(new Rates(rate / SEEDS, Rates.ANY), Quota.none()),
              DownloadBudget.unlimited());
      peer.store.add(blob);
      seeds.add(peer);
    }
  }

  /** Starts the process, and kills it at that moment. */
  void kill(Moment moment) throws IOException, InterruptedException {
    long before = sentBytes();
    synchronized (sent) {
      sent.clear();
    }
    Process child = start();
    try {
      switch (moment) {
        case AT_FIRST -> {
          until(child, () -> Files.exists(partialTree()));
          Thread.sleep(random.nextInt(3));
        }
        case MIDWAY -> {
          until(child, () -> sentChunks() > 0);
          Thread.sleep(20 + random.nextInt(380));
        }
        case AT_PUBLISH -> {
          // Some at any time from the last chunk on, some in the very moment of the moves.
          boolean early = random.nextBoolean();
          until(child, () -> sentChunks() >= missing() && (early || !Files.exists(partialTree())));
          Thread.sleep(random.nextInt(early ? 60 : 2));
        }
      }
    } finally {
      child.toHandle().destroyForcibly(); // SIGKILL
      child.waitFor();
    }
    assertThat(child.exitValue()).isEqualTo(137);
    kills++;
    check(before);
  }

  /** Lets the process go on to the end. */
  void finish() throws IOException, InterruptedException {
    Process child = start();
    try (BufferedReader lines = child.inputReader()) {
      assertThat(lines.readLine()).isEqualTo("done");
    } finally {
      child.toHandle().destroyForcibly();
      child.waitFor();
    }
    try (BlobStore store = BlobStore.open(victim())) {
      assertThat(store.verify(id).whole()).isTrue();
      assertThat(store.partials()).isEmpty();
      assertThat(store.damagedReads()).isZero();
    }
  }

  /** Takes the whole blob back to where it was right before it was published. */
  void unpublish() throws IOException {
    try (BlobStore store = BlobStore.open(victim())) {
      if (store.has(id)) {
        store.demote(id);
      }
    }
  }

  /** Whether nothing is left to transfer. */
  boolean isWhole() {
    return missing() == 0;
  }

  /** Throws away all that came. */
  void startOver() throws IOException {
    try (Stream<Path> files = Files.walk(victim())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    held = new BitSet();
  }

  private Process start() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                "-cp",
                System.getProperty("java.class.path"),
                FetchOverTcp.class.getName(),
                victim().toString(),
                id.toString(),
                readCount().toString()));
    for (Peer seed : seeds) {
      command.add(seed.host.listenAddresses().getFirst().withPeerId(seed.id()).toString());
    }
    Files.deleteIfExists(readCount());
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    // Not closed: that would end the child's input and output.
    assertThat(child.inputReader().readLine()).isEqualTo("ready");
    child.getOutputStream().write('\n');
    child.getOutputStream().flush();
    return child;
  }

  private void until(Process child, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean() && child.isAlive() && System.nanoTime() < deadline) {
      Thread.sleep(0, 200_000);
    }
  }

  private void check(long sentBefore) throws IOException {
    await().atMost(LIMIT).until(() -> seeds.stream().allMatch(s -> s.server.uploads() == 0));
    BitSet now;
    Left left;
    boolean treeThere = Files.exists(partialTree());
    boolean treeMoved = Files.exists(victim().resolve("trees").resolve(id.toString()));
    try (BlobStore store = BlobStore.open(victim())) {
      if (store.has(id)) {
        assertThat(store.verify(id).whole()).as("under the blob's name").isTrue();
        now = new BitSet();
        now.set(0, head.chunks());
        left = Left.WHOLE;
      } else {
        assertThat(store.find(id)).as("not whole, and to be read").isEmpty();
        now = heldBy(store);
        left =
            treeMoved
                ? Left.TREE_PUBLISHED
                : now.cardinality() == head.chunks()
                    ? Left.ALL_CHUNKS
                    : !now.isEmpty()
                        ? Left.SOME_CHUNKS
                        : treeThere ? Left.TREE_WITHOUT_CHUNK : Left.NOTHING;
      }
    }
    lefts.merge(left, 1, Integer::sum);
    BitSet lost = (BitSet) held.clone();
    lost.andNot(now);
    assertThat(lost).as("held before the kill, and lost by it").isEqualTo(new BitSet());
    synchronized (sent) {
      assertThat(sent.intersects(held)).as("held, and sent again").isFalse();
    }
    long refetched = sentBytes() - sentBefore - (size(now) - size(held));
    assertThat(refetched).as("bytes of one life that are sent again").isBetween(0L, ON_THE_WAY);
    long came = size(now) - size(held);
    long readInVain =
        readBytes() - came - FRAMING_OF_CHUNK * came / BlobHead.CHUNK_BYTES - FRAMING_OF_LIFE;
    assertThat(readInVain)
        .as("bytes that were read and are not held")
        .isLessThanOrEqualTo((long) SEEDS * BlobHead.CHUNK_BYTES);
    mostReadInVain = Math.max(mostReadInVain, readInVain);
    refetchedBytes += refetched;
    mostRefetchedBytes = Math.max(mostRefetchedBytes, refetched);
    held = now;
  }

  /** Opening drops what does not verify: there must be nothing to drop. */
  private BitSet heldBy(BlobStore store) throws IOException {
    if (!store.partials().contains(id) || store.partialHead(id).isEmpty()) {
      return new BitSet();
    }
    try (PartialBlob partial = store.openPartial(head)) {
      assertThat(partial.damagedChunks()).as("claimed, and not whole").isZero();
      return partial.have().bits();
    }
  }

  private void sending(int index) {
    synchronized (sent) {
      sent.set(index);
    }
  }

  private int sentChunks() {
    synchronized (sent) {
      return sent.cardinality();
    }
  }

  private int missing() {
    return head.chunks() - held.cardinality();
  }

  /** Chunks that the seeds have written, in bytes. */
  private long sentBytes() {
    return seeds.stream().mapToLong(seed -> seed.ledger.bytesUp()).sum();
  }

  /** What the process read from its streams, in bytes. */
  private long readBytes() throws IOException {
    return Files.exists(readCount())
        ? ByteBuffer.wrap(Files.readAllBytes(readCount())).getLong()
        : 0;
  }

  private Path readCount() {
    return folder.resolve("read");
  }

  private long size(BitSet chunks) {
    return chunks.stream().mapToLong(head::chunkSize).sum();
  }

  private Path victim() {
    return folder.resolve("victim");
  }

  private Path partialTree() {
    return victim().resolve("partial").resolve(id + ".tree");
  }

  /** The figures, in one line. */
  @Override
  public String toString() {
    return "%d kills of a transfer of %d bytes: %s; sent again %d bytes, %.2f chunks a kill, at most"
            .formatted(
                kills, head.sizeBytes(), lefts, refetchedBytes, chunks(refetchedBytes) / kills)
        + " %.0f; read and lost at most %.2f chunks a kill; sent in all %d bytes"
            .formatted(chunks(mostRefetchedBytes), chunks(mostReadInVain), sentBytes());
  }

  private static double chunks(long bytes) {
    return (double) bytes / BlobHead.CHUNK_BYTES;
  }

  @Override
  public void close() throws IOException {
    for (Peer seed : seeds) {
      seed.close();
    }
  }
}
