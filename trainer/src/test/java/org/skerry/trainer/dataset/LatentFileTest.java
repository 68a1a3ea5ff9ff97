package org.skerry.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;

class LatentFileTest {
  private static final SampleFormat FORMAT = SampleFormat.latents(2, 3);
  private static final float[] VALUES = values();

  @TempDir Path folder;

  @Test
  void readsBackTheNpyItWrites() {
    byte[] npy = LatentFile.encode(FORMAT, VALUES);
    assertThat(decoded(npy)).isEqualTo(VALUES);
    // As NumPy aligns it: the data start at a multiple of 64, behind a line feed.
    assertThat(npy).hasSize(128 + VALUES.length * 4);
    assertThat(npy[127]).isEqualTo((byte) '\n');
    assertThat(new String(npy, 10, 50, StandardCharsets.US_ASCII))
        .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': ");
  }

  @Test
  void readsHalfPrecisionOtherVersionsAndABatchOfOne() {
    ByteBuffer halves = ByteBuffer.allocate(36).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : VALUES) {
      halves.putShort(Float.floatToFloat16(value));
    }
    String header = "{'descr': '<f2', 'fortran_order': False, 'shape': (1, 2, 3, 3), }\n";
    for (int version = 1; version <= 3; version++) {
      assertThat(decoded(npy(version, header, halves.array()))).isEqualTo(VALUES);
    }
  }

  @Test
  void readsASafetensorsFileOfOneTensor() throws IOException {
    assertThat(decoded(safetensors(Map.of("latent", HostTensor.of(VALUES, 2, 3, 3)))))
        .isEqualTo(VALUES);
    ByteBuffer brain = ByteBuffer.allocate(36).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : VALUES) {
      brain.putShort((short) (Float.floatToIntBits(value) >>> 16));
    }
    HostTensor half = new HostTensor(ElementType.BF16, List.of(2L, 3L, 3L), brain.flip());
    assertThat(decoded(safetensors(Map.of("latent", half)))).isEqualTo(VALUES);
  }

  @Test
  void refusesAnotherShapeTypeOrNumberOfTensors() throws IOException {
    HostTensor tensor = HostTensor.of(VALUES, 2, 3, 3);
    assertThat(refused(LatentFile.encode(SampleFormat.latents(1, 3), new float[9])))
        .isEqualTo(BadImage.WRONG_SIZE);
    assertThat(refused(safetensors(Map.of("a", HostTensor.of(VALUES, 18)))))
        .isEqualTo(BadImage.WRONG_SIZE);
    assertThat(refused(safetensors(Map.of("a", tensor, "b", tensor))))
        .isEqualTo(BadImage.UNDECODABLE);
    assertThat(refused(safetensors(Map.of("a", HostTensor.of(new double[18], 2, 3, 3)))))
        .isEqualTo(BadImage.UNDECODABLE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3, 3), }",
        "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3, 3), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3, 3), }",
        "{'descr': '<f4', 'fortran_order': False, }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3, 3), }",
        ""
      })
  void refusesHeadersThatItCannotTrust(String header) {
    assertThat(refused(npy(1, header, new byte[72]))).isEqualTo(BadImage.UNDECODABLE);
  }

  @Test
  void aHugeShapeIsRefusedByItsHeader() {
    String huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 999999, 999999), }";
    assertThat(refused(npy(1, huge, new byte[72]))).isEqualTo(BadImage.WRONG_SIZE);
    ByteBuffer longHeader = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN);
    longHeader.put(npy(2, "", new byte[0])).putInt(8, 0x7fffffff);
    assertThat(refused(longHeader.array())).isEqualTo(BadImage.UNDECODABLE);
  }

  @Test
  void refusesValuesThatAreNotFinite() {
    float[] bad = VALUES.clone();
    bad[7] = Float.NaN;
    assertThat(refused(LatentFile.encode(FORMAT, bad))).isEqualTo(BadImage.NOT_FINITE);
  }

  @Test
  void everyCutAndManyDamagesAreRefusedWithoutAnException() {
    byte[] npy = LatentFile.encode(FORMAT, VALUES);
    for (int length = 0; length < npy.length; length++) {
      refused(Arrays.copyOf(npy, length));
    }
    Random random = new Random(3);
    for (int i = 0; i < 2_000; i++) {
      byte[] damaged = npy.clone();
      for (int j = 0; j < 3; j++) {
        damaged[random.nextInt(128)] = (byte) random.nextInt();
      }
      new LatentFile(FORMAT).decode(damaged);
    }
  }

  @Test
  void shardsOfLatentsComeBackWithCaptionAndClass() throws IOException {
    ImageSet.Builder builder = new ImageSet.Builder(FORMAT);
    for (int i = 0; i < 5; i++) {
      float[] values = VALUES.clone();
      values[0] = i;
      builder.add(new ImageInfo("latent" + i, "number " + i, i), values);
    }
    ImageSet latents = builder.build();
    List<Path> shards = new ShardWriter(3).write(latents, folder, "train");
    assertThat(WebDataset.kindOf(shards.getFirst())).isEqualTo(SampleFormat.Kind.LATENTS);
    ImageSet back = Datasets.openLatents(folder, FORMAT, ReadLimits.DEFAULT).images();
    assertThat(back.infos()).isEqualTo(latents.infos());
    assertThat(back.toFloats()).isEqualTo(latents.toFloats());
    assertThatThrownBy(() -> Datasets.open(folder, 8, ReadLimits.DEFAULT))
        .hasMessageContaining("train-000000.tar: holds latents, not images; name");
    assertThatThrownBy(
            () -> Datasets.openLatents(folder, SampleFormat.latents(4, 8), ReadLimits.DEFAULT))
        .hasMessageContaining("WRONG_SIZE");
    assertThatThrownBy(() -> latents.planes(0)).isInstanceOf(IllegalStateException.class);
  }

  private static float[] decoded(byte[] file) {
    return switch (new LatentFile(FORMAT).decode(file)) {
      case SampleDecoder.Result.Decoded(SampleValues.Latent(float[] cells)) -> cells;
      case SampleDecoder.Result result -> throw new AssertionError("refused: " + result);
    };
  }

  private static BadImage refused(byte[] file) {
    return switch (new LatentFile(FORMAT).decode(file)) {
      case SampleDecoder.Result.Refused(BadImage reason) -> reason;
      case SampleDecoder.Result result -> throw new AssertionError("accepted: " + result);
    };
  }

  private byte[] safetensors(Map<String, HostTensor> tensors) throws IOException {
    Path file = folder.resolve("latent.safetensors");
    new Safetensors(new LinkedHashMap<>(tensors), Map.of()).write(file);
    return Files.readAllBytes(file);
  }

  private static byte[] npy(int version, String header, byte[] data) {
    boolean big = version > 1;
    ByteBuffer out =
        ByteBuffer.allocate((big ? 12 : 10) + header.length() + data.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    if (big) {
      out.putInt(header.length());
    } else {
      out.putShort((short) header.length());
    }
    return out.put(Tars.ascii(header)).put(data).array();
  }

  /** Exact in every precision. */
  private static float[] values() {
    float[] values = new float[FORMAT.values()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i - 9) / 4f;
    }
    return values;
  }
}
