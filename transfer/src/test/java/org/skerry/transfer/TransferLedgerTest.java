package org.skerry.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.transfer.TransferLedger.Refusal;
import org.skerry.transfer.TransferLedger.Rejection;
import org.skerry.transfer.TransferLedger.Traffic;
import org.skerry.transfer.TransferLedger.WebRefusal;
import org.skerry.transfer.TransferLedger.WebTraffic;

class TransferLedgerTest {
  private final TransferLedger ledger = new TransferLedger();

  private static PeerId peer(String name) {
    return new PeerId(Multihash.sha256(name.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void namesALiarThatComesAfterAFloodOfIds() {
    for (int i = 0; i < 10_000; i++) {
      ledger.countUp(peer("id " + i), 1);
    }
    ledger.refuse(peer("liar"), Rejection.BAD_CHUNK);
    assertThat(ledger.refusals())
        .containsExactly(new Refusal(peer("liar"), Rejection.BAD_CHUNK, 1));
    assertThat(ledger.traffic()).hasSize(TransferLedger.MAX_PEERS - 1);
    assertThat(ledger.bytesUp()).isEqualTo(10_000);
  }

  @Test
  void keepsALiarsNameThroughAFloodOfIds() {
    ledger.refuse(peer("liar"), Rejection.BAD_CHUNK);
    ledger.refuse(peer("liar"), Rejection.BAD_PROOF);
    for (int i = 0; i < 10_000; i++) {
      ledger.countDown(peer("honest " + i), 1);
      ledger.refuse(peer("id " + i), Rejection.BAD_CHUNK);
    }
    assertThat(ledger.refusals())
        .hasSizeLessThanOrEqualTo(TransferLedger.MAX_PEERS + 1)
        .contains(
            new Refusal(peer("liar"), Rejection.BAD_CHUNK, 1),
            new Refusal(peer("liar"), Rejection.BAD_PROOF, 1));
    assertThat(ledger.refused()).isEqualTo(10_002);
  }

  @Test
  void tellsWebSeedsFromPeersAndCountsBothTogether() {
    WebSeed seed = WebSeed.parse("https://seed.example/");
    ledger.countDown(new SourceId.Web(seed), 5);
    ledger.countDown(peer("giver"), 7);
    ledger.refuse(new SourceId.Web(seed), Rejection.FORBIDDEN_ADDRESS);
    ledger.refuse(peer("liar"), Rejection.BAD_CHUNK);
    assertThat(ledger.webTraffic()).containsExactly(new WebTraffic(seed, 5));
    assertThat(ledger.traffic()).containsExactly(new Traffic(peer("giver"), 0, 7));
    assertThat(ledger.webRefusals())
        .containsExactly(new WebRefusal(seed, Rejection.FORBIDDEN_ADDRESS, 1));
    assertThat(ledger.refusals())
        .containsExactly(new Refusal(peer("liar"), Rejection.BAD_CHUNK, 1));
    assertThat(ledger.bytesDown()).isEqualTo(12);
    assertThat(ledger.refused()).isEqualTo(2);
  }
}
