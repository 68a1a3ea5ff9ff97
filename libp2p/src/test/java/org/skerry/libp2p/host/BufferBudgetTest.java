package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class BufferBudgetTest {
  private final BufferBudget budget = new BufferBudget(100, 60);
  private final PeerId alice = new PeerId(Multihash.identity(new byte[] {1}));
  private final PeerId bob = new PeerId(Multihash.identity(new byte[] {2}));

  @Test
  void limitsThePeerOverAllItsConnections() {
    BufferBudget.Share one = budget.join(alice);
    BufferBudget.Share other = budget.join(alice);
    assertThat(one.take(40)).isTrue();
    assertThat(other.take(21)).isFalse();
    assertThat(other.take(20)).isTrue();
    assertThat(budget.usedBytes()).isEqualTo(60);
    one.give(40);
    assertThat(other.take(40)).isTrue();
  }

  @Test
  void limitsAllPeersTogether() {
    BufferBudget.Share ofBob = budget.join(bob);
    assertThat(budget.join(alice).take(60)).isTrue();
    assertThat(ofBob.take(41)).isFalse();
    assertThat(ofBob.take(40)).isTrue();
    assertThat(budget.usedBytes()).isEqualTo(100);
  }

  @Test
  void forgetsPeersWithoutConnections() {
    BufferBudget.Share first = budget.join(alice);
    budget.join(alice).leave();
    assertThat(budget.peers()).isEqualTo(1);
    first.take(10);
    first.leave();
    assertThat(budget.peers()).isZero();
    first.give(10); // read after the end
    assertThat(budget.usedBytes()).isZero();
  }
}
