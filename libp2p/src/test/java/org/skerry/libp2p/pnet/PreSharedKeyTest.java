package org.skerry.libp2p.pnet;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.libp2p.crypto.KeyFormatException;

class PreSharedKeyTest {
  private static final String HEAD = "/key/swarm/psk/1.0.0/\n";
  private static final String HEX =
      "00112233445566778899aabbccddeeff0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";
  private static final byte[] BYTES = HexFormat.of().parseHex(HEX);

  private static PreSharedKey decode(String file) {
    return PreSharedKey.decode(file.getBytes(US_ASCII));
  }

  private static void assertRefused(String what, byte[] file) {
    assertThatThrownBy(() -> PreSharedKey.decode(file))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining(what)
        .hasMessageNotContaining("0011");
  }

  private static void assertRefused(String what, String file) {
    assertRefused(what, file.getBytes(US_ASCII));
  }

  @Test
  void readsAllThreeEncodingsAndAnyEndOfLine() {
    assertThat(decode(HEAD + "/base16/\n" + HEX).bytes()).isEqualTo(BYTES);
    assertThat(decode((HEAD + "/base16/\n" + HEX + "\n").replace("\n", "\r\n")).bytes())
        .isEqualTo(BYTES);
    String base64 = Base64.getEncoder().encodeToString(BYTES);
    assertThat(decode(HEAD + "/base64/\n" + base64 + "\n").bytes()).isEqualTo(BYTES);
    ByteArrayOutputStream bin = new ByteArrayOutputStream();
    bin.writeBytes((HEAD + "/bin/\n").getBytes(US_ASCII));
    bin.writeBytes(BYTES); // of which some are ends of lines
    assertThat(PreSharedKey.decode(bin.toByteArray()).bytes()).isEqualTo(BYTES);
  }

  @Test
  void saysWhatIsWrongAndNeverShowsTheKey() {
    assertRefused("first line", "");
    assertRefused("first line", "/key/swarm/psk/2.0.0/\n/base16/\n" + HEX);
    assertRefused("second line", HEAD);
    assertRefused("second line", HEAD + "/base58/\n" + HEX);
    assertRefused("not hexadecimal", HEAD + "/base16/\n" + HEX.replace('a', 'x'));
    assertRefused("not base64", HEAD + "/base64/\n0011!");
    assertRefused("31 bytes, not 32", HEAD + "/base16/\n" + HEX.substring(2));
    assertRefused("33 bytes, not 32", HEAD + "/base16/\n" + HEX + "00");
    assertRefused("0 bytes, not 32", HEAD + "/bin/\n");
    assertRefused("0 bytes, not 32", HEAD + "/base16/");
    assertThat(decode(HEAD + "/base16/\n" + HEX).toString()).doesNotContain("0011");
  }

  @Test
  void namesItsNetworkWithoutTellingTheKey() {
    byte[] one = decode(HEAD + "/base16/\n" + HEX).fingerprint();
    assertThat(one).hasSize(16).isEqualTo(decode(HEAD + "/base16/\n" + HEX).fingerprint());
    assertThat(decode(HEAD + "/base16/\n" + HEX.replace("00", "01")).fingerprint())
        .isNotEqualTo(one);
  }

  @Test
  void readsAFileButNoHugeOne(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("swarm.key");
    Files.writeString(file, HEAD + "/base16/\n" + HEX);
    assertThat(PreSharedKey.read(file)).isEqualTo(decode(HEAD + "/base16/\n" + HEX));
    Files.writeString(file, HEAD + "/base16/\n" + HEX + " ".repeat(2000));
    assertThatThrownBy(() -> PreSharedKey.read(file))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("more than 1024 bytes");
  }
}
