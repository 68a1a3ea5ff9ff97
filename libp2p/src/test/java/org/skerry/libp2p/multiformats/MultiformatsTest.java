package org.skerry.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultiformatsTest {
  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "1, 01",
    "127, 7f",
    "128, 8001",
    "255, ff01",
    "300, ac02",
    "16384, 808001",
    "9223372036854775807, ffffffffffffffff7f"
  })
  void writesVarintsAsTheSpecificationDoes(long value, String encoded) {
    assertThat(Varint.encode(value)).isEqualTo(hex(encoded));
    assertThat(Varint.size(value)).isEqualTo(encoded.length() / 2);
    assertThat(Varint.read(ByteBuffer.wrap(hex(encoded)))).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "80", "8000", "8100", "ffffffffffffffffff01", "ff80808000"})
  void refusesVarintsThatAreTruncatedPaddedOrTooLong(String encoded) {
    assertThatThrownBy(() -> Varint.read(ByteBuffer.wrap(hex(encoded))))
        .isInstanceOf(MultiformatException.class);
  }

  @Test
  void boundsAVarint() {
    assertThat(Varint.readInt(ByteBuffer.wrap(hex("ac02")), 300)).isEqualTo(300);
    assertThatThrownBy(() -> Varint.readInt(ByteBuffer.wrap(hex("ac02")), 299))
        .isInstanceOf(MultiformatException.class)
        .hasMessageContaining("300");
    assertThatThrownBy(() -> Varint.encode(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "Hello World!, 2NEpo7TZRRrLZSi2U",
    "The quick brown fox jumps over the lazy dog.,"
        + " USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
  })
  void writesBase58AsItsDraftDoes(String text, String encoded) {
    assertThat(Base58.encode(ascii(text))).isEqualTo(encoded);
    assertThat(Base58.decode(encoded)).isEqualTo(ascii(text));
  }

  @Test
  void keepsLeadingZerosInBase58() {
    assertThat(Base58.encode(hex("0000287fb4cd"))).isEqualTo("11233QC4");
    assertThat(Base58.decode("11233QC4")).isEqualTo(hex("0000287fb4cd"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "O", "I", "l", "2NEpo7TZ RrL", "é"})
  void refusesOtherCharactersInBase58(String text) {
    assertThatThrownBy(() -> Base58.decode(text)).isInstanceOf(MultiformatException.class);
  }

  @Test
  void refusesBase58TextThatWouldTakeLongToDecode() {
    assertThatThrownBy(() -> Base58.decode("2".repeat(10_000)))
        .isInstanceOf(MultiformatException.class);
  }

  @ParameterizedTest
  @CsvSource({"'', ''", "f, my", "fo, mzxq", "foo, mzxw6", "foob, mzxw6yq", "foobar, mzxw6ytboi"})
  void writesBase32AsRfc4648Does(String text, String encoded) {
    assertThat(Base32.encode(ascii(text))).isEqualTo(encoded);
    assertThat(Base32.decode(encoded)).isEqualTo(ascii(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"MY", "mz", "m", "my======", "m1", "mzxw6yr"})
  void refusesEverySecondSpellingInBase32(String text) {
    assertThatThrownBy(() -> Base32.decode(text)).isInstanceOf(MultiformatException.class);
  }

  @Test
  void roundTripsRandomBytesInBothBases() {
    long seed = 11;
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      assertThat(Base32.decode(Base32.encode(bytes))).as("seed %d", seed).isEqualTo(bytes);
      assertThat(Base58.decode(Base58.encode(bytes))).as("seed %d", seed).isEqualTo(bytes);
    }
  }

  @Test
  void readsTheCidOfTheSpecificationsExample() {
    String text = "bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    Cid cid = Cid.parse(text);
    assertThat(cid.codec()).isEqualTo(Cid.RAW);
    assertThat(cid.toString()).isEqualTo(text);
    assertThat(Cid.ofBytes(cid.bytes())).isEqualTo(cid);
    assertThat(Cid.parse("z" + Base58.encode(cid.bytes()))).isEqualTo(cid);
  }

  @Test
  void hashesAsSha256Does() {
    assertThat(Multihash.sha256(ascii("abc")).toString())
        .isEqualTo("1220ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(Multihash.identity(ascii("id")).bytes()).isEqualTo(hex("00026964"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "12", "1220ff", "1221", "1100", "120100", "00026964ff", "00ffff7f"})
  void refusesMultihashesOfOtherKindsOrLengths(String encoded) {
    assertThatThrownBy(() -> Multihash.ofBytes(hex(encoded)))
        .isInstanceOf(MultiformatException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "b", "Qm", "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N", "bmy"})
  void refusesTextThatIsNoVersionOneCid(String text) {
    assertThatThrownBy(() -> Cid.parse(text)).isInstanceOf(MultiformatException.class);
  }
}
