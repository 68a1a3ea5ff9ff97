package org.skerry.libp2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.skerry.libp2p.mdns.MdnsPackets.Heard;

class MdnsPacketsFuzzTest {
  private final MdnsPackets packets = new MdnsPackets("_p2p._udp.local.");

  @FuzzTest
  void packet(byte[] in) {
    ByteBuf packet = Unpooled.wrappedBuffer(in);
    if (packets.read(packet) instanceof Heard.Peers(var addresses)) {
      assertThat(addresses).isNotEmpty();
      addresses.values().forEach(of -> assertThat(of).hasSizeBetween(1, MdnsPackets.MAX_ADDRESSES));
    }
    assertThat(packet.refCnt()).as("references to the packet").isOne();
  }
}
