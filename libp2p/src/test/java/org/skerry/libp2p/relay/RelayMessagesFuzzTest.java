package org.skerry.libp2p.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.multiformats.Varint;
import org.skerry.libp2p.testing.Hostile;
import org.skerry.libp2p.testing.RecordedStream;

class RelayMessagesFuzzTest {
  @FuzzTest
  void messages(byte[] in) {
    Hostile.read(
            Libp2pException.class,
            () -> RelayMessages.readHop(new RecordedStream(RelayMessages.HOP, in)))
        .flatMap(message -> RelayMessages.id(message.getPeer()))
        .ifPresent(peer -> assertThat(RelayMessages.id(RelayMessages.peer(peer))).contains(peer));
    RecordedStream stop = new RecordedStream(RelayMessages.STOP, in);
    Hostile.read(Libp2pException.class, () -> RelayMessages.readStop(stop));
    assertThat(in.length - stop.unread())
        .isLessThanOrEqualTo(RelayMessages.MAX_BYTES + Varint.MAX_BYTES);
  }
}
