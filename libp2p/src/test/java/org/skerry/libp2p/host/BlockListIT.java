package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Subnet;
import org.skerry.libp2p.host.HostMetrics.Refusal;
import org.skerry.libp2p.ping.Ping;

/** Whom a host does not dial, does not let in, and lets go. */
class BlockListIT extends HostFixture {
  private static final BlockList LOOPBACK =
      new BlockList(Set.of(), List.of(Subnet.parse("127.0.0.0/8")));

  private static BlockList of(PeerId peer) {
    return new BlockList(Set.of(peer), List.of());
  }

  @Test
  void doesNotDialABlockedPeer() throws Exception {
    alice.block(of(bob.peerId()));
    assertFails(Reason.BLOCKED, () -> alice.connect(bob.peerId(), LIMIT));
    assertThat(alice.metrics().value(Refusal.BLOCKED_PEER)).isEqualTo(1);
    assertThat(bob.metrics().snapshot()).as("nobody came").isEmpty();
    TcpHost carol = host(HostLimits.DEFAULT);
    alice.connect(full(carol), LIMIT);
  }

  @Test
  void doesNotDialABlockedPlace() {
    alice.block(LOOPBACK);
    assertFails(Reason.BLOCKED, () -> alice.connect(bob.peerId(), LIMIT));
    assertThat(alice.metrics().value(Refusal.BLOCKED_ADDRESS)).isEqualTo(1);
    assertThat(bob.metrics().snapshot()).as("nobody came").isEmpty();
  }

  @Test
  void acceptsNobodyFromABlockedPlace() {
    bob.block(LOOPBACK);
    assertFails(Reason.HANDSHAKE_FAILED, () -> alice.connect(bob.peerId(), LIMIT));
    assertThat(bob.metrics().value(Refusal.BLOCKED_ADDRESS)).isEqualTo(1);
    assertThat(bob.table().places()).isZero();
  }

  @Test
  void letsABlockedPeerGoOnceItIsKnownWhoItIs() throws Exception {
    bob.block(of(alice.peerId()));
    try {
      alice.connect(bob.peerId(), LIMIT);
    } catch (IOException e) {
      // the dialler may be ready before the other side has made up its mind, or not
    }
    await().until(() -> bob.metrics().value(Refusal.BLOCKED_PEER) == 1);
    await().until(() -> alice.connections().isEmpty());
    assertThat(bob.connections()).isEmpty();
    assertThat(bob.metrics().value(HostMetrics.CONNECTIONS_INBOUND)).isZero();
  }

  @Test
  void closesConnectionsWhenTheListChangesAndOnlyThose() throws Exception {
    TcpHost carol = host(HostLimits.DEFAULT);
    carol.connect(full(bob), LIMIT);
    alice.connect(bob.peerId(), LIMIT);
    await().until(() -> bob.connections().size() == 2);
    bob.block(of(alice.peerId()));
    await().until(() -> alice.connections().isEmpty());
    await().until(() -> bob.connections().size() == 1);
    assertThat(Ping.measure(carol, bob.peerId(), LIMIT)).isPositive();
    bob.block(LOOPBACK);
    await().until(() -> carol.connections().isEmpty());
    bob.block(BlockList.NONE);
    assertThat(Ping.measure(alice, bob.peerId(), LIMIT)).isPositive();
  }
}
