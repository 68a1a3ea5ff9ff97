package org.skerry.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.trainer.TrainerException;

class DatasetFilesFuzzTest {
  private static final int BLOCK = 512;
  private static final ReadLimits LIMITS = new ReadLimits(2000, 64, 4096, 4, 100, 0.5);

  @TempDir static Path folder;

  /** A tar, whose end is there whatever the input has. */
  @FuzzTest
  void tar(byte[] in) throws IOException {
    byte[] padded = Arrays.copyOf(in, (Math.ceilDiv(in.length, BLOCK) + 2) * BLOCK);
    Path tar = Files.write(folder.resolve("shard.tar"), padded);
    for (SampleFormat.Kind kind : SampleFormat.Kind.values()) {
      List<TarSample> found = new ArrayList<>();
      try {
        new TarWalk(tar, kind, true, LIMITS, new Collector(found)).run();
      } catch (TrainerException e) {
        assertThat(e.reason()).isEqualTo(TrainerException.Reason.CORRUPT_ARCHIVE);
      }
      for (TarSample sample : found) {
        int at = Math.toIntExact(sample.offset());
        assertThat(sample.length()).isBetween(0, LIMITS.maxImageBytes());
        assertThat(sample.content())
            .isEqualTo(Arrays.copyOfRange(padded, at, at + sample.length()));
      }
    }
    TarWalk.firstKind(tar);
  }

  private record Collector(List<TarSample> found) implements TarWalk.Visitor {
    @Override
    public void take(TarSample sample) {
      found.add(sample);
    }

    @Override
    public void skip(String where, BadImage reason) {
      assertThat(where).contains("shard.tar");
    }
  }

  @FuzzTest
  void idx(byte[] in) throws IOException {
    Path file = Files.write(folder.resolve("train-images-idx3-ubyte"), in);
    try {
      Dataset read = IdxImages.read(file, 8, LIMITS);
      assertThat(IdxImages.isIdx(file)).isTrue();
      assertThat(read.images().count()).isLessThanOrEqualTo(LIMITS.maxImages());
    } catch (TrainerException e) {
      assertThat(e.reason()).isNotNull();
    }
  }
}
