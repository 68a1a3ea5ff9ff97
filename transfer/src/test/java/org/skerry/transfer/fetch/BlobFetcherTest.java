package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.TransferLedger.Refusal;
import org.skerry.transfer.TransferLedger.Rejection;
import org.skerry.transfer.compress.PlaneCodec;
import org.skerry.transfer.fetch.LyingSource.Lie;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;
import org.skerry.transfer.store.PartialBlob;
import org.skerry.transfer.wire.BlobWire;
import org.skerry.transfer.wire.Request;
import org.skerry.transfer.wire.Response;

@Timeout(60)
class BlobFetcherTest {
  /** Chunks that a source is asked for before anything is known of its rate. */
  private static final int ASKED_AT_ONCE = 4;

  private static final FetchLimits HASTY = new FetchLimits(8, 512, 500, 2_000, 300, 5_000);

  @TempDir Path folder;
  private final SimulatedNetwork network = new SimulatedNetwork(1);
  private final List<Peer> peers = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Peer peer : peers) {
      peer.close();
    }
    network.close();
  }

  @Test
  void fetchesFromSeveralProvidersAtOnce() throws IOException {
    byte[] blob = TestBlobs.chunks(40, 1);
    CountDownLatch bothServe = new CountDownLatch(2);
    Peer a = peer(Gated.untilAllServe(bothServe), UploadLimits.DEFAULT, FetchLimits.DEFAULT);
    Peer b = peer(Gated.untilAllServe(bothServe), UploadLimits.DEFAULT, FetchLimits.DEFAULT);
    Peer c = peer();
    BlobId id = a.store.add(blob);
    b.store.add(blob);
    Path file = c.fetch(id, a, b);
    assertThat(file).hasBinaryContent(blob);
    assertThat(c.ledger.traffic()).hasSize(2).allMatch(t -> t.bytesDown() > 0);
    assertThat(c.ledger.bytesDown()).isGreaterThanOrEqualTo(blob.length);
    assertThat(a.ledger.bytesUp() + b.ledger.bytesUp()).isGreaterThanOrEqualTo(blob.length);
    assertThat(c.progress.getLast().status()).isEqualTo(Progress.Status.DONE);
    assertThat(c.progress.getLast().completed()).isEqualTo(blob.length);
    assertThat(c.progress).extracting(Progress::completed).isSorted();
    assertThat(c.fetch(id)).isEqualTo(file);
  }

  @Test
  void fetchesTheEmptyBlobFromNobody() throws IOException {
    assertThat(peer().fetch(BlobHead.EMPTY.id())).isEmptyFile();
  }

  @ParameterizedTest
  @EnumSource(
      value = Lie.class,
      names = {"CHUNK", "PROOF", "HEAD"})
  void namesAndBansALiarAndCompletesFromAnHonestSource(Lie lie) throws IOException {
    byte[] blob = TestBlobs.chunks(20, 2);
    Peer fetching = peer();
    Peer liar = peer(finder -> LyingSource.over(finder, lie), UploadLimits.DEFAULT, HASTY);
    // The honest one waits, or it might have sent everything before the other one has lied.
    Peer honest =
        peer(
            finder ->
                Gated.over(
                    finder,
                    index ->
                        await()
                            .pollDelay(Duration.ZERO)
                            .until(() -> fetching.ledger.refused() > 0)),
            UploadLimits.DEFAULT,
            HASTY);
    BlobId id = liar.store.add(blob);
    honest.store.add(blob);
    assertThat(fetching.fetch(id, liar, honest)).hasBinaryContent(blob);
    Rejection reason =
        switch (lie) {
          case CHUNK -> Rejection.BAD_CHUNK;
          case PROOF -> Rejection.BAD_PROOF;
          case HEAD -> Rejection.WRONG_HEAD;
          case EMPTY_HANDS -> throw new IllegalArgumentException();
        };
    assertThat(fetching.ledger.refusals()).containsExactly(new Refusal(liar.id(), reason, 1));
  }

  @Test
  void oneHonestSourceIsEnoughAmongManyLiars() throws IOException {
    byte[] blob = TestBlobs.chunks(12, 3);
    List<Peer> sources = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      for (Lie lie : Lie.values()) {
        sources.add(peer(finder -> LyingSource.over(finder, lie), UploadLimits.DEFAULT, HASTY));
      }
    }
    sources.add(peer());
    for (Peer source : sources) {
      source.store.add(blob);
    }
    Peer fetching = peer(UnaryOperator.identity(), UploadLimits.DEFAULT, HASTY);
    BlobId id = MerkleTree.of(blob).head().id();
    assertThat(fetching.fetch(id, sources.toArray(new Peer[0]))).hasBinaryContent(blob);
    assertThat(fetching.ledger.refusals()).noneMatch(r -> r.peer().equals(sources.getLast().id()));
  }

  @Test
  void goesOnWhenAProviderDiesMidway() throws IOException {
    byte[] blob = TestBlobs.chunks(60, 4);
    CountDownLatch served = new CountDownLatch(10);
    CountDownLatch dead = new CountDownLatch(1);
    Peer mortal =
        peer(
            finder ->
                Gated.over(
                    finder,
                    index -> {
                      served.countDown();
                      if (served.getCount() == 0) {
                        dead.await();
                      }
                    }),
            UploadLimits.DEFAULT,
            HASTY);
    Peer other = peer();
    Peer fetching = peer();
    BlobId id = mortal.store.add(blob);
    Thread.ofVirtual()
        .start(() -> {
          try {
            served.await();
            mortal.host.close();
            dead.countDown();
            other.store.add(blob);
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    assertThat(fetching.fetch(id, mortal, other)).hasBinaryContent(blob);
    assertThat(fetching.ledger.traffic()).hasSize(2);
  }

  @Test
  void servesOnWhatItIsStillFetching() throws Exception {
    byte[] blob = TestBlobs.chunks(16, 5);
    Peer middle = peer();
    PartialBlob partial = middle.store.openPartial(MerkleTree.of(blob).head());
    for (int i = 0; i < 8; i++) {
      partial.keep(TestBlobs.chunk(blob, i));
    }
    Peer last = peer();
    CountDownLatch half = new CountDownLatch(1);
    Thread fetch =
        Thread.ofVirtual()
            .start(() -> {
              try {
                last.fetcher.fetch(
                    partial.head().id(),
                    ignored -> List.of(middle.id()),
                    progress -> {
                      last.progress.add(progress);
                      if (progress.completed() == 8L * BlobHead.CHUNK_BYTES) {
                        half.countDown();
                      }
                    },
                    Duration.ofSeconds(30));
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    half.await();
    for (int i = 8; i < 16; i++) {
      partial.keep(TestBlobs.chunk(blob, i));
    }
    partial.publish();
    fetch.join();
    assertThat(last.store.path(partial.head().id())).hasBinaryContent(blob);
  }

  @Test
  void reportsAStallWithItsCauseAndEndsTyped() throws IOException {
    byte[] blob = TestBlobs.chunks(16, 6);
    Peer half = peer();
    PartialBlob partial = half.store.openPartial(MerkleTree.of(blob).head());
    for (int i = 0; i < 4; i++) {
      partial.keep(TestBlobs.chunk(blob, i));
    }
    Peer fetching = peer(UnaryOperator.identity(), UploadLimits.DEFAULT, HASTY);
    TransferException failure =
        failure(() -> fetching.fetch(partial.head().id(), half), Reason.STALLED);
    assertThat(failure).hasMessageContaining("no source has the last 12 chunks");
    assertThat(fetching.progress)
        .anySatisfy(progress -> {
          assertThat(progress.status()).isEqualTo(Progress.Status.STALLED);
          assertThat(progress.message()).isEqualTo("no source has the last 12 chunks");
        });
    assertThat(fetching.store.partials()).containsExactly(partial.head().id());
  }

  @Test
  void saysThatNobodyHasTheBlob() throws IOException {
    Peer empty = peer();
    Peer fetching = peer(UnaryOperator.identity(), UploadLimits.DEFAULT, HASTY);
    BlobId id = MerkleTree.of(new byte[] {1}).head().id();
    failure(() -> fetching.fetch(id, empty), Reason.NO_SOURCES);
    assertThat(failure(() -> fetching.fetch(id), Reason.NO_SOURCES))
        .hasMessageContaining("no source was found");
    assertThat(fetching.store.partials()).isEmpty();
  }

  @Test
  void keepsWhatCameWhenTheTimeIsOver() throws IOException {
    byte[] blob = TestBlobs.chunks(16, 6);
    Peer half = peer();
    PartialBlob partial = half.store.openPartial(MerkleTree.of(blob).head());
    partial.keep(TestBlobs.chunk(blob, 0));
    Peer fetching = peer();
    failure(
        () ->
            fetching.fetcher.fetch(
                partial.head().id(),
                ignored -> List.of(half.id()),
                Progress.Listener.NONE,
                Duration.ofSeconds(1)),
        Reason.TIMEOUT);
    for (int i = 1; i < 16; i++) {
      partial.keep(TestBlobs.chunk(blob, i));
    }
    partial.publish();
    assertThat(fetching.fetch(partial.head().id(), half)).hasBinaryContent(blob);
    assertThat(fetching.progress.getFirst().completed()).isEqualTo(BlobHead.CHUNK_BYTES);
    assertThat(half.ledger.bytesUp()).isEqualTo(blob.length);
  }

  @Test
  void endsWhenItsThreadIsInterrupted() throws Exception {
    Peer fetching = peer();
    BlobId id = MerkleTree.of(new byte[] {1}).head().id();
    AtomicBoolean cancelled = new AtomicBoolean();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              failure(() -> fetching.fetch(id), Reason.CANCELLED);
              cancelled.set(Thread.currentThread().isInterrupted());
            });
    thread.interrupt();
    thread.join();
    assertThat(cancelled).isTrue();
  }

  @Test
  void comesBackWhenAllPlacesWereTaken() throws IOException {
    byte[] blob = TestBlobs.chunks(4, 8);
    Peer busy =
        peer(UnaryOperator.identity(), new UploadLimits(1, 1, Duration.ofSeconds(1)), HASTY);
    BlobId id = busy.store.add(blob);
    Peer fetching = peer();
    try (Stream held = fetching.host.open(busy.id(), List.of(BlobWire.PROTOCOL), SECOND)) {
      BlobWire.write(held, new Request.Open(id));
      assertThat(BlobWire.readFirst(held)).isInstanceOf(Response.Opened.class);
      assertThat(fetching.fetch(id, busy)).hasBinaryContent(blob);
    }
    assertThat(busy.server.busyAnswers()).isPositive();
  }

  @Test
  void banishesWhoAnswersWithNonsense() throws IOException {
    byte[] blob = TestBlobs.chunks(4, 9);
    Host nonsense = network.host();
    nonsense.handle(
        BlobWire.PROTOCOL,
        stream -> {
          BlobWire.readRequest(stream);
          stream.writeMessage(new byte[] {(byte) 0xff, 1, 2, 3});
        });
    Host pusher = network.host();
    pusher.handle(
        BlobWire.PROTOCOL,
        stream -> {
          BlobWire.readRequest(stream);
          BlobWire.write(stream, Response.Chunk.plain(TestBlobs.chunk(blob, 0)));
        });
    Peer honest = peer();
    BlobId id = honest.store.add(blob);
    Peer fetching = peer();
    List<PeerId> sources = List.of(nonsense.peerId(), pusher.peerId());
    AtomicBoolean later = new AtomicBoolean();
    network.introduceAll();
    fetching.fetch(id, ignored -> later.getAndSet(true) ? List.of(honest.id()) : sources);
    assertThat(fetching.ledger.refusals())
        .containsExactlyInAnyOrder(
            new Refusal(nonsense.peerId(), Rejection.MALFORMED_MESSAGE, 1),
            new Refusal(pusher.peerId(), Rejection.UNREQUESTED_CHUNK, 1));
  }

  @Test
  void countsWhatWasSentAndShowsWhatItIsOfTheBlob() throws IOException {
    byte[] blob = TestBlobs.weights(ASKED_AT_ONCE * BlobHead.CHUNK_BYTES - 101, 12);
    Peer source = peer();
    Peer fetching = peer();
    BlobId id = source.store.add(blob);
    assertThat(fetching.fetch(id, source)).hasBinaryContent(blob);
    assertThat(fetching.ledger.bytesDown()).isBetween(blob.length / 2L, blob.length * 7L / 10);
    assertThat(source.ledger.bytesUp()).isEqualTo(fetching.ledger.bytesDown());
    assertThat(fetching.progress.getLast().completed()).isEqualTo(blob.length);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void banishesWhoSendsOtherBytesAsPlanes(boolean decodable) throws IOException {
    byte[] blob = TestBlobs.weights(ASKED_AT_ONCE * BlobHead.CHUNK_BYTES, 13);
    BlobHead head = MerkleTree.of(blob).head();
    ByteBuffer other =
        decodable
            ? Response.Chunk.planes(
                    TestBlobs.chunk(TestBlobs.weights(blob.length, 14), 0),
                    PlaneCodec.room(blob.length))
                .chunk()
                .data()
            : ByteBuffer.wrap(TestBlobs.random(1000, 15));
    Host liar = network.host();
    liar.handle(
        BlobWire.PROTOCOL,
        stream -> {
          BlobWire.readRequest(stream);
          BlobWire.write(stream, new Response.Opened(head, ChunkSet.all(head.chunks())));
          if (BlobWire.readRequest(stream) instanceof Request.Want want) {
            ProvenChunk genuine = TestBlobs.chunk(blob, want.first());
            ProvenChunk lie = new ProvenChunk(genuine.index(), other, genuine.proof());
            BlobWire.write(stream, new Response.Chunk(lie, true));
            BlobWire.readRequest(stream); // until the fetcher hangs up
          }
        });
    Peer honest = peer();
    BlobId id = honest.store.add(blob);
    Peer fetching = peer();
    List<PeerId> sources = List.of(liar.peerId());
    network.introduceAll();
    assertThat(
            fetching.fetch(
                id, ignored -> fetching.ledger.refused() > 0 ? List.of(honest.id()) : sources))
        .hasBinaryContent(blob);
    assertThat(fetching.ledger.refusals())
        .containsExactly(new Refusal(liar.peerId(), Rejection.BAD_CHUNK, 1));
  }

  @Test
  void aFullDiskEndsTheFetchTyped() throws IOException {
    byte[] blob = TestBlobs.chunks(4, 10);
    Peer honest = peer();
    BlobId id = honest.store.add(blob);
    network.introduceAll();
    Host host = network.host();
    network.introduceAll();
    Path small = Files.createDirectories(folder.resolve("small"));
    try (var store = BlobStore.open(small, ignored -> 1000, 0)) {
      BlobFetcher fetcher =
          new BlobFetcher(
              host, store, new TransferLedger(), FetchLimits.DEFAULT, DownloadBudget.unlimited());
      TransferException failure =
          failure(
              () ->
                  fetcher.fetch(
                      id,
                      ignored -> List.of(honest.id()),
                      Progress.Listener.NONE,
                      Duration.ofSeconds(10)),
              Reason.DISK_FULL);
      assertThat(failure).hasMessageContaining(small.toString());
      assertThat(store.partials()).isEmpty();
    }
  }

  @Test
  void takesNothingOfABlobLargerThanAsked() throws IOException {
    byte[] blob = TestBlobs.chunks(4, 11);
    Peer honest = peer();
    Peer taker = peer();
    BlobId id = honest.store.add(blob);
    network.introduceAll();
    Sources sources = ignored -> List.of(honest.id());

    failure(
        () -> taker.fetcher.fetch(id, sources, Progress.Listener.NONE, SECOND, blob.length - 1),
        Reason.TOO_LARGE);
    assertThat(taker.store.has(id)).isFalse();
    assertThat(taker.store.partials()).isEmpty();

    assertThat(taker.fetcher.fetch(id, sources, Progress.Listener.NONE, SECOND, blob.length))
        .hasBinaryContent(blob);
    failure(
        () -> taker.fetcher.fetch(id, sources, Progress.Listener.NONE, SECOND, blob.length - 1),
        Reason.TOO_LARGE);
  }

  private static final Duration SECOND = Duration.ofSeconds(1);

  private Peer peer() throws IOException {
    return peer(UnaryOperator.identity(), UploadLimits.DEFAULT, FetchLimits.DEFAULT);
  }

  private Peer peer(
      UnaryOperator<ChunkSource.Finder> lie, UploadLimits uploads, FetchLimits fetches)
      throws IOException {
    Peer peer =
        new Peer(network.host(), folder.resolve("peer" + peers.size()), lie, uploads, fetches);
    peers.add(peer);
    network.introduceAll();
    return peer;
  }

  private static TransferException failure(ThrowingCallable call, Reason reason) {
    TransferException failure = catchThrowableOfType(TransferException.class, call);
    assertThat(failure).isNotNull();
    assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
    return failure;
  }
}
