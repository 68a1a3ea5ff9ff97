package org.skerry.dht.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class RefusalLedgerTest {
  private static PeerId peer(String name) {
    return new PeerId(Multihash.sha256(name.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void countsEachPeerAndCauseByItself() {
    RefusalLedger ledger = new RefusalLedger();
    for (int i = 0; i < 3; i++) {
      ledger.count(peer("a"), "BAD_SIGNATURE");
    }
    ledger.count(peer("a"), "TOO_LARGE");
    ledger.count(peer("a"), "TOO_LARGE");
    ledger.count(peer("b"), "BAD_SIGNATURE");
    assertThat(ledger.refusals())
        .containsExactly(
            new RefusalLedger.Refusal(peer("a"), "BAD_SIGNATURE", 3),
            new RefusalLedger.Refusal(peer("a"), "TOO_LARGE", 2),
            new RefusalLedger.Refusal(peer("b"), "BAD_SIGNATURE", 1));
  }

  @Test
  void staysBoundedUnderManyIdsAndKeepsWhoLiesAgainAndAgain() {
    RefusalLedger ledger = new RefusalLedger();
    ledger.count(peer("liar"), "BAD_SIGNATURE");
    ledger.count(peer("liar"), "BAD_SIGNATURE");
    for (int i = 0; i < 10_000; i++) {
      ledger.count(peer("id " + i), "BAD_SIGNATURE");
    }
    assertThat(ledger.refusals())
        .hasSize(RefusalLedger.MAX_PEERS)
        .startsWith(new RefusalLedger.Refusal(peer("liar"), "BAD_SIGNATURE", 2));
  }

  @Test
  void forgetsOfThoseWithTheFewestWhoWasRefusedLongestAgo() {
    RefusalLedger ledger = new RefusalLedger(2);
    ledger.count(peer("old"), "X");
    ledger.count(peer("new"), "X");
    ledger.count(peer("third"), "X");
    assertThat(ledger.refusals())
        .extracting(RefusalLedger.Refusal::peer)
        .containsExactlyInAnyOrder(peer("new"), peer("third"));
  }
}
