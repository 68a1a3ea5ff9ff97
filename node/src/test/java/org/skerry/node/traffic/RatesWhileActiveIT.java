package org.skerry.node.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.node.config.TrafficLimits;
import org.skerry.node.config.TrafficLimits.WhileActive;
import org.skerry.node.presence.Presence;
import org.skerry.node.presence.Presence.State;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.fetch.BlobFetcher;
import org.skerry.transfer.fetch.FetchLimits;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;
import org.skerry.transfer.serve.BlobServer;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;

/** A transfer over loopback, at one end of which the owner comes and goes. */
@Timeout(300)
class RatesWhileActiveIT {
  private static final Rates USUAL = new Rates(8L << 20, Rates.ANY);

  /** The whole transfer would take longer than the test may. */
  private static final Rates WHILE_ACTIVE = new Rates(64L << 10, Rates.ANY);

  /** What is on its way when the rate falls: half a second's worth, and whole chunks. */
  private static final long ON_ITS_WAY = (4 << 20) + 4 * 256 * 1024;

  @TempDir Path folder;

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private volatile Presence owner = new Presence(State.AWAY, "on a walk");

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable part : toClose) {
      part.close();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTransferSlowsDownWhenTheOwnerComesAndSpeedsUpWhenHeLeaves(boolean uploading)
      throws Exception {
    Traffic traffic = traffic();
    Traffic other = Traffic.unlimited();
    TcpHost seed = host(1);
    TcpHost fetching = host(2);
    fetching.addAddresses(seed.peerId(), seed.listenAddresses());
    BlobStore store = store("seed");
    byte[] blob = new byte[24 << 20];
    new Random(1).nextBytes(blob);
    BlobId id = store.add(blob);
    new BlobServer(
            seed,
            store,
            new TransferLedger(),
            UploadLimits.DEFAULT,
            (uploading ? traffic : other).uploads())
        .start();
    TransferLedger ledger = new TransferLedger();
    BlobFetcher fetcher =
        new BlobFetcher(
            fetching,
            store("fetching"),
            ledger,
            FetchLimits.DEFAULT,
            (uploading ? other : traffic).downloads());
    await(traffic, "away", false);

    List<PeerId> sources = List.of(seed.peerId());
    FutureTask<Path> fetch =
        new FutureTask<>(
            () -> fetcher.fetch(id, ignored -> sources, p -> {}, Duration.ofSeconds(240)));
    Thread.ofVirtual().start(fetch);
    while (ledger.bytesDown() < 4 << 20) {
      Thread.sleep(10);
    }

    owner = new Presence(State.UNKNOWN, "hard to say");
    await(traffic, "unknown", true);
    assertSlow(ledger);
    owner = new Presence(State.AWAY, "on a walk");
    await(traffic, "away", false);
    assertThat(fetch.get()).hasBinaryContent(blob);
  }

  /** Over ten seconds, no more came than the lower rate allows. */
  private static void assertSlow(TransferLedger ledger) throws InterruptedException {
    long startNanos = System.nanoTime();
    long before = ledger.bytesDown();
    Thread.sleep(10_000);
    long bytes = ledger.bytesDown() - before;
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    assertThat((double) bytes)
        .isLessThanOrEqualTo(1.05 * seconds * WHILE_ACTIVE.total() + ON_ITS_WAY);
  }

  private void await(Traffic traffic, String state, boolean whileActive)
      throws InterruptedException {
    TrafficReport.Owner seen = traffic.report().owner();
    while (seen == null || !seen.state().equals(state)) {
      Thread.sleep(10);
      seen = traffic.report().owner();
    }
    assertThat(seen.reason()).isEqualTo(owner.reason());
    assertThat(seen.whileActive()).isEqualTo(whileActive);
    assertThat(traffic.report().upload().bytesPerSecond())
        .isEqualTo((whileActive ? WHILE_ACTIVE : USUAL).total());
  }

  private Traffic traffic() {
    Traffic traffic =
        Traffic.open(
            new TrafficLimits(
                USUAL,
                Quota.Limits.NONE,
                USUAL,
                Quota.Limits.NONE,
                Optional.of(new WhileActive(WHILE_ACTIVE, WHILE_ACTIVE, Duration.ofMinutes(5)))),
            folder,
            Optional.of(() -> owner),
            Duration.ofMillis(20));
    toClose.push(traffic);
    return traffic;
  }

  private TcpHost host(int number) throws IOException {
    byte[] seed = new byte[32];
    seed[0] = (byte) number;
    TcpHost host =
        TcpHost.start(
            PrivateKey.ofSeed(seed),
            HostConfig.listening("test", Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
    toClose.push(host);
    return host;
  }

  private BlobStore store(String name) throws IOException {
    BlobStore store = BlobStore.open(Files.createDirectories(folder.resolve(name)));
    toClose.push(store);
    return store;
  }
}
