package org.skerry.libp2p.dcutr;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.multiformats.Varint;
import org.skerry.libp2p.testing.Hostile;
import org.skerry.libp2p.testing.RecordedStream;
import org.skerry.libp2p.wire.DcutrWire.HolePunch;

class HolePunchFuzzTest {
  @FuzzTest
  void message(byte[] in) {
    for (HolePunch.Type type : HolePunch.Type.values()) {
      RecordedStream stream = new RecordedStream(DirectUpgrade.PROTOCOL, in);
      Hostile.read(Libp2pException.class, () -> DirectUpgrade.read(stream, type))
          .ifPresent(message -> assertThat(message.getType()).isEqualTo(type));
      assertThat(in.length - stream.unread())
          .isLessThanOrEqualTo(DirectUpgrade.MAX_MESSAGE_BYTES + Varint.MAX_BYTES);
    }
  }
}
