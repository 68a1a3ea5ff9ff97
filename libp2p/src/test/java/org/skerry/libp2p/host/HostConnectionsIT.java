package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.skerry.libp2p.Connection;

/** How many connections two hosts have. */
@ParameterizedClass
@EnumSource(Wire.class)
class HostConnectionsIT extends HostFixture {
  HostConnectionsIT(Wire wire) {
    connectBy(wire);
  }

  @Test
  void keepsOneConnectionWhenManyThreadsDial() throws Exception {
    List<Future<Connection>> dials = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      dials.add(async(() -> alice.connect(bob.peerId(), LIMIT)));
    }
    for (Future<Connection> dial : dials) {
      assertThat(dial.get()).isSameAs(dials.getFirst().get());
    }
    await().until(() -> bob.connections().size() == 1);
    assertThat(bob.metrics().value(HostMetrics.CONNECTIONS_INBOUND)).isEqualTo(1);
  }

  @Test
  void survivesDialsFromBothSidesAtOnce() throws Exception {
    bob.addAddresses(alice.peerId(), alice.listenAddresses());
    alice.handle(ECHO, HostFixture::echo);
    bob.handle(ECHO, HostFixture::echo);
    for (int round = 0; round < 10; round++) {
      CountDownLatch go = new CountDownLatch(1);
      Future<byte[]> one = async(() -> roundTrip(go, alice, bob));
      Future<byte[]> other = async(() -> roundTrip(go, bob, alice));
      go.countDown();
      assertThat(one.get()).containsExactly(1, 2, 3);
      assertThat(other.get()).containsExactly(1, 2, 3);
      assertThat(alice.connections()).hasSize(1);
      await().until(() -> bob.connections().size() == 1);
      alice.table().all().forEach(MuxedConnection::close);
      await().until(() -> alice.table().places() == 0 && bob.table().places() == 0);
    }
  }
}
