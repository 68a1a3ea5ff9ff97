package org.skerry.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.Host;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.MerkleProof;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.limit.UploadQueue;
import org.skerry.transfer.serve.BlobServer;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;
import org.skerry.transfer.store.PartialBlob;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code js/blob.mjs}, which was written from docs/PROTOCOL.md alone, fetches from this side's
 * server.
 */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
final class BlobClientIT {
  private static final int FOUR_CHUNKS = 3 * BlobHead.CHUNK_BYTES + 100;
  private static final Duration LIMIT = Duration.ofSeconds(200);

  @TempDir Path folder;
  private Host host;
  private BlobStore store;
  private final TransferLedger ledger = new TransferLedger();

  @BeforeEach
  void start() throws IOException {
    host = Hosts.start();
    store = BlobStore.open(Files.createDirectories(folder.resolve("store")));
  }

  @AfterEach
  void stop() throws IOException {
    host.close();
    store.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, BlobHead.CHUNK_BYTES, FOUR_CHUNKS, 20 << 20})
  void fetchesAndProvesABlob(int size) throws Exception {
    byte[] blob = random(size);
    BlobId id = store.add(blob);
    serve(store);
    Client client = new Client(id);
    JsonNode said = client.said();
    assertThat(client.exitCode()).as(said.toString()).isZero();
    assertThat(said.get("blob").asString()).isEqualTo(id.toString());
    assertThat(said.get("bytes").asInt()).isEqualTo(size);
    assertThat(said.get("chunks").asInt()).isEqualTo(MerkleTree.of(blob).head().chunks());
    assertThat(said.get("sha256").asString()).isEqualTo(sha256(blob));
    assertThat(client.file).hasBinaryContent(blob);
    assertThat(ledger.bytesUp()).isEqualTo(size);
  }

  @ParameterizedTest
  @EnumSource
  void refusesANodeThatLies(Lie lie) throws Exception {
    BlobId id = store.add(random(FOUR_CHUNKS));
    serve(blob -> store.find(blob).map(genuine -> new LyingSource(genuine, lie)));
    Client client = new Client(id);
    JsonNode said = client.said();
    assertThat(client.exitCode()).isEqualTo(1);
    assertThat(said.get("error").asString()).as(said.toString()).isEqualTo(lie.reason);
    assertThat(said.get("message").asString()).contains(lie.message);
    try (var files = Files.list(folder.resolve("fetched"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void waitsForTheRestOfWhatTheNodeItselfIsFetching() throws Exception {
    byte[] blob = random(FOUR_CHUNKS);
    MerkleTree tree = MerkleTree.of(blob);
    try (PartialBlob partial = store.openPartial(tree.head())) {
      keep(partial, blob, tree, 1, 3);
      serve(store);
      Client client = new Client(tree.head().id());
      await().atMost(LIMIT).until(() -> ledger.bytesUp() == BlobHead.CHUNK_BYTES + 100);
      keep(partial, blob, tree, 0, 2);
      JsonNode said = client.said();
      assertThat(client.exitCode()).as(said.toString()).isZero();
      assertThat(client.file).hasBinaryContent(blob);
    }
  }

  @Test
  void saysThatTheNodeHasNothingOfTheBlob() throws Exception {
    serve(store);
    Client client = new Client(MerkleTree.of(random(1)).head().id());
    assertThat(client.said().get("error").asString()).isEqualTo("NOT_FOUND");
    assertThat(client.exitCode()).isEqualTo(1);
  }

  private void serve(ChunkSource.Finder sources) {
    new BlobServer(host, sources, ledger, UploadLimits.DEFAULT, UploadQueue.unlimited()).start();
  }

  private static void keep(PartialBlob partial, byte[] blob, MerkleTree tree, int... chunks)
      throws IOException {
    for (int index : chunks) {
      ByteBuffer data =
          ByteBuffer.wrap(blob, (int) tree.head().offset(index), tree.head().chunkSize(index));
      partial.keep(new ProvenChunk(index, data, tree.proof(index)));
    }
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  /** The JavaScript client in a process of its own. */
  private final class Client {
    final Path file;
    private final Path out;
    private final Process process;

    Client(BlobId blob) throws IOException {
      file = Files.createDirectories(folder.resolve("fetched")).resolve("blob");
      out = folder.resolve("client.out");
      process =
          new ProcessBuilder(
                  "node", "blob.mjs", Hosts.address(host).toString(), blob.toString(), "" + file)
              .directory(JsPeer.FOLDER.toFile())
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
    }

    /** Its last line. */
    JsonNode said() throws Exception {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      String all = Files.readString(out);
      assertThat(all).as("what the client said").isNotBlank();
      return JsonMapper.shared().readTree(all.strip().lines().toList().getLast());
    }

    int exitCode() throws InterruptedException {
      return process.waitFor();
    }
  }

  /** How a node lies about its third chunk, or the head; and what the client must call it. */
  enum Lie {
    WRONG_HEAD("WRONG_HEAD", "the head is not that of"),
    WRONG_BYTE("BAD_CHUNK", "chunk 2 does not lead to the root"),
    SHORT_CHUNK("BAD_CHUNK", "chunk 2 has 262143 bytes"),
    WRONG_PROOF("BAD_CHUNK", "chunk 2 does not lead to the root"),
    SHORT_PROOF("BAD_PROOF", "the proof of chunk 2 has 32 bytes"),
    OTHER_CHUNK("UNREQUESTED_CHUNK", "chunk 1 came where chunk 2 was due"),
    NO_CHUNK("GONE", "refuses to send a chunk");

    private final String reason;
    private final String message;

    Lie(String reason, String message) {
      this.reason = reason;
      this.message = message;
    }
  }

  private record LyingSource(ChunkSource genuine, Lie lie) implements ChunkSource {
    @Override
    public BlobHead head() {
      BlobHead head = genuine.head();
      return lie == Lie.WRONG_HEAD ? new BlobHead(head.sizeBytes() + 1, head.root()) : head;
    }

    @Override
    public ChunkSet have() {
      return genuine.have();
    }

    @Override
    public Optional<ProvenChunk> chunk(int index) throws IOException {
      ProvenChunk chunk = genuine.chunk(index).orElseThrow();
      if (index != 2) {
        return Optional.of(chunk);
      }
      byte[] data = new byte[chunk.data().remaining()];
      chunk.data().get(data);
      byte[] proof = chunk.proof().bytes();
      switch (lie) {
        case WRONG_HEAD -> {}
        case WRONG_BYTE -> data[data.length - 1] ^= 1;
        case SHORT_CHUNK -> data = Arrays.copyOf(data, data.length - 1);
        case WRONG_PROOF -> proof[proof.length - 1] ^= 1;
        case SHORT_PROOF -> proof = Arrays.copyOf(proof, proof.length - MerkleTree.HASH_BYTES);
        case OTHER_CHUNK -> {
          return genuine.chunk(1);
        }
        case NO_CHUNK -> {
          return Optional.empty();
        }
      }
      return Optional.of(new ProvenChunk(index, ByteBuffer.wrap(data), MerkleProof.ofBytes(proof)));
    }

    @Override
    public void close() {
      genuine.close();
    }
  }
}
