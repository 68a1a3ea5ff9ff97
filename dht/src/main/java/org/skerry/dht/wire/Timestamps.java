package org.skerry.dht.wire;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.OptionalLong;

/** The text form of {@code Record.timeReceived}: RFC 3339 in UTC, always with nine decimals. */
public final class Timestamps {
  private static final int MAX_CHARACTERS = 40;
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'").withZone(ZoneOffset.UTC);

  private Timestamps() {}

  public static String format(long epochMs) {
    return FORMAT.format(Instant.ofEpochMilli(epochMs));
  }

  /** Milliseconds since the epoch, or nothing when {@code text} is no such time. */
  public static OptionalLong parse(String text) {
    if (text.length() > MAX_CHARACTERS) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Instant.parse(text).toEpochMilli());
    } catch (DateTimeException | ArithmeticException e) {
      return OptionalLong.empty();
    }
  }
}
