package org.skerry.transfer.compress;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import org.skerry.libp2p.testing.Hostile;

class PlaneCodecFuzzTest {
  /** A chunk's size in three bytes, of which the first are few; then what it is said to be. */
  @FuzzTest
  void decode(byte[] in) {
    if (in.length >= 3) {
      int size = (in[0] & 3) << 16 | (in[1] & 0xff) << 8 | (in[2] & 0xff);
      ByteBuffer encoded = ByteBuffer.wrap(in, 3, in.length - 3);
      Hostile.read(DataFormatException.class, () -> PlaneCodec.decode(encoded, size))
          .ifPresent(chunk -> {
            assertThat(chunk.remaining()).isEqualTo(size);
            assertThat(encoded.position()).isEqualTo(3);
          });
    }
  }

  @FuzzTest
  void encode(byte[] in) throws DataFormatException {
    byte[] chunk = Arrays.copyOf(in, in.length * 3); // A third of it is not all zeros.
    ByteBuffer room = PlaneCodec.room(chunk.length);
    var encoded = PlaneCodec.encode(ByteBuffer.wrap(chunk), room);
    if (encoded.isPresent()) {
      assertThat(encoded.get().remaining()).isLessThan(Math.max(1, chunk.length));
      assertThat(PlaneCodec.decode(encoded.get(), chunk.length)).isEqualTo(ByteBuffer.wrap(chunk));
    }
  }
}
