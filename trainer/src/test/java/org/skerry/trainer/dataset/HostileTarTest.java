package org.skerry.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.trainer.TrainerException;

class HostileTarTest {
  private static final int HEADER = 512;
  private static final int SIZE_FIELD = 124;
  private static final int TYPE_FIELD = 156;
  private static final int CHECKSUM_FIELD = 148;

  @TempDir Path folder;

  @Test
  void sizesThatTheFileDoesNotHoldAreRefusedWithoutReservingMemory() throws IOException {
    byte[] tar = tar();
    for (String size : List.of("77777777777", "00777777777", "-0000000001", "zzzzzzzzzzz")) {
      byte[] lying = tar.clone();
      put(lying, SIZE_FIELD, size);
      assertRefused(lying);
    }
    byte[] binary = tar.clone();
    Arrays.fill(binary, SIZE_FIELD, SIZE_FIELD + 12, (byte) 0xff);
    assertRefused(binary);
    Arrays.fill(binary, SIZE_FIELD + 1, SIZE_FIELD + 12, (byte) 0x7f);
    binary[SIZE_FIELD] = (byte) 0x80;
    assertRefused(binary);
  }

  @Test
  void sparseEntriesAndExtendedHeadersOfNonsenseAreRefused() throws IOException {
    for (char type : new char[] {'S', 'x', 'g', 'L', 'K'}) {
      byte[] tar = tar();
      tar[TYPE_FIELD] = (byte) type;
      Path file = write(tar);
      assertThatCode(() -> readBothWays(file))
          .as("type %s", type)
          .satisfiesAnyOf(
              thrown -> assertThat(thrown).isNull(),
              thrown -> assertThat(thrown).isInstanceOf(TrainerException.class));
    }
    byte[] sparse = tar();
    sparse[TYPE_FIELD] = 'S';
    assertRefused(sparse);
  }

  @Test
  void damagedHeadersWithRightChecksumsEndInOneExceptionOrNone() throws IOException {
    long seed = 7;
    Random random = new Random(seed);
    byte[] tar = tar();
    for (int round = 0; round < 600; round++) {
      byte[] damaged = tar.clone();
      for (int i = 0; i < 1 + random.nextInt(3); i++) {
        damaged[random.nextInt(HEADER)] = (byte) random.nextInt();
      }
      Path file = write(damaged);
      assertThatCode(() -> readBothWays(file))
          .as("seed %s, round %s", seed, round)
          .satisfiesAnyOf(
              thrown -> assertThat(thrown).isNull(),
              thrown ->
                  assertThat(thrown)
                      .isInstanceOf(TrainerException.class)
                      .hasMessageContaining("hostile.tar")
                      .message()
                      .doesNotContain("\n"));
    }
  }

  private void assertRefused(byte[] tar) throws IOException {
    Path file = write(tar);
    assertThatThrownBy(() -> WebDataset.read(List.of(file), 8, ReadLimits.DEFAULT))
        .isInstanceOf(TrainerException.class)
        .hasMessageContaining("hostile.tar");
    assertThatThrownBy(() -> index(file)).isInstanceOf(TrainerException.class);
  }

  private static void readBothWays(Path file) throws IOException {
    int count;
    try (IndexedShards shards = index(file)) {
      count = shards.count();
      float[] target = new float[shards.format().values()];
      for (int i = 0; i < count; i++) {
        shards.read(i, target);
      }
    }
    Dataset read = WebDataset.readShards(List.of(file), 8, ReadLimits.DEFAULT);
    assertThat(read.images().count()).isLessThanOrEqualTo(count);
  }

  private static IndexedShards index(Path file) throws TrainerException {
    return IndexedShards.open(List.of(file), SampleFormat.pixels(8), ReadLimits.DEFAULT, 0);
  }

  private byte[] tar() throws IOException {
    ImageSet images = BuiltInPictures.generate(12, 8, 1);
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < images.count(); i++) {
      files.put("i" + i + ".png", ShardWriter.png(images, i));
    }
    return Files.readAllBytes(Tars.write(folder.resolve("whole.tar"), files));
  }

  /** Writes {@code tar} with the checksum of its first header made right. */
  private Path write(byte[] tar) throws IOException {
    Arrays.fill(tar, CHECKSUM_FIELD, CHECKSUM_FIELD + 8, (byte) ' ');
    int sum = 0;
    for (int i = 0; i < HEADER; i++) {
      sum += tar[i] & 0xff;
    }
    put(tar, CHECKSUM_FIELD, "%06o\0 ".formatted(sum));
    return Files.write(folder.resolve("hostile.tar"), tar);
  }

  private static void put(byte[] tar, int at, String text) {
    byte[] bytes = Tars.ascii(text);
    System.arraycopy(bytes, 0, tar, at, bytes.length);
  }
}
