package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.WebSeed;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.store.BlobStore;
import org.skerry.transfer.web.WebReader;
import org.skerry.transfer.web.WebRules;

/** A blob, a web server over TLS, and somebody who fetches from it. */
abstract class WebSeedCase {
  static final int CHUNKS = 12;
  static final Sources NO_PEERS = blob -> List.of();
  static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path folder;
  final byte[] blob = TestBlobs.chunks(CHUNKS, 1);
  final BlobHead head = MerkleTree.of(blob).head();
  final BlobId id = head.id();
  final TransferLedger ledger = new TransferLedger();
  final SimulatedNetwork network = new SimulatedNetwork(1);
  private final List<WebReader> readers = new ArrayList<>();
  TestWebServer server;
  BlobStore store;

  @BeforeEach
  void open() throws Exception {
    server = TestWebServer.start();
    store = BlobStore.open(folder);
  }

  @AfterEach
  void close() throws IOException {
    readers.forEach(WebReader::close);
    server.close();
    store.close();
    network.close();
  }

  static WebRules rules(Predicate<InetAddress> mayReach, WebRules.Names names) {
    return new WebRules(
        mayReach,
        names,
        TestWebServer.certificates(),
        Duration.ofSeconds(20),
        Duration.ofSeconds(20),
        32 * 1024);
  }

  static WebRules loopback() {
    return rules(InetAddress::isLoopbackAddress, host -> List.of(InetAddress.getLoopbackAddress()));
  }

  BlobFetcher fetcher(WebRules rules, FetchLimits limits) {
    WebReader web = new WebReader(rules);
    readers.add(web);
    return new BlobFetcher(network.host(), web, store, ledger, limits, DownloadBudget.unlimited());
  }

  Path fetch(BlobFetcher fetcher, WebSeed... seeds) throws IOException {
    return fetcher.fetch(
        id, NO_PEERS.with(List.of(seeds)), Progress.Listener.NONE, PATIENCE, blob.length);
  }

  /** Fetches until something is so, and cancels it then, as the end of a process would. */
  void fetchUntil(Callable<Boolean> isSo, BlobFetcher fetcher, WebSeed... seeds)
      throws InterruptedException {
    AtomicReference<TransferException> end = new AtomicReference<>();
    Thread fetching =
        Thread.ofVirtual()
            .start(() ->
                end.set(
                    catchThrowableOfType(TransferException.class, () -> fetch(fetcher, seeds))));
    await().atMost(PATIENCE).until(isSo);
    fetching.interrupt();
    fetching.join();
    assertThat(end.get().reason()).isEqualTo(Reason.CANCELLED);
  }

  static void pass(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
