package org.skerry.diffusion.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;

class SafetensorsFuzzTest {
  @FuzzTest
  void file(byte[] in) {
    try {
      Safetensors file = Safetensors.read(ByteBuffer.wrap(in));
      long bytes = 0;
      for (HostTensor tensor : file.tensors().values()) {
        bytes += tensor.data().remaining();
      }
      assertThat(bytes).isLessThan(in.length);
    } catch (SafetensorsException e) {
      assertThat(e.reason()).isNotNull();
    }
  }

  /** A header for a buffer of as many bytes as the first two say. */
  @FuzzTest
  void header(byte[] in) throws SafetensorsException {
    if (in.length < 2) {
      return;
    }
    int buffer = (in[0] & 0xff) << 8 | (in[1] & 0xff);
    SafetensorsHeader header;
    try {
      header = SafetensorsHeader.parse(Arrays.copyOfRange(in, 2, in.length), buffer);
    } catch (SafetensorsException e) {
      assertThat(e.reason()).isNotNull();
      return;
    }
    assertThat(SafetensorsHeader.parse(header.encode(), buffer)).isEqualTo(header);
  }
}
