package org.skerry.libp2p.multiformats;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.skerry.libp2p.testing.Hostile;

/** Every value has one form, and what has another is refused. */
class MultiformatsFuzzTest {
  @FuzzTest
  void varint(byte[] in) {
    ByteBuffer buffer = ByteBuffer.wrap(in);
    Hostile.read(MultiformatException.class, () -> Varint.read(buffer))
        .ifPresent(value ->
            assertThat(Varint.encode(value)).isEqualTo(Arrays.copyOf(in, buffer.position())));
  }

  @FuzzTest
  void binary(byte[] in) {
    Hostile.read(MultiformatException.class, () -> Multihash.ofBytes(in))
        .ifPresent(hash -> assertThat(hash.bytes()).isEqualTo(in));
    Hostile.read(MultiformatException.class, () -> Cid.ofBytes(in))
        .ifPresent(cid -> {
          assertThat(cid.bytes()).isEqualTo(in);
          assertThat(Cid.parse(cid.toString())).isEqualTo(cid);
        });
    assertThat(Base32.decode(Base32.encode(in))).isEqualTo(in);
  }

  @FuzzTest
  void text(byte[] in) {
    String text = new String(in, ISO_8859_1);
    Hostile.read(MultiformatException.class, () -> Base58.decode(text))
        .ifPresent(bytes -> assertThat(Base58.encode(bytes)).isEqualTo(text));
    Hostile.read(MultiformatException.class, () -> Base32.decode(text))
        .ifPresent(bytes -> assertThat(Base32.encode(bytes)).isEqualTo(text));
    Hostile.read(MultiformatException.class, () -> Cid.parse(text))
        .ifPresent(cid -> assertThat(Cid.parse(cid.toString())).isEqualTo(cid));
  }
}
