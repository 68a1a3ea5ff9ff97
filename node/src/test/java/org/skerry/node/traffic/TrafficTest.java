package org.skerry.node.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.node.config.TrafficLimits;
import org.skerry.transfer.SourceId;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;

class TrafficTest {
  private static final PeerId PEER = new PeerId(Multihash.sha256(new byte[] {1}));
  private static final int CHUNK = 256 * 1024;
  private static final long DAY = 100L << 20;

  @TempDir Path folder;

  @Test
  void aQuotaSurvivesRestartsAndKills() throws Exception {
    Traffic first = Traffic.open(limits(), folder);
    for (int i = 0; i < 100; i++) {
      assertThat(first.uploads().await(PEER, CHUNK, false)).isTrue();
    }
    first.close();
    assertThat(Traffic.open(limits(), folder).report().upload().bytesToday())
        .isEqualTo(100L * CHUNK);

    Traffic killed = Traffic.open(limits(), folder);
    long passed = 100;
    while (killed.uploads().await(PEER, CHUNK, false) && passed < 250) {
      passed++;
    }
    Traffic next = Traffic.open(limits(), folder);
    while (next.uploads().await(PEER, CHUNK, false)) {
      passed++;
    }
    assertThat(passed * CHUNK).isBetween(DAY - Quota.BLOCK_BYTES, DAY);
    assertThat(next.uploads().isShut()).isTrue();
    assertThat(next.report().download().bytesToday()).isZero();
  }

  @Test
  void theDaemonAndACommandShareOneQuota() {
    Traffic daemon = Traffic.open(limits(), folder);
    Traffic command = Traffic.open(limits(), folder);
    long passed = 0;
    boolean more = true;
    while (more) {
      more = false;
      for (Traffic traffic : new Traffic[] {daemon, command}) {
        if (traffic.downloads().take(new SourceId.Peer(PEER), CHUNK, 0)
            == DownloadBudget.Answer.YES) {
          passed += CHUNK;
          more = true;
        }
      }
    }
    assertThat(passed).isEqualTo(DAY);
    assertThat(daemon.downloads().spentText()).contains("the download quota is spent until");
  }

  @Test
  void aDamagedFileCostsTheCountAndNotTheTransfer() throws Exception {
    Files.writeString(folder.resolve("sent.json"), "{\"day\": \"yesterday\"");
    Traffic traffic = Traffic.open(limits(), folder);
    assertThat(traffic.uploads().await(PEER, CHUNK, false)).isTrue();
    traffic.close();
    assertThat(Traffic.open(limits(), folder).report().upload().bytesToday()).isEqualTo(CHUNK);
  }

  @Test
  void whatIsHeldPassesInNeitherDirectionAndCostsNoQuota() throws Exception {
    Traffic traffic = Traffic.open(limits(), folder);
    traffic.hold(true);
    assertThat(traffic.uploads().isShut()).isTrue();
    assertThat(traffic.uploads().await(PEER, CHUNK, false)).isFalse();
    assertThat(traffic.downloads().take(new SourceId.Peer(PEER), CHUNK, 0))
        .isEqualTo(DownloadBudget.Answer.LATER);
    traffic.hold(false);
    assertThat(traffic.report().upload().bytesToday()).isZero();
    assertThat(traffic.uploads().isShut()).isFalse();
    assertThat(traffic.uploads().await(PEER, CHUNK, false)).isTrue();
    assertThat(traffic.downloads().take(new SourceId.Peer(PEER), CHUNK, 0))
        .isEqualTo(DownloadBudget.Answer.YES);
  }

  @Test
  void whoWaitsForHisTurnIsSentAwayWhenEverythingIsHeld() throws Exception {
    Rates slow = new Rates(Rates.SLOWEST, Rates.ANY);
    Traffic traffic =
        Traffic.open(
            new TrafficLimits(slow, Quota.Limits.NONE, slow, Quota.Limits.NONE, Optional.empty()),
            folder);
    CompletableFuture<Boolean> last = new CompletableFuture<>();
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                boolean mine = true;
                while (mine) {
                  mine = traffic.uploads().await(PEER, CHUNK, false);
                }
                last.complete(mine);
              } catch (InterruptedException e) {
                last.completeExceptionally(e);
              }
            });
    traffic.hold(true);
    assertThat(last.get(10, TimeUnit.SECONDS)).isFalse();
    waiting.join();
  }

  @Test
  void otherLimitsHoldForWhatPassedBefore() throws Exception {
    Traffic traffic = Traffic.open(TrafficLimits.NONE, folder);
    for (int i = 0; i < 4; i++) {
      assertThat(traffic.uploads().await(PEER, CHUNK, false)).isTrue();
    }
    Quota.Limits five = new Quota.Limits(5 * CHUNK, Rates.ANY);
    Rates low = new Rates(Rates.SLOWEST, Rates.ANY);
    traffic.change(new TrafficLimits(low, five, low, five, Optional.empty()));
    assertThat(traffic.report().upload().bytesPerSecond()).isEqualTo(Rates.SLOWEST);
    assertThat(traffic.uploads().await(PEER, CHUNK, false)).isTrue();
    assertThat(traffic.uploads().await(PEER, CHUNK, false)).isFalse();
    traffic.change(TrafficLimits.NONE);
    assertThat(traffic.report().upload().bytesPerSecond()).isNull();
    assertThat(traffic.uploads().await(PEER, CHUNK, false)).isTrue();
  }

  private static TrafficLimits limits() {
    Quota.Limits quota = new Quota.Limits(DAY, Rates.ANY);
    return new TrafficLimits(Rates.UNLIMITED, quota, Rates.UNLIMITED, quota, Optional.empty());
  }
}
