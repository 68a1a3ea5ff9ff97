package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.skerry.libp2p.crypto.PrivateKey;

/** Hosts on each kind of sockets that this machine has. */
class SocketsIT extends HostFixture {
  private static Stream<Arguments> all() {
    return Stream.of(Sockets.values())
        .flatMap(
            sockets -> Stream.of(Wire.TLS, Wire.QUIC).map(wire -> Arguments.of(sockets, wire)));
  }

  @ParameterizedTest
  @MethodSource("all")
  void echoes(Sockets sockets, Wire wire) throws Exception {
    assumeTrue(sockets.isAvailable());
    connectBy(wire);
    TcpHost carol = on(sockets);
    TcpHost dave = on(sockets);
    dave.handle(ECHO, HostFixture::echo);
    carol.addAddresses(dave.peerId(), dave.listenAddresses());
    byte[] sent = new byte[3 << 20];
    new Random(1).nextBytes(sent);
    try (org.skerry.libp2p.Stream stream = carol.open(dave.peerId(), List.of(ECHO), LIMIT)) {
      Future<byte[]> answer = async(() -> stream.readFully(sent.length));
      stream.write(ByteBuffer.wrap(sent));
      assertThat(answer.get()).isEqualTo(sent);
    }
  }

  private TcpHost on(Sockets sockets) throws Exception {
    HostConfig config =
        new HostConfig(List.of(listen), "skerry/test", HostLimits.DEFAULT, security);
    return host(PrivateKey.generate(new SecureRandom()), config.withSockets(sockets));
  }
}
