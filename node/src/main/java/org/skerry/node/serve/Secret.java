package org.skerry.node.serve;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a caller must know. It is shown as {@code Bearer SECRET} (RFC 6750), or, by tools that can
 * do no other, as the password of {@code Basic} (RFC 7617), with any user or none.
 *
 * @param text 8 to 512 visible characters of ASCII
 */
record Secret(String text) {
  private static final String BEARER = "Bearer ";
  private static final String BASIC = "Basic ";

  Secret {
    if (!text.matches("[\\x21-\\x7e]{8,512}")) {
      throw new IllegalArgumentException("a token has 8 to 512 visible characters of ASCII");
    }
  }

  static Secret random(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return new Secret(HexFormat.of().formatHex(bytes));
  }

  /** Whether the {@code Authorization} header of a call shows it. */
  boolean isShownBy(@Nullable String authorization) {
    if (authorization == null) {
      return false;
    }
    if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return is(authorization.substring(BEARER.length()).strip());
    }
    if (authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      try {
        byte[] decoded =
            Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
        String pair = new String(decoded, StandardCharsets.UTF_8);
        return is(pair) || is(pair.substring(pair.indexOf(':') + 1));
      } catch (IllegalArgumentException e) {
        return false;
      }
    }
    return false;
  }

  /** Takes as long for a nearly right guess as for a wrong one. */
  private boolean is(String shown) {
    return MessageDigest.isEqual(
        shown.getBytes(StandardCharsets.UTF_8), text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "Secret[…]";
  }
}
