package org.skerry.transfer.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.DataFormatException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.multiformats.Varint;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.MerkleProof;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.TransferLedger.Refusal;
import org.skerry.transfer.TransferLedger.Rejection;
import org.skerry.transfer.limit.UploadQueue;
import org.skerry.transfer.serve.BlobServer;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;
import org.skerry.transfer.wire.Response.Why;

@Timeout(30)
class BlobWireTest {
  @TempDir java.nio.file.Path folder;
  private final SimulatedNetwork network = new SimulatedNetwork(1);
  private final Host server = network.host();
  private final Host client = network.host();
  private final TransferLedger ledger = new TransferLedger();
  private final byte[] blob = TestBlobs.chunks(5, 1);
  private final BlobHead head = MerkleTree.of(blob).head();
  private BlobStore store;

  @BeforeEach
  void serve() throws IOException {
    store = BlobStore.open(folder);
    store.add(blob);
    network.introduceAll();
    new BlobServer(
            server,
            store,
            ledger,
            new UploadLimits(2, 1, Duration.ofSeconds(1)),
            UploadQueue.unlimited())
        .start();
  }

  @AfterEach
  void close() throws IOException {
    network.close();
    store.close();
  }

  @Test
  void everyMessageComesBackAsItWas() throws IOException {
    BitSet some = new BitSet();
    some.set(2);
    some.set(4);
    List<Response> responses =
        List.of(
            new Response.Opened(head, ChunkSet.all(5)),
            new Response.Opened(head, ChunkSet.of(5, some)),
            new Response.Have(ChunkSet.of(5, new BitSet())),
            Response.Chunk.plain(TestBlobs.chunk(blob, 4)),
            new Response.Chunk(TestBlobs.chunk(blob, 4), true),
            new Response.Refusal(Why.GONE, 3),
            new Response.Refusal(Why.NOT_FOUND, 0));
    for (Response response : responses) {
      assertThat(BlobWire.decode(ByteBuffer.wrap(BlobWire.encode(response)), Optional.of(head)))
          .isEqualTo(response);
    }
  }

  @Test
  void theBytesOnTheWireAreTheDocumentedOnes() {
    assertThat(HexFormat.of().formatHex(BlobWire.encode(new Response.Refusal(Why.GONE, 3))))
        .isEqualTo("2204" + "0803" + "1003");
    ProvenChunk chunk =
        new ProvenChunk(7, ByteBuffer.wrap(new byte[] {9}), MerkleProof.ofBytes(new byte[0]));
    assertThat(HexFormat.of().formatHex(BlobWire.encode(Response.Chunk.plain(chunk))))
        .isEqualTo("1205" + "0807" + "1a0109");
    assertThat(HexFormat.of().formatHex(BlobWire.encode(new Response.Chunk(chunk, true))))
        .isEqualTo("1207" + "0807" + "1a0109" + "2001");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 4})
  void framesAChunkAsItsMessageWithTheLengthBeforeIt(int index) {
    for (int size : new int[] {1, 100, 20_000, BlobHead.CHUNK_BYTES}) {
      ProvenChunk chunk =
          new ProvenChunk(
              index,
              ByteBuffer.wrap(TestBlobs.random(size, index)),
              MerkleProof.ofBytes(TestBlobs.random(index * 32 % 640, size)));
      for (boolean planes : new boolean[] {false, true}) {
        Response.Chunk response = new Response.Chunk(chunk, planes);
        byte[] message = BlobWire.encode(response);
        byte[] length = Varint.encode(message.length);
        ByteBuffer framed = ByteBuffer.allocate(length.length + message.length);
        BlobWire.framed(response).forEach(framed::put);
        assertThat(framed.flip())
            .isEqualTo(
                ByteBuffer.allocate(length.length + message.length)
                    .put(length)
                    .put(message)
                    .flip());
      }
    }
  }

  @Test
  void theLongestResponseFitsItsLimit() {
    BitSet holes = new BitSet();
    holes.set(BlobHead.MAX_CHUNKS - 1);
    ChunkSet have = ChunkSet.of(BlobHead.MAX_CHUNKS, holes);
    ProvenChunk chunk =
        new ProvenChunk(
            BlobHead.MAX_CHUNKS - 1,
            ByteBuffer.wrap(new byte[BlobHead.CHUNK_BYTES]),
            MerkleProof.ofBytes(new byte[MerkleProof.MAX_BYTES]));
    assertThat(BlobWire.encode(new Response.Have(have)).length)
        .isLessThan(BlobWire.MAX_RESPONSE_BYTES);
    assertThat(BlobWire.encode(new Response.Chunk(chunk, true)).length)
        .isLessThan(BlobWire.MAX_RESPONSE_BYTES);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void damagedMessagesAreRefusedOrDecodedButNeverCrash(long seed) {
    Random random = new Random(seed);
    byte[] genuine = BlobWire.encode(new Response.Opened(head, ChunkSet.all(5)));
    int refused = 0;
    for (int i = 0; i < 2_000; i++) {
      byte[] damaged = Arrays.copyOf(genuine, random.nextInt(genuine.length + 1));
      for (int j = 0; damaged.length > 0 && j < 3; j++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        BlobWire.decode(ByteBuffer.wrap(damaged), Optional.of(head));
      } catch (BlobWire.MalformedException e) {
        refused++;
      }
    }
    assertThat(refused).as("seed %s", seed).isBetween(1000, 2000);
  }

  @Test
  void refusesABitmapThatDoesNotFitTheBlob() {
    Response.Have other = new Response.Have(ChunkSet.of(50, new BitSet()));
    assertThatThrownBy(
            () -> BlobWire.decode(ByteBuffer.wrap(BlobWire.encode(other)), Optional.of(head)))
        .isInstanceOf(BlobWire.MalformedException.class)
        .hasMessageContaining("7 bytes for 5 chunks");
  }

  @Test
  void refusesAChunkInAnUnknownEncoding() {
    assertThatThrownBy(() ->
            BlobWire.decode(
                ByteBuffer.wrap(HexFormat.of().parseHex("1207" + "0807" + "1a0109" + "2002")),
                Optional.of(head)))
        .isInstanceOf(BlobWire.MalformedException.class)
        .hasMessageContaining("unknown encoding");
  }

  @Test
  void sendsPlanesOnlyToWhoAsksForThemAndOnlyWhereTheyAreSmaller()
      throws IOException, DataFormatException {
    byte[] weights = TestBlobs.weights(BlobHead.CHUNK_BYTES, 1);
    byte[] both = Arrays.copyOf(weights, 2 * BlobHead.CHUNK_BYTES);
    System.arraycopy(blob, 0, both, weights.length, BlobHead.CHUNK_BYTES);
    BlobHead head = MerkleTree.of(both).head();
    store.add(both);
    List<Response> plain =
        List.of(
            Response.Chunk.plain(TestBlobs.chunk(both, 0)),
            Response.Chunk.plain(TestBlobs.chunk(both, 1)));
    Response.Chunk small;
    try (Stream stream = open(head)) {
      stream.writeMessage(HexFormat.of().parseHex("12021002")); // as before there were encodings
      assertThat(List.of(read(stream, head), read(stream, head))).isEqualTo(plain);
      stream.writeMessage(HexFormat.of().parseHex("120510021a0107")); // encodings to come
      assertThat(List.of(read(stream, head), read(stream, head))).isEqualTo(plain);
      stream.writeMessage(HexFormat.of().parseHex("120610021a020701"));
      small = (Response.Chunk) read(stream, head);
      assertThat(read(stream, head)).isEqualTo(plain.getLast());
    }
    assertThat(small.wireBytes()).isLessThan(BlobHead.CHUNK_BYTES * 7 / 10);
    assertThat(small.decoded(BlobHead.CHUNK_BYTES)).isEqualTo(TestBlobs.chunk(both, 0));
    // The last chunk is counted after it was sent.
    await()
        .untilAsserted(() ->
            assertThat(ledger.bytesUp()).isEqualTo(5L * BlobHead.CHUNK_BYTES + small.wireBytes()));
  }

  private static Response read(Stream stream, BlobHead head) throws IOException {
    return BlobWire.read(stream, head, BlobWire.room(head));
  }

  @Test
  void readsAllChunksIntoOneRoom() throws IOException {
    byte[] room = BlobWire.room(head);
    try (Stream stream = open()) {
      BlobWire.write(stream, new Request.Want(0, 2, false));
      for (int i = 0; i < 2; i++) {
        Response.Chunk read = (Response.Chunk) BlobWire.read(stream, head, room);
        assertThat(read).isEqualTo(Response.Chunk.plain(TestBlobs.chunk(blob, i)));
        assertThat(read.chunk().data().array()).isSameAs(room);
      }
    }
  }

  @Test
  void servesARangeInOrder() throws IOException {
    try (Stream stream = open()) {
      BlobWire.write(stream, new Request.Want(2, 3, true));
      for (int i = 2; i < 5; i++) {
        assertThat(read(stream, head)).isEqualTo(Response.Chunk.plain(TestBlobs.chunk(blob, i)));
      }
    }
  }

  @Test
  void answersAnUnknownBlobWithNotFound() throws IOException {
    BlobId unknown = MerkleTree.of(new byte[] {1}).head().id();
    try (Stream stream = client.open(server.peerId(), List.of(BlobWire.PROTOCOL), SECOND)) {
      BlobWire.write(stream, new Request.Open(unknown));
      assertThat(BlobWire.readFirst(stream)).isEqualTo(new Response.Refusal(Why.NOT_FOUND, 0));
    }
  }

  @Test
  void refusesAndCountsRequestsThatBreakTheRules() throws IOException {
    List<byte[]> hostile =
        List.of(
            HexFormat.of().parseHex("ffff"), // no protobuf
            new byte[0], // no kind
            HexFormat.of().parseHex("12021001"), // a want first
            HexFormat.of().parseHex("0a040a02ffff"), // no CID
            HexFormat.of().parseHex("0a00")); // an empty CID
    for (byte[] message : hostile) {
      try (Stream stream = client.open(server.peerId(), List.of(BlobWire.PROTOCOL), SECOND)) {
        stream.writeMessage(message);
        assertThat(BlobWire.readFirst(stream))
            .as(HexFormat.of().formatHex(message))
            .isEqualTo(new Response.Refusal(Why.BAD_REQUEST, 0));
      }
    }
    for (String message : List.of("12061080808008", "120408051001", "1202105f", "0a00")) {
      try (Stream stream = open()) {
        stream.writeMessage(HexFormat.of().parseHex(message));
        assertThat(read(stream, head))
            .as(message)
            .isEqualTo(new Response.Refusal(Why.BAD_REQUEST, 0));
      }
    }
    assertThat(ledger.refusals())
        .containsExactly(new Refusal(client.peerId(), Rejection.MALFORMED_MESSAGE, 9));
  }

  @Test
  void hangsUpOnARequestThatIsTooLong() throws IOException {
    try (Stream stream = client.open(server.peerId(), List.of(BlobWire.PROTOCOL), SECOND)) {
      stream.timeout(Duration.ofSeconds(5));
      stream.writeMessage(new byte[BlobWire.MAX_REQUEST_BYTES + 1]);
      assertThatThrownBy(() -> BlobWire.readFirst(stream)).isInstanceOf(Libp2pException.class);
    }
  }

  @Test
  void sendsAwayAPeerThatTakesMoreThanItsPlacesAndFreesThoseOfTheIdle() throws IOException {
    try (Stream first = open();
        Stream second = client.open(server.peerId(), List.of(BlobWire.PROTOCOL), SECOND)) {
      BlobWire.write(second, new Request.Open(head.id()));
      assertThat(BlobWire.readFirst(second)).isEqualTo(new Response.Refusal(Why.BUSY, 0));
      // The first asks nothing for a second and loses its place.
      assertThatThrownBy(() -> read(first, head)).isInstanceOf(Libp2pException.class);
    }
    open().close();
  }

  private static final Duration SECOND = Duration.ofSeconds(1);

  private Stream open() throws IOException {
    return open(head);
  }

  private Stream open(BlobHead of) throws IOException {
    for (int attempt = 0; ; attempt++) {
      Stream stream = client.open(server.peerId(), List.of(BlobWire.PROTOCOL), SECOND);
      stream.timeout(Duration.ofSeconds(10));
      BlobWire.write(stream, new Request.Open(of.id()));
      Response response = BlobWire.readFirst(stream);
      // The place of the stream before may not be free again yet.
      if (attempt < 1000 && response.equals(new Response.Refusal(Why.BUSY, 0))) {
        stream.close();
        Thread.onSpinWait();
        continue;
      }
      assertThat(response).isEqualTo(new Response.Opened(of, ChunkSet.all(of.chunks())));
      return stream;
    }
  }
}
