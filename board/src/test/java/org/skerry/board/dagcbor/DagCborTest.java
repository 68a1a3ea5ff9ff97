package org.skerry.board.dagcbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.Multihash;

final class DagCborTest {
  private static final int LIMIT = 1 << 16;

  private static Value decode(String hex) {
    return DagCbor.decode(HexFormat.of().parseHex(hex), LIMIT);
  }

  private static String encode(Value value) {
    return HexFormat.of().formatHex(DagCbor.encode(value));
  }

  /** Integers, strings and containers of RFC 8949, appendix A, that DAG-CBOR keeps. */
  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "10, 0a",
    "23, 17",
    "24, 1818",
    "25, 1819",
    "100, 1864",
    "1000, 1903e8",
    "1000000, 1a000f4240",
    "1000000000000, 1b000000e8d4a51000",
    "9223372036854775807, 1b7fffffffffffffff",
    "-1, 20",
    "-10, 29",
    "-100, 3863",
    "-1000, 3903e7",
    "-9223372036854775808, 3b7fffffffffffffff"
  })
  void writesIntegersAsTheRfcDoes(long number, String hex) {
    assertThat(encode(new Value.IntValue(number))).isEqualTo(hex);
    assertThat(decode(hex)).isEqualTo(new Value.IntValue(number));
  }

  @ParameterizedTest
  @CsvSource({
    "1.1, fb3ff199999999999a",
    "1.0e300, fb7e37e43c8800759c",
    "-4.1, fbc010666666666666",
    "0.0, fb0000000000000000",
    "1.0, fb3ff0000000000000"
  })
  void writesEveryRealInSixtyFourBits(double number, String hex) {
    assertThat(encode(new Value.RealValue(number))).isEqualTo(hex);
    assertThat(decode(hex)).isEqualTo(new Value.RealValue(number));
  }

  @Test
  void writesTextBytesListsMapsAndLiterals() {
    assertThat(encode(new Value.TextValue("ü水"))).isEqualTo("65c3bce6b0b4");
    assertThat(encode(new Value.BytesValue(new byte[] {1, 2, 3, 4}))).isEqualTo("4401020304");
    assertThat(encode(Value.list(List.of(new Value.BoolValue(true), new Value.NullValue()))))
        .isEqualTo("82f5f6");
    assertThat(encode(Value.map(Map.of("bb", new Value.IntValue(2), "c", new Value.IntValue(1)))))
        .as("shorter keys come first, whatever their letters")
        .isEqualTo("a2616301626262" + "02");
    assertThat(encode(Value.map(Map.of()))).isEqualTo("a0");
  }

  @Test
  void writesALinkAsTag42OverABinaryCid() {
    Cid cid = new Cid(Cid.DAG_CBOR, Multihash.sha256(new byte[0]));
    String hex = encode(new Value.LinkValue(cid));
    assertThat(hex).startsWith("d82a58250001711220e3b0c442");
    assertThat(decode(hex)).isEqualTo(new Value.LinkValue(cid));
  }

  @Test
  void knowsOneZero() {
    assertThat(encode(new Value.RealValue(-0.0))).isEqualTo("fb0000000000000000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1801", // 1 in two bytes
        "190018", // 24 in three
        "1a0000ffff",
        "1b00000000ffffffff",
        "3800", // -1 in two bytes
        "5801ff", // a length of one in two bytes
        "9f00ff", // indefinite list
        "bf616100ff", // indefinite map
        "5f4100ff", // indefinite bytes
        "7f6161ff", // indefinite text
        "a2616201616100", // keys out of order
        "a262616100616200", // a longer key first
        "a2616101616102", // doubled key
        "0000", // trailing byte
        "fb7ff0000000000000", // infinity
        "fb7ff8000000000000", // NaN
        "fb8000000000000000" // negative zero
      })
  void refusesASecondSpelling(String hex) {
    assertRefused(hex, Refusal.NOT_CANONICAL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing
        "18", // no argument
        "4401", // bytes cut short
        "5affffffff00", // four billion bytes announced
        "9affffffff00", // four billion items announced
        "9bffffffffffffffff00",
        "62c328", // not UTF-8
        "63eda080", // half a surrogate pair
        "a10100", // integer key
        "c11a514b67b0", // tag 1
        "d82a4100", // a link to nothing
        "d82a420101", // no binary prefix
        "d82a6100", // link as text
        "f97e00", // 16-bit float
        "fa47c35000", // 32-bit float
        "f7", // undefined
        "f0", // unassigned simple value
        "f818", // simple value in two bytes
        "ff" // break
      })
  void refusesWhatDagCborDoesNotHave(String hex) {
    assertRefused(hex, Refusal.MALFORMED);
  }

  @Test
  void refusesIntegersBeyondSixtyFourBitsWithSign() {
    assertRefused("1b8000000000000000", Refusal.TOO_LARGE);
    assertRefused("3b8000000000000000", Refusal.TOO_LARGE);
  }

  @Test
  void refusesMoreBytesThanTheCallerAllows() {
    assertThatThrownBy(() -> DagCbor.decode(new byte[10], 9))
        .isInstanceOfSatisfying(
            BoardException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.TOO_LARGE));
  }

  @Test
  void refusesDeepNestingBothWays() {
    assertRefused("81".repeat(10_000) + "00", Refusal.TOO_DEEP);
    Value value = new Value.NullValue();
    for (int i = 0; i <= DagCbor.MAX_DEPTH; i++) {
      value = Value.list(List.of(value));
    }
    Value deep = value;
    assertThatThrownBy(() -> DagCbor.encode(deep)).hasMessageContaining("nest deeper");
    assertThat(decode("81".repeat(DagCbor.MAX_DEPTH) + "00")).isNotNull();
  }

  @Test
  void refusesToWriteHalfASurrogatePair() {
    assertThatThrownBy(() -> new Value.TextValue("\ud800")).isInstanceOf(BoardException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void decodesToTheSameBytesOrRefuses(long seed) {
    Random random = new Random(seed);
    int decoded = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(24)];
      random.nextBytes(bytes);
      decoded += roundTripsOrRefuses(bytes, seed) ? 1 : 0;
    }
    assertThat(decoded).as("seed %d decodes something", seed).isPositive();
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void survivesWhatMutationMakesOfGoodBytes(long seed) {
    Random random = new Random(seed);
    int decoded = 0;
    for (int round = 0; round < 5_000; round++) {
      byte[] bytes = DagCbor.encode(randomValue(random, 4));
      assertThat(roundTripsOrRefuses(bytes, seed)).as("seed %d round %d", seed, round).isTrue();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      decoded += roundTripsOrRefuses(bytes, seed) ? 1 : 0;
    }
    assertThat(decoded).as("seed %d: some mutations are other values", seed).isPositive();
  }

  private static boolean roundTripsOrRefuses(byte[] bytes, long seed) {
    Value value;
    try {
      value = DagCbor.decode(bytes, LIMIT);
    } catch (BoardException refused) {
      return false;
    }
    assertThat(DagCbor.encode(value))
        .as("seed %d, bytes %s", seed, HexFormat.of().formatHex(bytes))
        .isEqualTo(bytes);
    return true;
  }

  private static Value randomValue(Random random, int depth) {
    return switch (random.nextInt(depth == 0 ? 7 : 9)) {
      case 0 -> new Value.IntValue(random.nextLong() >> random.nextInt(64));
      case 1 -> new Value.RealValue(random.nextGaussian());
      case 2 -> new Value.TextValue(randomText(random));
      case 3 -> new Value.BytesValue(randomText(random).getBytes(StandardCharsets.UTF_16BE));
      case 4 -> new Value.BoolValue(random.nextBoolean());
      case 5 -> new Value.NullValue();
      case 6 ->
          new Value.LinkValue(
              new Cid(Cid.SKERRY_BLOB, Multihash.sha256(new byte[] {(byte) random.nextInt()})));
      case 7 -> {
        List<Value> items = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          items.add(randomValue(random, depth - 1));
        }
        yield Value.list(items);
      }
      default -> {
        SortedMap<String, Value> entries = new TreeMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          entries.put(randomText(random), randomValue(random, depth - 1));
        }
        yield Value.map(entries);
      }
    };
  }

  private static String randomText(Random random) {
    StringBuilder out = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      out.appendCodePoint(random.nextBoolean() ? 'a' + random.nextInt(26) : 0x1f600 + i);
    }
    return out.toString();
  }

  private static void assertRefused(String hex, Refusal refusal) {
    assertThatThrownBy(() -> decode(hex))
        .as(hex)
        .isInstanceOfSatisfying(
            BoardException.class, e -> assertThat(e.refusal()).isEqualTo(refusal));
  }
}
