package org.skerry.libp2p.pnet;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.bouncycastle.crypto.engines.Salsa20Engine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.skerry.libp2p.crypto.KeyFormatException;

/**
 * The secret that the members of a private network share, 32 bytes.
 *
 * <p>As a file it has three lines, such as other implementations call {@code swarm.key}:
 *
 * <pre>
 * /key/swarm/psk/1.0.0/
 * /base16/
 * 64 hexadecimal digits
 * </pre>
 *
 * The second may also be {@code /base64/}, or {@code /bin/}, which the bare bytes follow.
 *
 * @see <a
 *     href="https://github.com/libp2p/specs/blob/master/pnet/Private-Networks-PSK-V1.md">Private
 *     networks</a>
 */
public final class PreSharedKey {
  static final int BYTES = 32;
  private static final String HEAD = "/key/swarm/psk/1.0.0/";
  private static final int FINGERPRINT_BYTES = 16;
  private static final int MAX_FILE_BYTES = 1024;

  private final byte[] key;

  private PreSharedKey(byte[] key) {
    this.key = key;
  }

  /**
   * Reads a key file.
   *
   * @throws KeyFormatException when it holds no key; the message never shows what it holds
   */
  public static PreSharedKey read(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_FILE_BYTES + 1);
    }
    if (bytes.length > MAX_FILE_BYTES) {
      throw new KeyFormatException("it has more than " + MAX_FILE_BYTES + " bytes");
    }
    return decode(bytes);
  }

  /**
   * Decodes the bytes of a key file.
   *
   * @throws KeyFormatException when they are none
   */
  public static PreSharedKey decode(byte[] file) {
    int first = endOfLine(file, 0);
    if (!line(file, 0, first).equals(HEAD)) {
      throw new KeyFormatException("its first line is not " + HEAD);
    }
    int second = endOfLine(file, first + 1);
    byte[] rest = Arrays.copyOfRange(file, Math.min(second + 1, file.length), file.length);
    String encoding = line(file, first + 1, second);
    byte[] key =
        switch (encoding) {
          case "/base16/" -> hex(text(rest));
          case "/base64/" -> base64(text(rest));
          case "/bin/" -> rest;
          default ->
              throw new KeyFormatException(
                  "its second line is none of /base16/, /base64/ and /bin/");
        };
    if (key.length != BYTES) {
      throw new KeyFormatException("its key has " + key.length + " bytes, not " + BYTES);
    }
    return new PreSharedKey(key);
  }

  private static int endOfLine(byte[] file, int from) {
    int at = from;
    while (at < file.length && file[at] != '\n') {
      at++;
    }
    return at;
  }

  private static String line(byte[] file, int from, int to) {
    return from >= to ? "" : new String(file, from, to - from, US_ASCII).stripTrailing();
  }

  private static String text(byte[] rest) {
    return new String(rest, US_ASCII).strip();
  }

  private static byte[] hex(String text) {
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      throw new KeyFormatException("its third line is not hexadecimal");
    }
  }

  private static byte[] base64(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new KeyFormatException("its third line is not base64");
    }
  }

  /**
   * A name of the network that gives nothing of its key away, 16 bytes: SHAKE-128 of the first 64
   * bytes that Salsa20 makes under the key and the nonce {@code finprint}.
   */
  public byte[] fingerprint() {
    Salsa20Engine cipher = new Salsa20Engine();
    cipher.init(true, new ParametersWithIV(new KeyParameter(key), "finprint".getBytes(US_ASCII)));
    byte[] stream = new byte[64];
    cipher.processBytes(stream, 0, stream.length, stream, 0);
    SHAKEDigest shake = new SHAKEDigest(128);
    shake.update(stream, 0, stream.length);
    byte[] out = new byte[FINGERPRINT_BYTES];
    shake.doFinal(out, 0, out.length);
    return out;
  }

  byte[] bytes() {
    return key.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PreSharedKey that && Arrays.equals(key, that.key);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(key);
  }

  @Override
  public String toString() {
    return "a private network's key"; // and not which: this ends up in logs
  }
}
