package org.skerry.node.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
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

  private static TrafficLimits limits() {
    Quota.Limits quota = new Quota.Limits(DAY, Rates.ANY);
    return new TrafficLimits(Rates.UNLIMITED, quota, Rates.UNLIMITED, quota, Optional.empty());
  }
}
