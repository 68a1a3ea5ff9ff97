package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.host.ConnectionTable.Admission;
import org.skerry.libp2p.host.ConnectionTable.Place;
import org.skerry.libp2p.host.HostMetrics.Refusal;
import org.skerry.libp2p.multiformats.Multihash;

class ConnectionTableTest {
  private static final PeerId SELF = new PeerId(Multihash.identity(new byte[] {1}));

  private static ConnectionTable table(int total, int perIp, int pending) {
    return new ConnectionTable(SELF, HostLimits.DEFAULT.withConnections(total, perIp, pending));
  }

  private static Place admitted(Admission admission) {
    return ((Admission.Admitted) admission).place();
  }

  private static InetAddress ip(String text) {
    return InetAddress.ofLiteral(text);
  }

  @Test
  void countsAnIpv6NetworkAsOneHost() {
    ConnectionTable table = table(10, 2, 10);
    admitted(table.admitInbound(ip("2001:db8::1")));
    admitted(table.admitInbound(ip("2001:db8::ffff:2")));
    assertThat(table.admitInbound(ip("2001:db8::3")))
        .isEqualTo(new Admission.Refused(Refusal.CONNECTIONS_PER_IP));
    admitted(table.admitInbound(ip("2001:db8:0:1::1")));
  }

  @Test
  void givesEveryPlaceBackOnceHoweverOftenItIsLeft() {
    ConnectionTable table = table(2, 2, 2);
    Place one = admitted(table.admitInbound(ip("10.0.0.1")));
    Place two = admitted(table.admitOutbound());
    assertThat(table.admitOutbound()).isEqualTo(new Admission.Refused(Refusal.CONNECTIONS));
    one.leave();
    one.leave();
    one.handshakeOver();
    assertThat(table.places()).isEqualTo(1);
    two.leave();
    assertThat(table.places()).isZero();
  }

  @Test
  void takesNewHandshakesWhenOldOnesEnd() {
    ConnectionTable table = table(10, 10, 1);
    Place first = admitted(table.admitInbound(ip("10.0.0.1")));
    assertThat(table.admitInbound(ip("10.0.0.2")))
        .isEqualTo(new Admission.Refused(Refusal.PENDING_HANDSHAKES));
    first.handshakeOver();
    admitted(table.admitInbound(ip("10.0.0.2")));
    assertThat(table.places()).isEqualTo(2);
  }

  @Test
  void leavesHalfOfThePendingHandshakesToOtherAddresses() {
    ConnectionTable table = table(10, 10, 4);
    Place first = admitted(table.admitInbound(ip("10.0.0.1")));
    admitted(table.admitInbound(ip("10.0.0.1")));
    assertThat(table.admitInbound(ip("10.0.0.1")))
        .isEqualTo(new Admission.Refused(Refusal.PENDING_HANDSHAKES_PER_IP));
    admitted(table.admitInbound(ip("10.0.0.2")));
    first.handshakeOver();
    first.leave();
    admitted(table.admitInbound(ip("10.0.0.1")));
    assertThat(table.admitInbound(ip("10.0.0.1")))
        .isEqualTo(new Admission.Refused(Refusal.PENDING_HANDSHAKES_PER_IP));
    assertThat(table.places()).isEqualTo(3);
  }

  @Test
  void doesNotCountWhatThisHostDialsAgainstAnAddress() {
    ConnectionTable table = table(10, 1, 1);
    admitted(table.admitOutbound());
    admitted(table.admitOutbound());
    admitted(table.admitInbound(ip("10.0.0.1")));
  }
}
