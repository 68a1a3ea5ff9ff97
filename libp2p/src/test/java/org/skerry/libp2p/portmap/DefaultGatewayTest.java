package org.skerry.libp2p.portmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class DefaultGatewayTest {
  private static final String HEAD =
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";

  @Test
  void isThatOfTheRouteToEverywhereWithTheLeastMetric() {
    assertThat(
            DefaultGateway.in(
                List.of(
                    HEAD,
                    "wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0   ",
                    "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0   ",
                    "eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0   ")))
        .contains(InetAddress.ofLiteral("192.168.1.1"));
  }

  @Test
  void isUnknownWithoutSuchARoute() {
    assertThat(DefaultGateway.in(List.of())).isEmpty();
    assertThat(
            DefaultGateway.in(
                List.of(
                    HEAD,
                    "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0",
                    "tun0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000080\t0\t0\t0",
                    "eth0\t00000000\tXYZ\t0003\t0\t0\t0\t00000000\t0\t0\t0",
                    "eth0\t00000000\t0101A8C0",
                    "")))
        .isEmpty();
  }
}
