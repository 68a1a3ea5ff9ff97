package org.skerry.libp2p.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;

class SimulatedNetworkTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final String ECHO = "/echo/1.0.0";

  private final SimulatedNetwork network = new SimulatedNetwork(7);
  private final MemoryHost alice = network.host();
  private final MemoryHost bob = network.host();

  @AfterEach
  void close() {
    network.close();
  }

  private void echoAtBob() {
    bob.handle(
        ECHO,
        stream -> {
          ByteBuffer buffer = ByteBuffer.allocate(1000);
          while (stream.read(buffer.clear()) >= 0) {
            stream.write(buffer.flip());
          }
        });
    network.introduceAll();
  }

  @Test
  void echoesMoreThanTheBuffersHold() throws Exception {
    echoAtBob();
    network.bufferBytes(4096);
    byte[] message = new byte[100_000];
    new java.util.Random(1).nextBytes(message);
    try (Stream stream = alice.open(bob.peerId(), List.of("/none", ECHO), SECOND)) {
      assertThat(stream.protocol()).isEqualTo(ECHO);
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(() -> {
            try {
              stream.writeMessage(message);
              stream.closeWrite();
            } catch (Libp2pException e) {
              throw new IllegalStateException(e);
            }
          });
      assertThat(stream.readMessage(100_000)).isEqualTo(message);
      writing.get(5, TimeUnit.SECONDS);
      assertThat(stream.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void blocksTheWriterWhileNobodyReads() throws Exception {
    bob.handle("/sink", stream -> new CompletableFuture<Void>().join());
    network.introduceAll();
    Stream stream = alice.open(bob.peerId(), List.of("/sink"), SECOND);
    stream.timeout(Duration.ofMillis(20));
    ByteBuffer tooMuch = ByteBuffer.allocate(300_000);
    assertFails(Reason.TIMEOUT, () -> stream.write(tooMuch));
    assertThat(tooMuch.position()).isEqualTo(256 * 1024);
  }

  @Test
  void failsAReaderWhenTheConnectionCloses() throws Exception {
    bob.handle("/silent", stream -> stream.read(ByteBuffer.allocate(1)));
    network.introduceAll();
    Stream stream = alice.open(bob.peerId(), List.of("/silent"), SECOND);
    CompletableFuture<Reason> reading =
        CompletableFuture.supplyAsync(() -> {
          try {
            stream.read(ByteBuffer.allocate(1));
            throw new IllegalStateException("read something");
          } catch (Libp2pException e) {
            return e.reason();
          }
        });
    alice.connections().getFirst().close();
    assertThat(reading.get(5, TimeUnit.SECONDS)).isEqualTo(Reason.CLOSED);
    assertThat(alice.connections()).isEmpty();
    assertThat(bob.connections()).isEmpty();
  }

  @Test
  void resetsTheStreamWhenTheHandlerThrows() throws Exception {
    bob.handle(
        "/throws",
        stream -> {
          throw new IllegalStateException("on purpose");
        });
    network.introduceAll();
    Stream stream = alice.open(bob.peerId(), List.of("/throws"), SECOND);
    assertFails(Reason.STREAM_RESET, () -> stream.read(ByteBuffer.allocate(1)));
  }

  @Test
  void tellsListenersOnBothSidesWhoConnectedAndWhatTheySpeak() throws Exception {
    echoAtBob();
    CompletableFuture<PeerId> connected = new CompletableFuture<>();
    CompletableFuture<List<String>> identified = new CompletableFuture<>();
    bob.addListener(
        new Host.Listener() {
          @Override
          public void connected(Connection connection) {
            connected.complete(connection.remotePeer());
          }
        });
    alice.addListener(
        new Host.Listener() {
          @Override
          public void identified(PeerId peer, List<String> protocols, List<Multiaddr> addresses) {
            identified.complete(protocols);
          }
        });
    Connection connection = alice.connect(bob.peerId(), SECOND);
    assertThat(alice.connect(bob.peerId(), SECOND)).isSameAs(connection);
    assertThat(connected.get(5, TimeUnit.SECONDS)).isEqualTo(alice.peerId());
    assertThat(identified.get(5, TimeUnit.SECONDS)).containsExactly(ECHO);
  }

  @Test
  void saysWhyAPeerCannotBeReached() {
    echoAtBob();
    assertFails(
        Reason.PROTOCOL_UNSUPPORTED, () -> alice.open(bob.peerId(), List.of("/none"), SECOND));
    network.lossRate(1);
    assertFails(Reason.TIMEOUT, () -> alice.open(bob.peerId(), List.of(ECHO), SECOND));
    network.lossRate(0);
    network.partition(List.of(alice));
    assertThat(alice.connections()).isEmpty();
    assertFails(Reason.UNREACHABLE, () -> alice.connect(bob.peerId(), SECOND));
    network.heal();
    Multiaddr bobAddress = bob.listenAddresses().getFirst();
    MemoryHost carol = network.host();
    assertFails(
        Reason.HANDSHAKE_FAILED,
        () -> alice.connect(bobAddress.withPeerId(carol.peerId()), SECOND));
    bob.close();
    assertFails(Reason.UNREACHABLE, () -> alice.connect(bob.peerId(), SECOND));
  }

  private static void assertFails(
      Reason reason, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Libp2pException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
