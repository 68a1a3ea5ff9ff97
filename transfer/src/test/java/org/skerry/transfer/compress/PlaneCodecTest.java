package org.skerry.transfer.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.TestBlobs;

class PlaneCodecTest {
  /** What a chunk may hold. */
  private enum Kind {
    BFLOAT16 {
      @Override
      byte[] bytes(int size) {
        return TestBlobs.weights(size, size);
      }
    },
    FLOAT16 {
      @Override
      byte[] bytes(int size) {
        Random random = new Random(size);
        ByteBuffer out = ByteBuffer.allocate(size + 2).order(ByteOrder.LITTLE_ENDIAN);
        while (out.position() < size) {
          out.putShort(Float.floatToFloat16((float) random.nextGaussian(0, 0.02)));
        }
        return Arrays.copyOf(out.array(), size);
      }
    },
    FLOAT32 {
      @Override
      byte[] bytes(int size) {
        Random random = new Random(size);
        ByteBuffer out = ByteBuffer.allocate(size + 4).order(ByteOrder.LITTLE_ENDIAN);
        while (out.position() < size) {
          out.putFloat((float) random.nextGaussian(0, 0.02));
        }
        return Arrays.copyOf(out.array(), size);
      }
    },
    CONSTANT {
      @Override
      byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) 0xa5);
        return bytes;
      }
    };

    abstract byte[] bytes(int size);
  }

  @ParameterizedTest
  @EnumSource
  void comesBackAsItWas(Kind kind) throws DataFormatException {
    for (int from : new int[] {2_000, BlobHead.CHUNK_BYTES - 3}) {
      for (int size = from; size < from + 4; size++) {
        ByteBuffer chunk = ByteBuffer.wrap(kind.bytes(size)).asReadOnlyBuffer();
        ByteBuffer encoded = encode(chunk).orElseThrow();
        assertThat(PlaneCodec.decode(encoded.asReadOnlyBuffer(), size))
            .as("%s bytes", size)
            .isEqualTo(chunk);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"BFLOAT16, 0.67", "FLOAT16, 0.85", "FLOAT32, 0.84", "CONSTANT, 0.01"})
  void takesLessRoomThan(Kind kind, double ratio) {
    ByteBuffer chunk = ByteBuffer.wrap(kind.bytes(BlobHead.CHUNK_BYTES));
    assertThat(encode(chunk).orElseThrow().remaining())
        .isLessThan((int) (ratio * BlobHead.CHUNK_BYTES));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 7, 1_000, BlobHead.CHUNK_BYTES})
  void leavesAsItIsWhatDoesNotGetSmaller(int size) {
    assertThat(encode(ByteBuffer.wrap(TestBlobs.random(size, size)))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 15})
  void leavesAsItIsWhatIsShorterThanItsEncoding(int size) {
    assertThat(encode(ByteBuffer.wrap(new byte[size]))).isEmpty();
  }

  /** Forty words 0x3c0abc01 + i and two bytes more, written by Python's struct and zlib. */
  @Test
  void readsWhatAnotherWrote() throws DataFormatException {
    ByteBuffer chunk = ByteBuffer.allocate(162).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 40; i++) {
      chunk.putInt(0x3c0abc01 + i);
    }
    chunk.put((byte) 0xaa).put((byte) 0xbb).flip();
    byte[] encoded =
        HexFormat.of()
            .parseHex(
                "00000028020406080a0c0e10121416181a1c1e20222426282a2c2e30323436383a3c3e40"
                    + "424446484a4c4e50"
                    + "00000006aba8200e0000"
                    + "000000061315250e0000"
                    + "00000006aba8200e0000"
                    + "aabb");
    assertThat(PlaneCodec.decode(ByteBuffer.wrap(encoded), 162)).isEqualTo(chunk);
  }

  @Test
  void refusesEveryTruncationAndEveryOtherSize() {
    int size = 1_003;
    ByteBuffer encoded = encoded(size);
    for (int length = 0; length < encoded.remaining(); length++) {
      assertRefused(encoded.slice(0, length), size);
    }
    for (int other : new int[] {0, 1, size - 4, size - 1, size + 1, size + 4, 200_000}) {
      assertRefused(encoded, other);
    }
    assertRefused(
        ByteBuffer.allocate(encoded.remaining() + 1).put(encoded.duplicate()).rewind(), size);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void refusesDamagedBytesOrMakesAChunkOfThem(long seed) {
    Random random = new Random(seed);
    int size = 2_002;
    byte[] genuine = new byte[encoded(size).remaining()];
    encoded(size).get(genuine);
    int refused = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] damaged = i % 10 == 0 ? TestBlobs.random(genuine.length, i) : genuine.clone();
      for (int j = 0; j < 3; j++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        assertThat(PlaneCodec.decode(ByteBuffer.wrap(damaged), size).remaining()).isEqualTo(size);
      } catch (DataFormatException e) {
        refused++;
      }
    }
    assertThat(refused).as("seed %s", seed).isBetween(300, 2_999);
  }

  @Test
  void refusesAPlaneThatInflatesToTooMuchOrTooLittleOrHasMoreAfterItsEnd() {
    assertThat(decodes(deflated(100), 400)).isTrue();
    assertThat(decodes(deflated(99), 400)).isFalse();
    assertThat(decodes(deflated(101), 400)).isFalse();
    assertThat(decodes(deflated(1 << 20), 65_536 * 4)).isFalse();
    byte[] end = deflated(100);
    assertThat(decodes(Arrays.copyOf(end, end.length + 1), 400)).isFalse();
  }

  /** Whether four planes that all are {@code plane} are a chunk of this size. */
  private static boolean decodes(byte[] plane, int size) {
    ByteBuffer encoded = ByteBuffer.allocate(4 * (4 + plane.length));
    for (int i = 0; i < 4; i++) {
      encoded.putInt(plane.length).put(plane);
    }
    try {
      PlaneCodec.decode(encoded.flip(), size);
      return true;
    } catch (DataFormatException e) {
      return false;
    }
  }

  private static byte[] deflated(int zeros) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
      deflater.setInput(new byte[zeros]);
      deflater.finish();
      byte[] some = new byte[512];
      while (!deflater.finished()) {
        out.write(some, 0, deflater.deflate(some));
      }
    }
    return out.toByteArray();
  }

  private static ByteBuffer encoded(int size) {
    return encode(ByteBuffer.wrap(TestBlobs.weights(size, 1))).orElseThrow();
  }

  private static void assertRefused(ByteBuffer encoded, int size) {
    assertThatThrownBy(() -> PlaneCodec.decode(encoded, size))
        .as("%s bytes as a chunk of %s", encoded.remaining(), size)
        .isInstanceOf(DataFormatException.class);
  }

  private static Optional<ByteBuffer> encode(ByteBuffer chunk) {
    return PlaneCodec.encode(chunk, PlaneCodec.room(chunk.remaining()));
  }
}
