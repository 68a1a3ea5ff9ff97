package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.server.Server;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.TransferLedger.WebTraffic;
import org.skerry.transfer.WebSeed;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;
import org.skerry.transfer.store.PartialBlob;
import org.skerry.transfer.web.WebReader;
import org.skerry.transfer.web.WebRules;

/** Fetches from real web servers over TLS. */
@Timeout(180)
class WebSeedIT extends WebSeedCase {
  private static final int CHUNK = BlobHead.CHUNK_BYTES;

  private BitSet askedChunks(String of) {
    BitSet chunks = new BitSet();
    for (TestWebServer.Asked asked : server.asked(of)) {
      if (!asked.isLeaves()) {
        assertThat(asked.from() % CHUNK).isZero();
        chunks.set((int) (asked.from() / CHUNK), (int) (asked.to() / CHUNK) + 1);
      }
    }
    return chunks;
  }

  @Test
  void bringsAWholeBlobAlone() throws IOException {
    WebSeed seed = server.seed("shards", blob);
    assertThat(fetch(fetcher(loopback(), FetchLimits.DEFAULT), seed)).hasBinaryContent(blob);
    assertThat(ledger.webTraffic()).containsExactly(new WebTraffic(seed, blob.length));
    assertThat(ledger.webRefusals()).isEmpty();
    assertThat(server.asked("shards").stream().filter(TestWebServer.Asked::isLeaves)).hasSize(1);
    assertThat(server.asked("shards").size())
        .as("neighbours are asked for at once")
        .isLessThan(CHUNKS);
  }

  @Test
  void bringsAWholeBlobOverHttp2() throws Exception {
    byte[] leaves = MerkleTree.of(blob).leaves();
    Queue<SessionProtocol> protocols = new ConcurrentLinkedQueue<>();
    try (Server modern =
        Server.builder()
            .https(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .tls(TestWebServer.KEYS)
            .service(
                "prefix:/",
                (context, request) -> {
                  protocols.add(context.sessionProtocol());
                  if (context.path().endsWith(WebSeed.LEAVES_SUFFIX)) {
                    return HttpResponse.of(
                        ResponseHeaders.of(HttpStatus.OK), HttpData.wrap(leaves));
                  }
                  String[] range =
                      request.headers().get(HttpHeaderNames.RANGE, "").split("[=-]", -1);
                  int from = Integer.parseInt(range[1]);
                  int to = Integer.parseInt(range[2]);
                  return HttpResponse.of(
                      ResponseHeaders.of(
                          HttpStatus.PARTIAL_CONTENT,
                          HttpHeaderNames.CONTENT_RANGE,
                          "bytes " + from + "-" + to + "/*"),
                      HttpData.wrap(Arrays.copyOfRange(blob, from, to + 1)));
                })
            .build()) {
      modern.start().join();
      WebSeed seed =
          WebSeed.parse("https://" + TestWebServer.HOST + ":" + modern.activeLocalPort() + "/a/");
      assertThat(fetch(fetcher(loopback(), FetchLimits.DEFAULT), seed)).hasBinaryContent(blob);
    }
    assertThat(protocols).isNotEmpty().containsOnly(SessionProtocol.H2);
  }

  @Test
  void worksTogetherWithAPeer() throws Exception {
    CountDownLatch peerAsked = new CountDownLatch(1);
    CountDownLatch webAsked = new CountDownLatch(1);
    // Neither brings all before the other has brought something.
    AtomicInteger peerServed = new AtomicInteger();
    AtomicInteger webServed = new AtomicInteger();
    WebSeed seed = server.seed("shards", blob);
    server.behave(
        "shards",
        exchange -> {
          if (!TestWebServer.range(exchange).isLeaves()) {
            webAsked.countDown();
            pass(peerAsked);
            if (webServed.getAndIncrement() > 0) {
              await().atMost(PATIENCE).until(() -> !ledger.traffic().isEmpty());
            }
          }
          server.serve(exchange);
        });
    try (Peer peer =
        new Peer(
            network.host(),
            folder.resolve("peer"),
            finder ->
                Gated.over(
                    finder,
                    index -> {
                      peerAsked.countDown();
                      webAsked.await();
                      if (peerServed.getAndIncrement() > 2) {
                        await().atMost(PATIENCE).until(() -> !ledger.webTraffic().isEmpty());
                      }
                    }),
            UploadLimits.DEFAULT,
            FetchLimits.DEFAULT)) {
      peer.store.add(blob);
      BlobFetcher fetcher = fetcher(loopback(), FetchLimits.DEFAULT);
      network.introduceAll();
      Sources peers = ignored -> List.of(peer.id());
      Path file = fetcher.fetch(id, peers.with(List.of(seed)), Progress.Listener.NONE, PATIENCE);
      assertThat(file).hasBinaryContent(blob);
      assertThat(ledger.traffic()).hasSize(1);
      assertThat(ledger.webTraffic()).hasSize(1);
    }
  }

  @Test
  void asksOnlyForWhatAnEarlierRunLeft() throws Exception {
    WebSeed seed = server.seed("shards", blob);
    AtomicInteger requests = new AtomicInteger();
    CountDownLatch over = new CountDownLatch(1);
    server.behave(
        "shards",
        exchange -> {
          if (requests.getAndIncrement() >= 2) {
            pass(over);
          }
          server.serve(exchange);
        });
    fetchUntil(() -> ledger.bytesDown() > 0, fetcher(loopback(), FetchLimits.DEFAULT), seed);
    store.close();
    store = BlobStore.open(folder);
    BitSet kept;
    try (PartialBlob partial = store.openPartial(head)) {
      kept = partial.have().bits();
    }
    assertThat(kept.cardinality()).isBetween(1, CHUNKS - 1);
    WebSeed again = server.seed("again", blob);
    assertThat(fetch(fetcher(loopback(), FetchLimits.DEFAULT), again)).hasBinaryContent(blob);
    BitSet asked = askedChunks("again");
    assertThat(asked.intersects(kept)).as("a verified chunk was asked for again").isFalse();
    assertThat(asked.cardinality()).isEqualTo(CHUNKS - kept.cardinality());
    over.countDown();
  }

  @Test
  void followsRedirectsToWhereTheBlobLies() throws IOException {
    server.seed("there", blob);
    WebSeed seed = server.seed("here");
    server.behave(
        "here",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          TestWebServer.redirect(exchange, path.replace("/here/", "/there/"));
        });
    assertThat(fetch(fetcher(loopback(), FetchLimits.DEFAULT), seed)).hasBinaryContent(blob);
    assertThat(ledger.webTraffic()).containsExactly(new WebTraffic(seed, blob.length));
  }

  @Test
  void takesTheWholeForAPartThatItBeginsWith() throws IOException {
    byte[] small = TestBlobs.chunks(2, 2); // as many as are asked for at once
    WebSeed seed = server.seed("shards", small);
    server.behave(
        "shards",
        exchange -> {
          byte[] body = server.file(exchange);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
        });
    BlobId smallId = MerkleTree.of(small).head().id();
    Path file =
        fetcher(loopback(), FetchLimits.DEFAULT)
            .fetch(smallId, NO_PEERS.with(List.of(seed)), Progress.Listener.NONE, PATIENCE);
    assertThat(file).hasBinaryContent(small);
    assertThat(ledger.webRefusals()).isEmpty();
  }

  @Test
  void doesWithoutASeedThatLacksTheBlob() throws IOException {
    WebSeed empty = server.seed("empty");
    WebSeed good = server.seed("good", blob);
    assertThat(fetch(fetcher(loopback(), FetchLimits.DEFAULT), empty, good)).hasBinaryContent(blob);
    assertThat(ledger.webRefusals()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"leaves", "chunks"})
  void givesUpABodyThatTrickles(String slow) throws Exception {
    WebSeed seed = server.seed("shards", blob);
    CountDownLatch never = new CountDownLatch(1);
    server.behave(
        "shards",
        exchange -> {
          if (TestWebServer.range(exchange).isLeaves() == slow.equals("leaves")) {
            byte[] body = server.bytes(exchange);
            OutputStream out = server.begin(exchange, body.length);
            out.write(body, 0, 1);
            out.flush();
            pass(never);
          } else {
            server.serve(exchange);
          }
        });
    WebRules impatient =
        new WebRules(
            InetAddress::isLoopbackAddress,
            host -> List.of(InetAddress.getLoopbackAddress()),
            TestWebServer.certificates(),
            Duration.ofSeconds(20),
            Duration.ofSeconds(3),
            32 << 20);
    // Long before the plan would drop it for its silence, and again after that.
    fetchUntil(
        () -> server.asked("shards").stream().filter(TestWebServer.Asked::isLeaves).count() > 1,
        fetcher(impatient, FetchLimits.DEFAULT),
        seed);
    never.countDown();
  }

  @Test
  void comesBackWhenABusyServerSaid() throws IOException {
    WebSeed seed = server.seed("shards", blob);
    List<Long> times = new ArrayList<>();
    server.behave(
        "shards",
        exchange -> {
          synchronized (times) {
            times.add(System.nanoTime());
            if (times.size() == 1) {
              exchange.getResponseHeaders().set("Retry-After", "3");
              exchange.sendResponseHeaders(503, -1);
              return;
            }
          }
          server.serve(exchange);
        });
    assertThat(fetch(fetcher(loopback(), FetchLimits.DEFAULT), seed)).hasBinaryContent(blob);
    assertThat(times.get(1) - times.get(0)).isGreaterThan(2_900_000_000L);
    assertThat(ledger.webRefusals()).isEmpty();
  }

  @Test
  void asksAHostForNoMoreThanFourThingsAtOnceOverAllFetches() throws Exception {
    byte[][] blobs = new byte[2 * WebReader.MAX_REQUESTS_PER_HOST][];
    for (int i = 0; i < blobs.length; i++) {
      blobs[i] = TestBlobs.chunks(2, 10 + i);
    }
    WebSeed seed = server.seed("shards", blobs);
    AtomicInteger held = new AtomicInteger();
    server.behave(
        "shards",
        exchange -> {
          // The first wait for each other, and then for one more that must not come.
          if (held.incrementAndGet() <= WebReader.MAX_REQUESTS_PER_HOST) {
            await().atMost(PATIENCE).until(() -> held.get() >= WebReader.MAX_REQUESTS_PER_HOST);
            LockSupport.parkNanos(500_000_000);
          }
          server.serve(exchange);
        });
    BlobFetcher fetcher = fetcher(loopback(), FetchLimits.DEFAULT);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Path>> files = new ArrayList<>();
      for (byte[] each : blobs) {
        BlobId eachId = MerkleTree.of(each).head().id();
        files.add(
            threads.submit(() ->
                fetcher.fetch(
                    eachId, NO_PEERS.with(List.of(seed)), Progress.Listener.NONE, PATIENCE)));
      }
      for (int i = 0; i < blobs.length; i++) {
        assertThat(files.get(i).get()).hasBinaryContent(blobs[i]);
      }
    }
    assertThat(server.mostInFlight()).isEqualTo(WebReader.MAX_REQUESTS_PER_HOST);
  }
}
