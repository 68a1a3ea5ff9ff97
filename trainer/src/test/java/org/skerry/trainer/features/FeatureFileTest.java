package org.skerry.trainer.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

class FeatureFileTest {
  private static final int ROWS = 30;
  private static final int COLUMNS = 5;

  @TempDir Path folder;

  private static float[] values() {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[ROWS * COLUMNS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** As numpy.save writes: the header padded with spaces to a multiple of 64 bytes. */
  private static byte[] npy(int version, String type, String order, String shape, float... values)
      throws IOException {
    StringBuilder text =
        new StringBuilder(
            "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }".formatted(type, order, shape));
    int lengthBytes = version == 1 ? 2 : 4;
    while ((8 + lengthBytes + text.length() + 1) % 64 != 0) {
      text.append(' ');
    }
    text.append('\n');
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    ByteBuffer length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(text.length());
    out.write(length.array(), 0, lengthBytes);
    out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
    ByteBuffer data =
        ByteBuffer.allocate(values.length * (type.equals("<f8") ? 8 : 4))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      if (type.equals("<f8")) {
        data.putDouble(value);
      } else {
        data.putFloat(value);
      }
    }
    out.write(data.array());
    return out.toByteArray();
  }

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  @Test
  void readsEveryFormTheSame() throws IOException {
    float[] values = values();
    float[][] rows = new float[ROWS][COLUMNS];
    for (int i = 0; i < values.length; i++) {
      rows[i / COLUMNS][i % COLUMNS] = values[i];
    }
    float[][] expected = FeatureTable.given("expected", rows).vectors();
    Path safetensors = folder.resolve("a.safetensors");
    new Safetensors(Map.of("x", HostTensor.of(values, ROWS, COLUMNS)), Map.of()).write(safetensors);
    for (Path file :
        new Path[] {
          file("one.npy", npy(1, "<f4", "False", "30, 5", values)),
          file("two.npy", npy(2, "<f4", "False", "30, 5", values)),
          file("wide.npy", npy(1, "<f8", "False", "30, 5", values)),
          safetensors
        }) {
      FeatureTable table = FeatureFile.read(file, ROWS);
      assertThat(table.name()).startsWith("matrix-5-sha256-").hasSize(32);
      assertThat(table.vectors()).isDeepEqualTo(expected);
    }
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "1|'<i4'|False|'30, 5'|save float32 or float64",
        "1|'>f4'|False|'30, 5'|save float32 or float64",
        "1|'|O'|False|'30, 5'|save float32 or float64",
        "1|'<f4'|True|'30, 5'|ascontiguousarray",
        "1|'<f4'|False|'150,'|give a matrix",
        "1|'<f4'|False|'30, 5, 1'|give a matrix",
        "1|'<f4'|False|'5, 30'|5 rows for 30 images",
        "1|'<f4'|False|'30, 6'|do not hold [30, 6] values",
        "1|'<f4'|False|'999999999999999999, 999999999999999999'|do not hold",
        "3|'<f4'|False|'30, 5'|its version is 3"
      })
  void refusesOtherArraysInOneLine(
      int version, String type, String order, String shape, String message) throws IOException {
    Path file = file("a.npy", npy(version, type, order, shape, values()));
    assertThatThrownBy(() -> FeatureFile.read(file, ROWS))
        .isInstanceOfSatisfying(
            TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_FEATURES))
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 9, 11, 40, 127, 140, 727})
  void refusesAFileThatIsCutShort(int length) throws IOException {
    byte[] whole = npy(1, "<f4", "False", "30, 5", values());
    assertThat(whole).hasSize(728);
    Path file = file("a.npy", Arrays.copyOf(whole, length));
    assertThatThrownBy(() -> FeatureFile.read(file, ROWS))
        .isInstanceOfSatisfying(
            TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_FEATURES));
  }

  @Test
  void refusesWhatIsNotFiniteAndSaysWhere() throws IOException {
    float[] values = values();
    values[7] = Float.NaN;
    Path file = file("a.npy", npy(1, "<f4", "False", "30, 5", values));
    assertThatThrownBy(() -> FeatureFile.read(file, ROWS))
        .hasMessageContaining("row 1, column 2 is NaN");
  }

  @Test
  void refusesSafetensorsOfAnythingButOneMatrix() throws IOException {
    Path two = folder.resolve("two.safetensors");
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    tensors.put("a", HostTensor.of(values(), ROWS, COLUMNS));
    tensors.put("b", HostTensor.of(values(), ROWS, COLUMNS));
    new Safetensors(tensors, Map.of()).write(two);
    assertThatThrownBy(() -> FeatureFile.read(two, ROWS)).hasMessageContaining("holds 2 tensors");
    Path whole = folder.resolve("whole.safetensors");
    new Safetensors(Map.of("a", HostTensor.of(new long[60], 30, 2)), Map.of()).write(whole);
    assertThatThrownBy(() -> FeatureFile.read(whole, ROWS)).hasMessageContaining("I64");
    Path noise = file("noise.safetensors", new byte[200]);
    assertThatThrownBy(() -> FeatureFile.read(noise, ROWS))
        .isInstanceOfSatisfying(
            TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_FEATURES));
    assertThatThrownBy(() -> FeatureFile.read(folder.resolve("none.npy"), ROWS))
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> FeatureFile.read(file("a.csv", new byte[9]), ROWS))
        .hasMessageContaining("neither a .npy nor a .safetensors");
  }

  @Test
  void manyFeaturesHaveTheAxesOfTheWholeDecomposition() {
    int features = SubspaceIteration.MIN_FEATURES + 20;
    SplittableRandom random = new SplittableRandom(2);
    float[][] rows = new float[150][features];
    for (float[] row : rows) {
      for (int factor = 0; factor < 6; factor++) {
        double size = random.nextGaussian() * (12 - factor);
        for (int j = 0; j < features; j++) {
          row[j] += (float) (size * Math.sin((factor + 1) * j * 0.1));
        }
      }
      for (int j = 0; j < features; j++) {
        row[j] += (float) random.nextGaussian();
      }
    }
    Moments moments = Moments.of(rows);
    double[] variances = moments.principal().getSingularValues();
    Moments projected = Moments.of(PrincipalComponents.fit(rows, 6).project(rows));
    for (int a = 0; a < 6; a++) {
      assertThat(projected.covariance()[a][a]).isCloseTo(variances[a], within(1e-3 * variances[a]));
    }
  }
}
