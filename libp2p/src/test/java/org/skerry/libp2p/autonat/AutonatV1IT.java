package org.skerry.libp2p.autonat;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.testing.LeakCheck;
import org.skerry.libp2p.wire.AutonatV1Wire.Message;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.Dial;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.DialResponse;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.MessageType;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.PeerInfo;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.ResponseStatus;

/** Version 1: a server that speaks nothing else, and a client that asks it. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class AutonatV1IT {
  private static final Duration LIMIT = Duration.ofSeconds(15);

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private TcpHost client;
  private TcpHost server;
  private AutonatClient autonat;

  @BeforeEach
  void connect() throws Exception {
    client = host("127.0.0.1");
    server = host("127.0.0.2");
    client.connect(at(server).withPeerId(server.peerId()), LIMIT);
    autonat = closing(new AutonatClient(client, address -> true));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : toClose) {
      one.close();
    }
  }

  private <T extends AutoCloseable> T closing(T one) {
    toClose.push(one);
    return one;
  }

  private TcpHost host(String ip) throws Exception {
    return closing(
        TcpHost.start(
            PrivateKey.generate(new SecureRandom()),
            HostConfig.listening("test", Multiaddr.parse("/ip4/" + ip + "/tcp/0"))));
  }

  private static Multiaddr at(TcpHost host) {
    return host.listenAddresses().getFirst();
  }

  private void serve() throws Exception {
    closing(
        new AutonatServer(
            server, address -> true, AutonatServer.Limits.DEFAULT, InstantSource.system()));
    server.unhandle(AutonatMessages.DIAL_REQUEST);
  }

  private Verdict ask(Multiaddr... addresses) {
    return autonat.ask(server.peerId(), List.of(addresses), LIMIT);
  }

  @Test
  void aServerTellsWhatItReachesAndWhatItDoesNot() throws Exception {
    serve();
    Multiaddr closed = Multiaddr.parse("/ip4/127.0.0.1/tcp/1");
    assertThat(ask(closed, at(client))).isEqualTo(new Verdict.Claimed(at(client)));
    assertThat(ask(closed)).isEqualTo(new Verdict.Unreachable(closed));
  }

  @Test
  void nobodyIsDialledWhereTheRequestDoesNotComeFrom() throws Exception {
    serve();
    TcpHost elsewhere = host("127.0.0.9");
    assertThat(ask(at(elsewhere)))
        .isInstanceOfSatisfying(
            Verdict.Undecided.class, why -> assertThat(why.why()).contains("E_DIAL_REFUSED"));
    assertThat(elsewhere.connections()).isEmpty();
  }

  @Test
  void nobodyAsksForAnother() throws Exception {
    serve();
    PeerId other = host("127.0.0.1").peerId();
    assertThat(answered(dial(other)).getStatus()).isEqualTo(ResponseStatus.E_BAD_REQUEST);
    assertThat(answered(Message.getDefaultInstance()).getStatus())
        .isEqualTo(ResponseStatus.E_BAD_REQUEST);
    assertThat(answered(dial(client.peerId())).getStatus()).isEqualTo(ResponseStatus.OK);
  }

  private Message dial(PeerId whom) {
    return Message.newBuilder()
        .setType(MessageType.DIAL)
        .setDial(
            Dial.newBuilder()
                .setPeer(
                    PeerInfo.newBuilder()
                        .setId(ByteString.copyFrom(whom.bytes()))
                        .addAddrs(ByteString.copyFrom(at(client).bytes()))))
        .build();
  }

  private DialResponse answered(Message request) throws Exception {
    try (Stream stream = client.open(server.peerId(), List.of(AutonatMessages.V1), LIMIT)) {
      stream.writeMessage(request.toByteArray());
      return AutonatMessages.read(stream, Message.parser(), AutonatMessages.MAX_BYTES)
          .getDialResponse();
    }
  }

  @Test
  void aServerThatAnswersNonsenseIsNotBelieved() throws Exception {
    Multiaddr asked = at(client);
    for (byte[] answer :
        List.of(
            new byte[0],
            new byte[] {1, 2, 3},
            response(DialResponse.newBuilder()),
            response(
                DialResponse.newBuilder()
                    .setStatus(ResponseStatus.OK)
                    .setAddr(ByteString.copyFrom(at(server).bytes()))),
            response(
                DialResponse.newBuilder()
                    .setStatus(ResponseStatus.OK)
                    .setAddr(ByteString.copyFrom(new byte[] {9, 9}))))) {
      server.handle(
          AutonatMessages.V1,
          stream -> {
            stream.readMessage(AutonatMessages.MAX_BYTES);
            stream.writeMessage(answer);
          });
      assertThat(ask(asked)).isInstanceOf(Verdict.Undecided.class);
    }
  }

  private static byte[] response(DialResponse.Builder response) {
    return Message.newBuilder()
        .setType(MessageType.DIAL_RESPONSE)
        .setDialResponse(response)
        .build()
        .toByteArray();
  }
}
