package org.skerry.libp2p.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import org.skerry.libp2p.testing.Hostile;

class KeysFuzzTest {
  private static final byte[] MESSAGE = {1, 2, 3};

  /** A key after its size in two bytes, then a signature. */
  @FuzzTest
  void keyAndSignature(byte[] in) {
    int size = in.length < 2 ? 0 : (in[0] & 0xff) << 8 | (in[1] & 0xff);
    byte[] encoded = Arrays.copyOfRange(in, Math.min(2, in.length), Math.min(2 + size, in.length));
    byte[] signature = Arrays.copyOfRange(in, Math.min(2 + size, in.length), in.length);
    Hostile.read(KeyFormatException.class, () -> PublicKey.decode(encoded))
        .ifPresent(key -> {
          assertThat(key.encoded()).isEqualTo(encoded);
          assertThat(key.verify(MESSAGE, new byte[0])).isFalse();
          if (key.verify(MESSAGE, signature)) {
            assertThat(key.verify(new byte[] {1, 2, 4}, signature)).isFalse();
          }
        });
  }

  @FuzzTest
  void privateKey(byte[] in) {
    Hostile.read(KeyFormatException.class, () -> PrivateKey.decode(in))
        .ifPresent(key -> assertThat(key.encoded()).isEqualTo(in));
  }
}
