package org.skerry.diffusion.safetensors;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.diffusion.SeededRandom;
import org.skerry.diffusion.safetensors.SafetensorsException.Reason;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void writesTheBytesThatTheFormatAsksFor() throws IOException {
    var tensors = new LinkedHashMap<String, HostTensor>();
    tensors.put("b", HostTensor.of(new float[] {1, 2}, 2));
    tensors.put("a", HostTensor.of(new long[] {3}));
    Path file = folder.resolve("two.safetensors");
    new Safetensors(tensors, Map.of("z", "1", "k", "\"q\"")).write(file);
    String json =
        "{\"__metadata__\":{\"k\":\"\\\"q\\\"\",\"z\":\"1\"},"
            + "\"a\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}";
    int padded = Math.ceilDiv(json.length(), 8) * 8;
    ByteBuffer want = ByteBuffer.allocate(8 + padded + 16).order(ByteOrder.LITTLE_ENDIAN);
    want.putLong(padded).put(json.getBytes(StandardCharsets.US_ASCII));
    want.put(" ".repeat(padded - json.length()).getBytes(StandardCharsets.US_ASCII));
    want.putLong(3).putFloat(1).putFloat(2);
    assertThat(Files.readAllBytes(file)).isEqualTo(want.array());
  }

  @Test
  void readsBackWhatItWrote() throws IOException {
    var tensors = new LinkedHashMap<String, HostTensor>();
    tensors.put("empty", HostTensor.of(new float[0], 3, 0));
    tensors.put("имя \n", HostTensor.of(new double[] {Math.PI}, 1, 1));
    tensors.put("x", HostTensor.of(new float[] {1, -2, Float.NaN, 0}, 2, 2));
    tensors.put("y", new HostTensor(ElementType.BF16, List.of(3L), ByteBuffer.allocate(6)));
    Path file = folder.resolve("some.safetensors");
    new Safetensors(tensors, Map.of("step", "7")).write(file);
    Safetensors back = Safetensors.map(file);
    assertThat(back.tensors()).containsExactlyInAnyOrderEntriesOf(tensors);
    assertThat(back.metadata()).containsExactly(Map.entry("step", "7"));
  }

  @Test
  void equalContentsGiveEqualBytes() throws IOException {
    HostTensor one = HostTensor.of(new float[] {1}, 1);
    HostTensor two = HostTensor.of(new long[] {2}, 1);
    var forth = new LinkedHashMap<String, HostTensor>();
    forth.put("one", one);
    forth.put("two", two);
    var back = new LinkedHashMap<String, HostTensor>();
    back.put("two", two);
    back.put("one", one);
    new Safetensors(forth, Map.of("a", "1", "b", "2")).write(folder.resolve("forth"));
    new Safetensors(back, Map.of("b", "2", "a", "1")).write(folder.resolve("back"));
    assertThat(folder.resolve("forth")).hasSameBinaryContentAs(folder.resolve("back"));
  }

  @Test
  void roundsToTheNearestBfloat16AndTiesToEven() {
    Map<Integer, Integer> rounded =
        Map.ofEntries(
            Map.entry(0x3f80_0000, 0x3f80),
            Map.entry(0x3f80_7fff, 0x3f80),
            Map.entry(0x3f80_8000, 0x3f80),
            Map.entry(0x3f80_8001, 0x3f81),
            Map.entry(0x3f81_8000, 0x3f82),
            Map.entry(0xbf81_8000, 0xbf82),
            Map.entry(0x0000_0001, 0x0000),
            Map.entry(0x8000_0000, 0x8000),
            Map.entry(0x7f7f_7fff, 0x7f7f),
            Map.entry(0x7f7f_8000, 0x7f80),
            Map.entry(0x7f80_0000, 0x7f80),
            Map.entry(0xff80_0000, 0xff80),
            Map.entry(0x7f80_0001, 0x7fc0),
            Map.entry(0xffff_ffff, 0x7fc0));
    rounded.forEach((from, to) -> assertThat(Bfloat16.rounded(from)).isEqualTo(to.shortValue()));
  }

  @Test
  void writesFloatsAsBfloat16AndLeavesTheRest() throws IOException {
    float[] values = new float[400_001]; // more than one piece
    for (int i = 0; i < values.length; i++) {
      values[i] = i - 200_000;
    }
    var tensors = new LinkedHashMap<String, HostTensor>();
    tensors.put("x", HostTensor.of(values, values.length));
    tensors.put("n", HostTensor.of(new long[] {3}));
    tensors.put("empty", HostTensor.of(new float[0], 3, 0));
    Path file = folder.resolve("rounded");
    new Safetensors(tensors, Map.of("step", "7")).writeBfloat16(file);
    Safetensors back = Safetensors.map(file);
    assertThat(back.metadata()).isEmpty();
    assertThat(back.tensors().keySet()).containsExactlyInAnyOrder("x", "n", "empty");
    assertThat(back.tensors().get("n")).isEqualTo(tensors.get("n"));
    HostTensor rounded = requireNonNull(back.tensors().get("x"));
    assertThat(rounded.type()).isEqualTo(ElementType.BF16);
    float[] near = rounded.toFloats();
    assertThat(near).hasSize(values.length);
    for (int i = 0; i < values.length; i++) {
      assertThat(Math.abs(near[i] - values[i])).isLessThanOrEqualTo(Math.abs(values[i]) / 256);
    }
  }

  @Test
  void failedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path target = folder.resolve("kept");
    Files.createDirectory(target);
    Files.writeString(target.resolve("inside"), "x");
    var file = new Safetensors(Map.of("a", HostTensor.of(new float[] {1}, 1)), Map.of());
    assertThatThrownBy(() -> file.write(target)).isInstanceOf(IOException.class);
    assertThat(folder).isDirectoryContaining(p -> p.equals(target));
    try (var left = Files.list(folder)) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void readsAnEmptyFileOfTensors() throws IOException {
    assertThat(read("{}", 0).tensors()).isEmpty();
    assertThat(read("{}      ", 0).metadata()).isEmpty();
  }

  @Test
  void readsTensorsThatAreNotAlignedOrInOrder() throws IOException {
    String json =
        "{\"f\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]},"
            + "\"b\":{\"data_offsets\":[0,1],\"shape\":[1],\"dtype\":\"U8\"}}";
    ByteBuffer buffer = ByteBuffer.allocate(5).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put((byte) 9).putFloat(1.5f);
    Safetensors file = Safetensors.map(file(json, buffer.array()));
    assertThat(file.tensors().keySet()).containsExactly("b", "f");
    assertThat(file.tensors().get("f")).isEqualTo(HostTensor.of(new float[] {1.5f}, 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "HEADER_NOT_JSON | 4 | ` {}`",
        "HEADER_NOT_JSON | 0 | `[]`",
        "HEADER_NOT_JSON | 0 | `{`",
        "HEADER_NOT_JSON | 0 | `{}x}`",
        "HEADER_NOT_JSON | 0 | `{}{}`",
        "HEADER_NOT_JSON | 0 | `{} \t}`",
        "HEADER_NOT_JSON | 0 | `{'a':1}`",
        "HEADER_NOT_JSON | 0 | `{\"a\":1}`",
        "HEADER_NOT_JSON | 0 | `{\"a\":{\"dtype\":4,\"shape\":[],\"data_offsets\":[0,4]}}`",
        "HEADER_NOT_JSON | 0 | `{\"__metadata__\":{\"a\":1}}`",
        "HEADER_NOT_JSON | 0 | `{\"__metadata__\":{\"a\":{}}}`",
        "HEADER_NOT_JSON | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}`",
        "HEADER_NOT_JSON | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[[1]],\"data_offsets\":[0,4]}}`",
        "HEADER_NOT_JSON | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}`",
        "BAD_ENTRY | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}`",
        "BAD_ENTRY | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}`",
        "BAD_ENTRY | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}`",
        "BAD_ENTRY | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}`",
        "BAD_ENTRY | 4 | `{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}`",
        "BAD_ENTRY | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"code\":\"x\"}}`",
        "BAD_ENTRY | 4 | `{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4],\"data_offsets\":[0,4]}}`",
        "UNKNOWN_TYPE | 4 | `{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}`",
        "UNKNOWN_TYPE | 4 | `{\"a\":{\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]}}`",
        "SIZE_MISMATCH | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}`",
        "SIZE_MISMATCH | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}`",
        "TENSOR_TOO_LARGE | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[0,9223372036854775807],\"data_offsets\":[0,4]}}`",
        "TENSOR_TOO_LARGE | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}}`",
        "TENSOR_TOO_LARGE | 4 | `{\"a\":{\"dtype\":\"U8\",\"shape\":[3000000000],\"data_offsets\":[0,3000000000]}}`",
        "TRUNCATED | 3 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}`",
        "NOT_COVERED | 5 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}`",
        "NOT_COVERED | 1 | `{}`",
        "HOLE_OR_OVERLAP | 5 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}}`",
        "HOLE_OR_OVERLAP | 6 | `{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}}`",
        "DUPLICATE_NAME | 4 | `{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}`",
        "DUPLICATE_NAME | 4 | `{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}`",
        "DUPLICATE_NAME | 0 | `{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}`",
        "DUPLICATE_NAME | 0 | `{\"__metadata__\":{},\"__metadata__\":{}}`",
      })
  void refusesAHostileHeader(Reason reason, int bufferSizeBytes, String json) {
    assertThatThrownBy(() -> read(json, bufferSizeBytes))
        .isInstanceOfSatisfying(
            SafetensorsException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(folder.toString());
  }

  @ParameterizedTest
  @ValueSource(longs = {100_000_001L, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void refusesAHeaderLargerThanTheFormatAllowsWithoutReadingIt(long length) {
    byte[] start = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
    assertReason(start, Reason.HEADER_TOO_LARGE);
  }

  @Test
  void refusesAFileThatEndsBeforeOrInsideItsHeader() {
    assertReason(new byte[0], Reason.TRUNCATED);
    assertReason(new byte[7], Reason.TRUNCATED);
    assertReason(new byte[8], Reason.HEADER_NOT_JSON);
    byte[] start = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(9).array();
    assertReason(start, Reason.TRUNCATED);
  }

  @Test
  void refusesEveryTruncationOfAGoodFile() throws IOException {
    byte[] good = goodFile();
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> Safetensors.map(bytes(cut)))
          .as("cut to %d", length)
          .isInstanceOf(SafetensorsException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void mutatedFilesAreReadWholeOrRefusedAsWhatTheyAre(long seed) throws IOException {
    byte[] good = goodFile();
    var random = SeededRandom.of(seed);
    int refused = 0;
    for (int round = 0; round < 80; round++) {
      byte[] bad = good.clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      try {
        for (HostTensor tensor : Safetensors.map(bytes(bad)).tensors().values()) {
          assertThat(tensor.data().remaining()).isLessThan(bad.length);
        }
      } catch (SafetensorsException e) {
        refused++;
      } catch (RuntimeException e) {
        fail("seed " + seed + ", round " + round, e);
      }
    }
    assertThat(refused).isGreaterThan(30);
  }

  private byte[] goodFile() throws IOException {
    var tensors = new LinkedHashMap<String, HostTensor>();
    tensors.put("weight", HostTensor.of(new float[] {1, 2, 3, 4}, 2, 2));
    tensors.put("count", HostTensor.of(new long[] {5}));
    Path file = folder.resolve("good");
    new Safetensors(tensors, Map.of("k", "v")).write(file);
    return Files.readAllBytes(file);
  }

  private void assertReason(byte[] content, Reason reason) {
    assertThatThrownBy(() -> Safetensors.map(bytes(content)))
        .isInstanceOfSatisfying(
            SafetensorsException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private Safetensors read(String json, int bufferSizeBytes) throws IOException {
    return Safetensors.map(file(json, new byte[bufferSizeBytes]));
  }

  private Path file(String json, byte[] buffer) throws IOException {
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(8 + header.length + buffer.length).order(ByteOrder.LITTLE_ENDIAN);
    return bytes(all.putLong(header.length).put(header).put(buffer).array());
  }

  private Path bytes(byte[] content) throws IOException {
    return Files.write(Files.createTempFile(folder, "case", ".safetensors"), content);
  }
}
