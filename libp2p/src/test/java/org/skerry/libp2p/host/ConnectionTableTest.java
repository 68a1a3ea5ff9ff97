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
    return new ConnectionTable(SELF, ConnectionLimits.of(total, perIp, pending));
  }

  private static Place admitted(Admission admission) {
    return ((Admission.Admitted) admission).place();
  }

  private static Admission admit(ConnectionTable table, String ip) {
    return table.admitInbound(InetAddress.ofLiteral(ip), 0);
  }

  @Test
  void countsAnIpv6NetworkAsOneHost() {
    ConnectionTable table = table(10, 2, 10);
    admitted(admit(table, "2001:db8::1"));
    admitted(admit(table, "2001:db8::ffff:2"));
    assertThat(admit(table, "2001:db8::3"))
        .isEqualTo(new Admission.Refused(Refusal.CONNECTIONS_PER_IP));
    admitted(admit(table, "2001:db8:0:1::1"));
  }

  @Test
  void givesEveryPlaceBackOnceHoweverOftenItIsLeft() {
    ConnectionTable table = table(2, 2, 2);
    Place one = admitted(admit(table, "10.0.0.1"));
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
    Place first = admitted(admit(table, "10.0.0.1"));
    assertThat(admit(table, "10.0.0.2"))
        .isEqualTo(new Admission.Refused(Refusal.PENDING_HANDSHAKES));
    first.handshakeOver();
    admitted(admit(table, "10.0.0.2"));
    assertThat(table.places()).isEqualTo(2);
  }

  @Test
  void leavesHalfOfThePendingHandshakesToOtherAddresses() {
    ConnectionTable table = table(10, 10, 4);
    Place first = admitted(admit(table, "10.0.0.1"));
    admitted(admit(table, "10.0.0.1"));
    assertThat(admit(table, "10.0.0.1"))
        .isEqualTo(new Admission.Refused(Refusal.PENDING_HANDSHAKES_PER_IP));
    admitted(admit(table, "10.0.0.2"));
    first.handshakeOver();
    first.leave();
    admitted(admit(table, "10.0.0.1"));
    assertThat(admit(table, "10.0.0.1"))
        .isEqualTo(new Admission.Refused(Refusal.PENDING_HANDSHAKES_PER_IP));
    assertThat(table.places()).isEqualTo(3);
  }

  @Test
  void doesNotCountWhatThisHostDialsAgainstAnAddress() {
    ConnectionTable table = table(10, 1, 1);
    admitted(table.admitOutbound());
    admitted(table.admitOutbound());
    admitted(admit(table, "10.0.0.1"));
  }

  @Test
  void countsTheAddressesOfOneHosterTogether() {
    ConnectionTable table = table(10, 1, 10);
    admitted(admit(table, "203.0.113.1"));
    Place second = admitted(admit(table, "203.0.113.2"));
    assertThat(admit(table, "203.0.113.3"))
        .isEqualTo(new Admission.Refused(Refusal.CONNECTIONS_PER_SUBNET));
    admitted(admit(table, "203.0.114.1"));
    admitted(admit(table, "2001:db8:1:1::1"));
    admitted(admit(table, "2001:db8:1:2::1"));
    assertThat(admit(table, "2001:db8:1:3::1"))
        .isEqualTo(new Admission.Refused(Refusal.CONNECTIONS_PER_SUBNET));
    second.leave();
    admitted(admit(table, "203.0.113.3"));
  }

  @Test
  void keepsPlacesForDialling() {
    ConnectionTable table = table(8, 8, 8);
    for (int i = 1; i <= 7; i++) {
      admitted(admit(table, "10.0.0." + i));
    }
    assertThat(admit(table, "10.0.1.1")).isEqualTo(new Admission.Refused(Refusal.CONNECTIONS));
    admitted(table.admitOutbound());
  }

  @Test
  void takesNewConnectionsFromOnePlaceNoFasterThanItMay() {
    ConnectionTable table = table(100, 4, 100); // sixteen at once, then one a second
    InetAddress one = InetAddress.ofLiteral("10.0.0.1");
    for (int i = 0; i < 16; i++) {
      admitted(table.admitInbound(one, 0)).leave();
    }
    Admission refused = new Admission.Refused(Refusal.CONNECTION_RATE_PER_IP);
    assertThat(table.admitInbound(one, 0)).isEqualTo(refused);
    assertThat(table.admitInbound(one, 999_999_999)).isEqualTo(refused);
    admitted(table.admitInbound(one, 1_000_000_000)).leave();
    assertThat(table.admitInbound(one, 1_000_000_000)).isEqualTo(refused);
    admitted(admit(table, "10.0.0.2"));
  }
}
