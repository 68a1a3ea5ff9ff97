package org.skerry.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AeadTest {
  private static final HexFormat HEX = HexFormat.of();

  /** RFC 8439, section 2.8.2. */
  @Test
  void sealsTheVectorOfTheRfc() {
    byte[] key = HEX.parseHex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    for (Aead aead : both(key)) {
      byte[] plain =
          ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the"
                  + " future, sunscreen would be it.")
              .getBytes(StandardCharsets.US_ASCII);
      byte[] sealed = new byte[plain.length + Aead.TAG_BYTES];
      aead.seal(
          HEX.parseHex("070000004041424344454647"),
          HEX.parseHex("50515253c0c1c2c3c4c5c6c7"),
          new ByteBuffer[] {ByteBuffer.wrap(plain)},
          ByteBuffer.wrap(sealed));
      assertThat(HEX.formatHex(sealed))
          .startsWith("d31a8d34648e60db7b86afbc53ef7ec2")
          .endsWith("1ae10b594f09e26a7e902ecbd0600691");
    }
  }

  @Test
  void bothOpenWhatTheOtherSealedAndNothingElse() {
    Random random = new Random(7);
    byte[] key = new byte[32];
    random.nextBytes(key);
    assumeThat(Libcrypto.usable()).isPresent();
    Aead[] both = both(key);
    byte[] nonce = new byte[Aead.NONCE_BYTES];
    for (int i = 0; i < 400; i++) {
      byte[] plain = new byte[random.nextInt(i < 200 ? 200 : 70_000)];
      byte[] ad = new byte[random.nextInt(40)];
      random.nextBytes(plain);
      random.nextBytes(ad);
      random.nextBytes(nonce);
      byte[] sealed = new byte[plain.length + Aead.TAG_BYTES];
      int cut = random.nextInt(plain.length + 1);
      ByteBuffer direct =
          ByteBuffer.allocateDirect(plain.length - cut).put(plain, cut, plain.length - cut).flip();
      both[i % 2].seal(
          nonce,
          ad,
          new ByteBuffer[] {ByteBuffer.wrap(plain, 0, cut), direct},
          ByteBuffer.wrap(sealed));
      byte[] opened = new byte[plain.length];
      assertThat(open(both[1 - i % 2], nonce, ad, sealed, opened)).isTrue();
      assertThat(opened).isEqualTo(plain);
      sealed[random.nextInt(sealed.length)] ^= (byte) (1 << random.nextInt(8));
      for (Aead aead : both) {
        assertThat(open(aead, nonce, ad, sealed, opened)).isFalse();
      }
    }
  }

  /** A frame is opened where it lies. */
  @Test
  void worksInPlace() {
    byte[] key = new byte[32];
    byte[] nonce = new byte[Aead.NONCE_BYTES];
    for (Aead aead : both(key)) {
      byte[] buffer = new byte[1000 + Aead.TAG_BYTES];
      new Random(3).nextBytes(buffer);
      byte[] plain = buffer.clone();
      aead.seal(
          nonce,
          new byte[0],
          new ByteBuffer[] {ByteBuffer.wrap(buffer, 0, 1000)},
          ByteBuffer.wrap(buffer));
      assertThat(open(aead, nonce, new byte[0], buffer, buffer)).isTrue();
      assertThat(buffer).startsWith(java.util.Arrays.copyOf(plain, 1000));
    }
  }

  @Test
  void writesNothingBeyondItsRoom() {
    for (Aead aead : both(new byte[32])) {
      ByteBuffer[] in = {ByteBuffer.allocate(40)};
      ByteBuffer tight = ByteBuffer.allocate(40 + Aead.TAG_BYTES - 1);
      assertThatThrownBy(() -> aead.seal(new byte[Aead.NONCE_BYTES], new byte[0], in, tight))
          .isInstanceOf(BufferOverflowException.class);
    }
  }

  private static boolean open(Aead aead, byte[] nonce, byte[] ad, byte[] sealed, byte[] opened) {
    return aead.open(nonce, ad, ByteBuffer.wrap(sealed), ByteBuffer.wrap(opened));
  }

  private static Aead[] both(byte[] key) {
    return Libcrypto.usable()
        .map(library -> new Aead[] {new JdkAead(key), library.aead(key)})
        .orElseGet(() -> new Aead[] {new JdkAead(key)});
  }
}
