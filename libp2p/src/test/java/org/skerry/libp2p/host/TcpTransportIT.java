package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.libp2p.Multiaddr;

class TcpTransportIT {
  private static final InetSocketAddress OUTSIDE = new InetSocketAddress("11.0.0.1", 4001);

  @ParameterizedTest
  @CsvSource({"0.0.0.0, true", "127.0.0.1, false"})
  void dialsOutsideLeaveFromThePortThatIsListenedOnAtAllAddresses(String at, boolean leaves)
      throws Exception {
    assumeThat(Sockets.EPOLL.isAvailable()).isTrue();
    EventLoops loops = EventLoops.start(Sockets.EPOLL);
    try {
      TcpTransport tcp = new TcpTransport(loops);
      Channel server = tcp.listen(Multiaddr.parse("/ip4/" + at + "/tcp/0"), Channel::close);
      int port = ((InetSocketAddress) server.localAddress()).getPort();
      assertThat(tcp.listeningFor(OUTSIDE).map(InetSocketAddress::getPort))
          .isEqualTo(leaves ? Optional.of(port) : Optional.empty());
      server.close().syncUninterruptibly();
    } finally {
      loops.close();
    }
  }
}
