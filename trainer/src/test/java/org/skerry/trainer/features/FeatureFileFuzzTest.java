package org.skerry.trainer.features;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.npy.NpyHeader;

class FeatureFileFuzzTest {
  private static final int IMAGES = 3;

  @TempDir static Path folder;

  @FuzzTest
  void npy(byte[] in) throws IOException {
    read("features.npy", in);
  }

  @FuzzTest
  void safetensors(byte[] in) throws IOException {
    read("features.safetensors", in);
  }

  private static void read(String name, byte[] in) throws IOException {
    try {
      FeatureTable table = FeatureFile.read(Files.write(folder.resolve(name), in), IMAGES);
      assertThat(table.vectors()).hasDimensions(IMAGES, table.vectors()[0].length);
    } catch (TrainerException e) {
      assertThat(e.reason()).isEqualTo(TrainerException.Reason.BAD_FEATURES);
    }
  }

  @FuzzTest
  void npyHeader(byte[] in) throws IOException {
    try {
      NpyHeader header = NpyHeader.read(new ByteArrayInputStream(in));
      assertThat(header.sizeBytes()).isLessThanOrEqualTo(in.length);
      assertThat(header.shape()).allMatch(side -> side >= 0);
    } catch (NpyHeader.MalformedException e) {
      assertThat(e.getMessage()).contains(";");
    }
  }
}
