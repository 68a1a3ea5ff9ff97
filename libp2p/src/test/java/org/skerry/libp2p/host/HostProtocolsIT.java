package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.ping.Ping;

/** Identify, ping, and how two hosts agree on a protocol. */
@ParameterizedClass
@EnumSource(Wire.class)
class HostProtocolsIT extends HostFixture {
  HostProtocolsIT(Wire wire) {
    connectBy(wire);
  }

  @Test
  void identifiesEachOtherAndHearsOfNewProtocols() throws Exception {
    var seen = new ConcurrentLinkedQueue<List<String>>();
    alice.addListener(
        new Host.Listener() {
          @Override
          public void identified(PeerId peer, List<String> protocols, List<Multiaddr> addresses) {
            assertThat(addresses).isEqualTo(bob.listenAddresses());
            seen.add(protocols);
          }
        });
    alice.connect(bob.peerId(), LIMIT);
    await().until(() -> !seen.isEmpty());
    assertThat(seen.peek()).contains(Ping.PROTOCOL, "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0");
    await().until(() -> bob.protocols(alice.peerId()).contains(Ping.PROTOCOL));
    assertThat(bob.addresses(alice.peerId())).containsAll(alice.listenAddresses());
    bob.handle(ECHO, HostFixture::echo);
    await().until(() -> alice.protocols(bob.peerId()).contains(ECHO));
  }

  @Test
  void pings() throws Exception {
    assertThat(Ping.measure(alice, bob.peerId(), LIMIT)).isPositive().isLessThan(LIMIT);
    await().until(() -> alice.protocols(bob.peerId()).contains(Ping.PROTOCOL));
    assertThat(Ping.measure(alice, bob.peerId(), LIMIT)).as("optimistically").isPositive();
  }

  @Test
  void choosesTheFirstCommonProtocolAndRefusesWhenThereIsNone() throws Exception {
    bob.handle("/b", HostFixture::echo);
    bob.handle("/c", HostFixture::echo);
    try (Stream stream = alice.open(bob.peerId(), List.of("/a", "/b", "/c"), LIMIT)) {
      assertThat(stream.protocol()).isEqualTo("/b");
      assertThat(stream.remotePeer()).isEqualTo(bob.peerId());
    }
    assertFails(
        Reason.PROTOCOL_UNSUPPORTED, () -> alice.open(bob.peerId(), List.of("/x", "/y"), LIMIT));
  }

  @Test
  void learnsAfterAnOptimisticProposalThatTheProtocolIsGone() throws Exception {
    bob.handle("/old", HostFixture::echo);
    alice.connect(bob.peerId(), LIMIT);
    await().until(() -> alice.protocols(bob.peerId()).contains("/old"));
    alice.book().protocols(bob.peerId(), List.of("/old", "/gone"));
    Stream stream = alice.open(bob.peerId(), List.of("/gone"), LIMIT);
    stream.write(ByteBuffer.allocate(10));
    assertFails(Reason.PROTOCOL_UNSUPPORTED, () -> stream.read(ByteBuffer.allocate(1)));
    assertFails(
        Reason.PROTOCOL_UNSUPPORTED, () -> alice.open(bob.peerId(), List.of("/gone"), LIMIT));
  }

  @Test
  void deliversAOneWayMessageThatIsClosedRightAfterAnOptimisticProposal() throws Exception {
    var messages = new ConcurrentLinkedQueue<byte[]>();
    bob.handle("/tell", stream -> messages.add(stream.readMessage(100)));
    alice.connect(bob.peerId(), LIMIT);
    await().until(() -> alice.protocols(bob.peerId()).contains("/tell"));
    for (int i = 0; i < 50; i++) {
      try (Stream stream = alice.open(bob.peerId(), List.of("/tell"), LIMIT)) {
        stream.writeMessage(new byte[] {(byte) i});
      }
    }
    await().until(() -> messages.size() == 50);
  }

  @Test
  void keepsNoStreamForAProtocolThatCannotBeProposed() throws Exception {
    String tooLong = "/" + "x".repeat(2000);
    for (int i = 0; i < 300; i++) { // more than may be open unacknowledged
      assertThatThrownBy(() -> alice.open(bob.peerId(), List.of(tooLong), LIMIT))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> alice.open(bob.peerId(), List.of(), LIMIT))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(Ping.measure(alice, bob.peerId(), LIMIT)).isPositive();
  }
}
