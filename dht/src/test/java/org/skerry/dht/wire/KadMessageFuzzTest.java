package org.skerry.dht.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.OptionalLong;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.wire.KadMessageCodec.MalformedMessageException;
import org.skerry.libp2p.testing.Hostile;

class KadMessageFuzzTest {
  @FuzzTest
  void message(byte[] in) {
    Hostile.read(MalformedMessageException.class, () -> KadMessageCodec.decode(in))
        .ifPresent(message -> {
          assertThat(message.closer()).hasSizeLessThanOrEqualTo(KadMessageCodec.MAX_PEERS);
          assertThat(message.providers()).hasSizeLessThanOrEqualTo(KadMessageCodec.MAX_PEERS);
          for (KadMessage.Peer peer : message.closer()) {
            assertThat(peer.addresses()).hasSizeLessThanOrEqualTo(PeerAddresses.MAX_ADDRESSES);
          }
          byte[] written = KadMessageCodec.encode(message);
          assertThat(
                  Hostile.read(
                      MalformedMessageException.class, () -> KadMessageCodec.decode(written)))
              .contains(message);
        });
  }

  @FuzzTest
  void timestamp(byte[] in) {
    OptionalLong time = Timestamps.parse(new String(in, UTF_8));
    if (time.isPresent()) {
      long years = time.getAsLong() / 31_556_952_000L;
      String text = Timestamps.format(time.getAsLong());
      if (Math.abs(years) < 7_900) {
        assertThat(Timestamps.parse(text)).isEqualTo(time);
      }
    }
  }
}
